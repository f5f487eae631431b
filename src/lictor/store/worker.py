"""Workers in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.store.dialect import duration, whole
from lictor.store.queries import queries
from lictor.store.transaction import NotFound, Transaction, many, one
from lictor.store.where import Where
from lictor.wire.filters import WorkerFilter
from lictor.wire.types.worker import Worker, WorkerStatus

SQL = queries("worker")
CHANGING = b',"last_heartbeat_time":null,"heartbeat_interval_seconds":null,"status":"OFFLINE"}'
SECOND = 1_000_000

decode = msgspec.json.Decoder(Worker).decode


def beat(pool_id: UUID, name: str, seconds: int | None, now: datetime, by: str) -> Transaction[UUID]:
    """Let a worker of a pool be online; one that is new is added. Return its id."""
    worker = Worker(id=uuid7(), created=now, updated=now, name=name, work_pool_id=pool_id)
    ask = SQL["beat"](
        id=worker.id.bytes,
        work_pool_id=pool_id.bytes,
        name=name,
        now=to_micros(now),
        heartbeat_interval=None if seconds is None else duration(seconds),
        body=encode(worker)[: -len(CHANGING)].decode(),
        by=by,
    )
    return (yield from one(lambda found: UUID(bytes=found), ask))


def online(pool_id: UUID) -> Transaction[int]:
    """Return how many workers of a pool are online."""
    return (yield from one(int, SQL["online"](work_pool_id=pool_id.bytes)))


def mark_silent(now: datetime, usual: float, multiple: int) -> Transaction[int]:
    """Mark workers offline that missed some signs of life, `usual` seconds apart unless they said; return how many."""
    return len((yield SQL["silent"](now=to_micros(now), usual=duration(usual), multiple=multiple)))


def delete(pool_id: UUID, name: str) -> Transaction[None]:
    """Remove a worker of a pool."""
    if not (yield SQL["delete"](work_pool_id=pool_id.bytes, name=name)):
        raise NotFound("worker.delete")


def delete_of_pool(pool_id: UUID) -> Transaction[None]:
    """Remove the workers of a pool."""
    yield SQL["delete_of_pool"](work_pool_id=pool_id.bytes)


def listed(pool_id: UUID, sought: WorkerFilter | None, limit: int, offset: int) -> Transaction[list[Worker]]:
    """Return the workers of a pool that a filter matches, those first that gave a sign of life last."""
    where = Where()
    rows = where.matching(sought, "workers")
    own = f"work_pool_id = :{where.bind(pool_id.bytes)}"
    statement = (
        f"select body, status, last_heartbeat, heartbeat_interval from worker{rows or ' where true'} and {own} "
        "order by last_heartbeat desc, number limit :limit offset :offset"
    )
    return (yield from many(stored, where.ask("worker.listed", statement, limit=limit, offset=whole(offset))))


def stored(body: str, status: str, last_heartbeat: int, seconds: int | None) -> Worker:
    """Read a worker."""
    worker = decode(body + "}")
    worker.status = WorkerStatus(status)
    worker.last_heartbeat_time = from_micros(last_heartbeat)
    worker.heartbeat_interval_seconds = None if seconds is None else seconds // SECOND
    return worker
