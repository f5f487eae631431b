"""Events: something that happened to a resource."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, field

from lictor.kit.clock import now
from lictor.kit.json import empty_object
from lictor.wire.types.common import Answer, DateTime, JSONObject, ObjectText
from lictor.wire.types.model import Model

Address = Annotated[str, Meta(min_length=1, extra_json_schema={"format": "uri"})]
Resource = dict[str, str]
"""Labels of a resource; `prefect.resource.id` names it."""


class EventOrder(StrEnum):
    """Orders in which events are listed."""

    ASC = "ASC"
    DESC = "DESC"


class Event(Model, kw_only=True):
    """An event as a client sends it; `payload` is a JSON object as text."""

    occurred: DateTime
    event: str
    resource: Resource
    related: list[Resource] = field(default_factory=list)
    payload: JSONObject = field(default_factory=dict)
    id: UUID
    follows: UUID | None = None


class ReceivedEvent(Answer, kw_only=True):
    """An event as the server answers it, with the time it came in."""

    occurred: DateTime
    event: str
    resource: Resource
    related: list[Resource] = field(default_factory=list)
    payload: ObjectText = field(default_factory=empty_object)
    id: UUID
    follows: UUID | None = None
    received: DateTime = field(default_factory=now)


class Countable(StrEnum):
    """By what events are counted; `day` is `time` with intervals of a day."""

    DAY = "day"
    TIME = "time"
    EVENT = "event"
    RESOURCE = "resource"


class TimeUnit(StrEnum):
    """Units of intervals of time."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


class EventCount(Answer, kw_only=True):
    """How many events there are of a kind, of a resource, or in an interval, and when the first and last occurred."""

    value: str
    label: str
    count: int
    start_time: DateTime
    end_time: DateTime


class EventPage(Answer, kw_only=True):
    """A page of events; `next_page` is the absolute address of the next one."""

    events: list[ReceivedEvent]
    total: int
    next_page: Address | None
