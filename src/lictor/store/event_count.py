"""Events counted by name, by resource, or by time."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct

from lictor.kit.clock import from_micros, to_micros
from lictor.store.transaction import Transaction
from lictor.store.where import Where
from lictor.wire.types.event import EventCount, Resource, TimeUnit

if TYPE_CHECKING:
    from lictor.wire.filters import EventFilter

MOST = 1000
"""How many intervals one answer has."""

PIVOT = to_micros(datetime(2024, 4, 1, tzinfo=UTC))
"""A Monday: intervals of every length are counted from it, as in the reference."""

UNITS = {
    TimeUnit.WEEK: timedelta(weeks=1),
    TimeUnit.DAY: timedelta(days=1),
    TimeUnit.HOUR: timedelta(hours=1),
    TimeUnit.MINUTE: timedelta(minutes=1),
    TimeUnit.SECOND: timedelta(seconds=1),
}
MICROSECOND = timedelta(microseconds=1)


class TooMany(Exception):
    """More intervals were asked for than an answer has."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"The interval would make {number} buckets, more than {MOST}: make it longer, or the range of time shorter."
        )


class Labelled(Struct):
    """The resource in an event's stored JSON."""

    resource: Resource


decode_resource = msgspec.json.Decoder(Labelled).decode


class Spans(NamedTuple):
    """Intervals of one length, the first of which contains a moment; times are microseconds since 1970."""

    start: int
    length: int
    number: int


def by_name(sought: EventFilter) -> Transaction[list[EventCount]]:
    """Return how many events of which name a filter matches, the most first."""
    return sorted((yield from grouped(sought, "name")), key=lambda found: (-found.count, found.label))


def by_resource(sought: EventFilter) -> Transaction[list[EventCount]]:
    """Return how many events of which resource a filter matches, the most first; its label is its newest name."""
    found = yield from grouped(sought, "resource_id")
    where = Where()
    rows = where.matching(sought, "events")
    newest = f"select max(position) from event{rows} group by resource_id"
    newest = f"select resource_id, body from event where position in ({newest})"
    labels = {value: label_of(value, body) for value, body in (yield where.ask("event.newest", newest))}
    for count in found:
        count.label = labels.get(count.value, count.value)
    return sorted(found, key=lambda found: (-found.count, found.label))


def label_of(resource_id: str, body: str) -> str:
    """Return the name of an event's resource, or its id."""
    resource = decode_resource(body).resource
    return resource.get("prefect.resource.name") or resource.get("prefect.name") or resource_id


def grouped(sought: EventFilter, column: str) -> Transaction[list[EventCount]]:
    """Return how many events with which value of a column a filter matches."""
    where = Where()
    rows = where.matching(sought, "events")
    statement = f"select {column}, count(*), min(occurred), max(occurred) from event{rows} group by {column}"
    return [
        EventCount(value=value, label=value, count=number, start_time=from_micros(first), end_time=from_micros(last))
        for value, number, first, last in (yield where.ask(f"event.by_{column}", statement))
    ]


def spans_of(sought: EventFilter, unit: TimeUnit, interval: float, now: datetime) -> Spans:
    """Return the intervals that the times of a filter touch; what is yet to come is cut at the end of its unit.

    Raises TooMany if there would be more than an answer has, OverflowError if the last one ends after the year 9999.
    """
    length = max(1, round(UNITS[unit] * interval / MICROSECOND))
    since, until = to_micros(sought.occurred.since), to_micros(sought.occurred.until)
    wanted = -((since - until) // length)
    if wanted > MOST:
        raise TooMany(wanted)
    if until > to_micros(now):
        unit_length = UNITS[unit] // MICROSECOND
        until = to_micros(now) + unit_length - (to_micros(now) - PIVOT) % unit_length - 1
    start = since - (since - PIVOT) % length
    number = max(0, -((start - until) // length))
    from_micros(start + number * length)
    return Spans(start, length, number)


def by_time(sought: EventFilter, spans: Spans) -> Transaction[list[EventCount]]:
    """Return how many events a filter matches in each of some intervals."""
    found = [interval(spans, at) for at in range(spans.number)]
    where = Where()
    condition = where.matching(sought, "events").replace(" where ", " and ", 1)
    statement = (
        "select (occurred - :start) / :length as bucket, count(*) from event "
        f"where occurred >= :start and occurred < :until{condition} group by bucket"
    )
    until = spans.start + spans.number * spans.length
    ask = where.ask("event.by_time", statement, start=spans.start, length=spans.length, until=until)
    for bucket, number in (yield ask) if found else ():
        found[bucket].count = number
    return found


def interval(spans: Spans, at: int) -> EventCount:
    """Return one of some intervals, without events."""
    start = from_micros(spans.start + at * spans.length)
    end = from_micros(spans.start + (at + 1) * spans.length - 1)
    return EventCount(value=str(at), label=start.isoformat(), count=0, start_time=start, end_time=end)
