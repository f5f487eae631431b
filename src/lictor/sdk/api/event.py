"""What clients ask about events."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from lictor.sdk.api.body import json_object
from lictor.sdk.objects import Event, EventPage
from lictor.wire.filters import EventFilter
from lictor.wire.operation import Call
from lictor.wire.operations import event as rows
from lictor.wire.types import event as wire
from lictor.wire.types.event import Countable, EventCount, TimeUnit

MOST = 50
"""How many events a page has at most."""

FILTER, NEXT = rows.FILTER.giving(EventPage), rows.NEXT.giving(EventPage)


def create_events(events: Iterable[Event]) -> Call[None]:
    """Send events."""
    return rows.CREATE([sent(event) for event in events])


def sent(event: Event) -> wire.Event:
    """Return an event as it is sent."""
    return wire.Event(
        occurred=event.occurred,
        event=event.event,
        resource=event.resource,
        related=event.related,
        payload=json_object(event.payload),
        id=event.id,
        follows=event.follows,
    )


def read_events(filter: EventFilter | None = None, limit: int = 100) -> Call[EventPage]:  # noqa: A002  # the protocol's name
    """Return the first page of the events that a filter matches, newest first unless it says otherwise, 50 at most."""
    return FILTER(rows.ReadEvents(filter=filter, limit=min(limit, MOST)))


def read_events_page(next_page_url: str) -> Call[EventPage]:
    """Return a further page of events: that which the `next_page` of the one before names."""
    token = parse_qs(urlsplit(str(next_page_url)).query).get("page-token")
    if not token:
        raise ValueError(
            f"{next_page_url!r} is no address of a page of events: give the `next_page` of the page before"
        )
    return NEXT(query=rows.NextPage(page_token=token[0]))


def count_events(
    countable: Countable,
    filter: EventFilter | None = None,  # noqa: A002  # as in read_events
    time_unit: TimeUnit = TimeUnit.DAY,
    time_interval: float = 1.0,
) -> Call[list[EventCount]]:
    """Count the events that a filter matches: by time in intervals of so many units, by event, or by resource."""
    body = rows.CountEvents(filter=filter or EventFilter(), time_unit=time_unit, time_interval=time_interval)
    return rows.COUNT_BY(body, countable=countable)
