"""Events: something that happened to a resource."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Raw, Struct, field

from lictor.kit.clock import now
from lictor.kit.json import EMPTY_OBJECT
from lictor.wire.types.common import Answer

Resource = dict[str, str]
"""Labels of a resource; `prefect.resource.id` names it."""


class EventOrder(StrEnum):
    """Orders in which events are listed."""

    ASC = "ASC"
    DESC = "DESC"


class Event(Struct, kw_only=True):
    """An event as a client sends it; `payload` is a JSON object as text."""

    occurred: datetime
    event: str
    resource: Resource
    related: list[Resource] = field(default_factory=list)
    payload: Raw = EMPTY_OBJECT
    id: UUID
    follows: UUID | None = None


class ReceivedEvent(Answer, kw_only=True):
    """An event as the server answers it, with the time it came in."""

    occurred: datetime
    event: str
    resource: Resource
    related: list[Resource] = field(default_factory=list)
    payload: Raw = EMPTY_OBJECT
    id: UUID
    follows: UUID | None = None
    received: datetime = field(default_factory=now)


class EventPage(Answer, kw_only=True):
    """A page of events; `next_page` is the absolute address of the next one."""

    events: list[ReceivedEvent]
    total: int
    next_page: str | None
