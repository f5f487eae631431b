"""Work queues in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.json import encode
from lictor.store.dialect import LARGEST, ids, micros, texts, whole
from lictor.store.queries import queries
from lictor.store.transaction import NotFound, Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.filters import WorkQueueFilter
from lictor.wire.types.flow_run import FlowRunSlotSummary
from lictor.wire.types.state import StateType
from lictor.wire.types.work_queue import WorkQueue, WorkQueueStatus

SQL = queries("work_queue")
CHANGING = b',"last_polled":null,"status":null,"active_slots":null}'
SECOND = 1_000_000

decode = msgspec.json.Decoder(WorkQueue).decode


class Taken(msgspec.Struct, frozen=True):
    """How many runs hold slots of a queue: those that wait for their start or run, and those in cancellation too."""

    running: int = 0
    all: int = 0


NONE = Taken()


def insert(queue: WorkQueue, by: str) -> Transaction[bool]:
    """Add a queue unless its name is taken in its pool; return whether it was added."""
    assert queue.work_pool_id is not None
    return bool((yield SQL["insert"](work_pool_id=queue.work_pool_id.bytes, **columns(queue, by))))


def load(queue_id: UUID) -> Transaction[WorkQueue]:
    """Return a queue."""
    return (yield from one(stored, SQL["read"](id=queue_id.bytes)))


def load_to_change(queue_id: UUID) -> Transaction[WorkQueue]:
    """Return a queue that is then saved."""
    return (yield from one(stored, SQL["read_to_change"](id=queue_id.bytes)))


def find(pool_id: UUID, name: str) -> Transaction[WorkQueue | None]:
    """Return the queue of a pool with a name."""
    return (yield from maybe(stored, SQL["read_by_name"](work_pool_id=pool_id.bytes, name=name)))


def of_pool(pool_id: UUID) -> Transaction[list[WorkQueue]]:
    """Return the queues of a pool by priority; a transaction that changes them has read the pool to change it."""
    return (yield from many(stored, SQL["of_pool"](work_pool_id=pool_id.bytes)))


def save(queue: WorkQueue, by: str) -> Transaction[None]:
    """Keep what was changed of a queue."""
    yield from one(bytes, SQL["update"](**columns(queue, by)))


def delete(queue_id: UUID) -> Transaction[None]:
    """Remove a queue; its runs have been let go before."""
    if not (yield SQL["delete"](id=queue_id.bytes)):
        raise NotFound("work_queue.delete")


def some_runs(queue_id: UUID, most: int) -> Transaction[list[UUID]]:
    """Return some of the runs of a queue."""
    return (yield from many(identifier, SQL["some_runs"](id=queue_id.bytes, most=most)))


def misnamed_runs(queue_id: UUID, name: str, most: int) -> Transaction[list[UUID]]:
    """Return some of the runs of a queue that have another name for it than this."""
    return (yield from many(identifier, SQL["misnamed_runs"](id=queue_id.bytes, name=name, most=most)))


def polled(queue_ids: Iterable[UUID], now: datetime) -> Transaction[list[UUID]]:
    """Remember that queues were asked for work; return those that are ready since then."""
    yield SQL["polled"](ids=(packed := ids(queue_ids)), now=to_micros(now))
    return (yield from many(identifier, SQL["ready"](ids=packed)))


def silent(before: datetime, most: int) -> Transaction[list[UUID]]:
    """Return some of the queues that count as ready and were not asked for work since a moment."""
    return (yield from many(identifier, SQL["silent"](before=to_micros(before), most=most)))


def mark_silent(queue_ids: Iterable[UUID], before: datetime) -> Transaction[list[UUID]]:
    """Mark queues not ready that were not asked for work since a moment; return which."""
    return (yield from many(identifier, SQL["mark_silent"](ids=ids(queue_ids), before=to_micros(before))))


def taken(queue_ids: Iterable[UUID]) -> Transaction[dict[UUID, Taken]]:
    """Return how many runs hold slots of some queues; a queue of which nobody does is left out."""
    rows = yield SQL["taken"](ids=ids(queue_ids))
    return {UUID(bytes=queue_id): Taken(running, every) for queue_id, running, every in rows}


def with_slots(queues: list[WorkQueue], *, ending: bool) -> Transaction[list[WorkQueue]]:
    """Fill in how many slots are taken of queues that have a limit; `ending`: also by runs in cancellation."""
    limited = [queue for queue in queues if queue.concurrency_limit is not None]
    found = (yield from taken(queue.id for queue in limited)) if limited else {}
    for queue in limited:
        held = found.get(queue.id, NONE)
        queue.active_slots = held.all if ending else held.running
    return queues


def waiting(
    queue_id: UUID, since: datetime | None, until: datetime | None, now: datetime, most: int
) -> Transaction[list[str]]:
    """Return the JSON of the scheduled runs of a queue that are due in a time, those first that are due first."""
    ask = SQL["waiting"](
        id=queue_id.bytes,
        since=-LARGEST if since is None else to_micros(since),
        until=LARGEST if until is None else to_micros(until),
        now=to_micros(now),
        most=most,
    )
    return (yield from many(str, ask))


def holders(
    queue_id: UUID, states: Iterable[StateType], now: datetime, limit: int, offset: int
) -> Transaction[list[FlowRunSlotSummary]]:
    """Return some of the runs that hold slots of a queue."""
    ask = SQL["holders"](id=queue_id.bytes, states=texts(states), limit=limit, offset=whole(offset))
    rows = yield ask
    return [
        FlowRunSlotSummary(
            id=UUID(bytes=run_id),
            name=name,
            state_type=state_type and StateType(state_type),
            state_name=state_name,
            start_time=None if start is None else from_micros(start),
            state_timestamp=None if since is None else from_micros(since),
            time_in_current_state=None if since is None else (to_micros(now) - since) / SECOND,
        )
        for run_id, name, state_type, state_name, start, since in rows
    ]


def late(queue_id: UUID) -> Transaction[int]:
    """Return how many runs of a queue are late."""
    return (yield from one(int, SQL["late"](id=queue_id.bytes)))


def listed(
    sought: WorkQueueFilter | None, pool_id: UUID | None, limit: int, offset: int
) -> Transaction[list[WorkQueue]]:
    """Return the queues that a filter matches: of a pool by priority, of all by name."""
    where = Where()
    rows, order = where.matching(sought, "work_pool_queues"), "name"
    if pool_id is not None:
        own = f"work_queue.work_pool_id = :{where.bind(pool_id.bytes)}"
        rows, order = (f"{rows} and {own}" if rows else f" where {own}"), "priority"
    statement = (
        f"select body, status, last_polled from work_queue{rows} order by {order}, number limit :limit offset :offset"
    )
    return (yield from many(stored, where.ask("work_queue.listed", statement, limit=limit, offset=whole(offset))))


def stored(body: str, status: str, last_polled: int | None) -> WorkQueue:
    """Read a queue."""
    queue = decode(body + "}")
    queue.status = WorkQueueStatus(status)
    queue.last_polled = None if last_polled is None else from_micros(last_polled)
    return queue


def identifier(found: bytes) -> UUID:
    """Read an id."""
    return UUID(bytes=found)


def columns(queue: WorkQueue, by: str) -> dict[str, Any]:
    """Return what changes in a queue's row."""
    bare = msgspec.structs.replace(queue, last_polled=None, status=None, active_slots=None)
    return {
        "id": queue.id.bytes,
        "name": queue.name,
        "priority": whole(queue.priority),
        "status": queue.status,
        "is_paused": int(queue.is_paused),
        "slots": None if queue.concurrency_limit is None else whole(queue.concurrency_limit),
        "last_polled": micros(queue.last_polled),
        "body": encode(bare)[: -len(CHANGING)].decode(),
        "by": by,
    }
