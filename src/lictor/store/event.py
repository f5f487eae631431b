"""Events in the store, in the order they came in."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from lictor.kit.clock import to_micros
from lictor.kit.json import encode
from lictor.store.cursor import START, Cursor, Page, ready
from lictor.store.cursor import end as end_of
from lictor.store.dialect import whole
from lictor.store.queries import queries
from lictor.store.transaction import Ask, Transaction, many, one
from lictor.store.where import Where
from lictor.wire.types.event import EventOrder, ReceivedEvent

if TYPE_CHECKING:
    from lictor.wire.filters import EventFilter

SQL = queries("event")


def add(events: list[ReceivedEvent], by: str) -> Transaction[None]:
    """Add events; those that are there are left alone."""
    yield SQL["insert"].each([columns(received, by) for received in events])


def ask(received: ReceivedEvent, by: str) -> Ask:
    """Return what adds an event within a write."""
    return SQL["insert"](**columns(received, by))


def page(sought: EventFilter, limit: int, offset: int) -> Transaction[list[str]]:
    """Return the JSON of the events that a filter matches; `distinct` leaves the first one of each resource."""
    where = Where()
    rows = f"event{where.matching(sought, 'events')}"
    down = "" if sought.order == EventOrder.ASC else " desc"
    order = f"occurred{down}, position{down}"
    if is_distinct(sought):
        numbered = f"row_number() over (partition by resource_id order by {order}) as place"
        rows = f"(select body, occurred, position, {numbered} from {rows}) as event where place = 1"
    statement = f"select body from {rows} order by {order} limit :limit offset :offset"
    return (yield from many(str, where.ask("event.page", statement, limit=limit, offset=whole(offset))))


def count(sought: EventFilter) -> Transaction[int]:
    """Return how many events a filter matches."""
    where = Where()
    rows = where.matching(sought, "events")
    counted = "distinct resource_id" if is_distinct(sought) else "*"
    return (yield from one(int, where.ask("event.count", f"select count({counted}) from event{rows}")))


def is_distinct(sought: EventFilter) -> bool:
    """Tell whether one event of each resource is enough."""
    return sought.resource is not None and sought.resource.distinct


def after(cursor: Cursor, sought: EventFilter, limit: int) -> Transaction[Page]:
    """Return the first matching events behind a cursor, in the order they came in."""
    where = Where()
    condition = where.matching(sought, "events").replace(" where ", " and ", 1)
    statement = (
        f"select position, body from event {{by_position}} where {{committed since until position}}{condition} "
        "order by position limit :limit"
    )
    cursor = yield from ready(cursor, "event")
    rows = yield where.ask("event.after", statement, limit=limit, **cursor.values())
    more = len(rows) == limit
    return Page([body for _, body in rows], cursor.behind(rows[-1][0]) if more else cursor.done(), more)


def end() -> Transaction[Cursor]:
    """Return the cursor behind all events."""
    return (yield from end_of("event"))


def since(moment: datetime) -> Transaction[Cursor]:
    """Return the cursor behind which lie all events that occurred since a moment."""
    now = yield from end()
    first = (yield SQL["first_since"](since=to_micros(moment)))[0][0]
    return now if first is None else Cursor(START.since, now.since, first - 1)


def columns(received: ReceivedEvent, by: str) -> dict[str, Any]:
    """Return an event's row."""
    return {
        "id": received.id.bytes,
        "occurred": to_micros(received.occurred),
        "received": to_micros(received.received),
        "name": received.event,
        "resource_id": received.resource.get("prefect.resource.id", ""),
        "body": encode(received).decode(),
        "by": by,
    }
