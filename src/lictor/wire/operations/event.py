"""Operations on events."""

from __future__ import annotations

from types import NoneType
from typing import Annotated

from msgspec import Meta, Struct, field

from lictor.wire.filters import EventFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import Query
from lictor.wire.types.event import Event, EventCount, EventPage, TimeUnit


class ReadEvents(Query, kw_only=True):
    """Which events to list; newest first unless the filter says otherwise."""

    filter: EventFilter | None = None
    limit: Annotated[int, Meta(ge=0, le=50)] = 50


class NextPage(Struct, kw_only=True):
    """Which page to read: the token of a page before."""

    page_token: str = field(name="page-token")


class CountEvents(Query, kw_only=True):
    """Which events to count, and in intervals of how many units where they are counted by time."""

    filter: EventFilter
    time_unit: TimeUnit = TimeUnit.DAY
    time_interval: Annotated[float, Meta(ge=0.01)] = 1.0


CREATE = Operation("POST", "/events", list[Event], NoneType, "run", statuses=(204,))
FILTER = Operation("POST", "/events/filter", ReadEvents, EventPage, "read")
NEXT = Operation("GET", "/events/filter/next", NoneType, EventPage, "read", query=NextPage)
COUNT_BY = Operation("POST", "/events/count-by/{countable}", CountEvents, list[EventCount], "read")
