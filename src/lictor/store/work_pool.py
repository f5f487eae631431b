"""Work pools in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros
from lictor.kit.json import encode
from lictor.store.dialect import key, micros, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.types.work_pool import WorkPool

if TYPE_CHECKING:
    from lictor.wire.operations.work_pool import CountWorkPools, ReadWorkPools

SQL = queries("work_pool")
CHANGING = b',"active_slots":null}'
SLOTS = """body || ',"active_slots":' || case when slots is null then 'null' else cast((
    select count(*) from work_queue join flow_run on flow_run.work_queue_id = work_queue.id
    where work_queue.work_pool_id = work_pool.id and flow_run.state_type in ('PENDING', 'RUNNING')
) as text) end || '}'"""
"""A pool's JSON as it is at this moment."""

decode = msgspec.json.Decoder(WorkPool).decode


class Change(msgspec.Struct, frozen=True):
    """A pool's last change of status: its event, and when it was."""

    event_id: UUID
    at: datetime


Stored = tuple[WorkPool, Change | None]


def insert(pool: WorkPool, by: str) -> Transaction[bool]:
    """Add a pool unless its name is taken; return whether it was added."""
    return bool((yield SQL["insert"](name=pool.name, type=pool.type, **columns(pool, None, by))))


def find(name: str) -> Transaction[Stored | None]:
    """Return the pool with a name, and its last change of status."""
    return (yield from maybe(stored, SQL["read"](name=name)))


def load(pool_id: UUID) -> Transaction[Stored]:
    """Return a pool by its id."""
    return (yield from one(stored, SQL["read_by_id"](id=pool_id.bytes)))


def find_to_change(name: str) -> Transaction[Stored | None]:
    """Return the pool with a name, which, or the queues of which, are then changed."""
    return (yield from maybe(stored, SQL["read_to_change"](name=name)))


def load_to_change(pool_id: UUID) -> Transaction[Stored]:
    """Return a pool by its id, which, or the queues of which, are then changed."""
    return (yield from one(stored, SQL["read_to_change_by_id"](id=pool_id.bytes)))


def save(pool: WorkPool, change: Change | None, by: str) -> Transaction[None]:
    """Keep what was changed of a pool."""
    yield from one(bytes, SQL["update"](**columns(pool, change, by)))


def delete(pool_id: UUID) -> Transaction[None]:
    """Remove a pool; its queues and workers are removed before."""
    yield SQL["delete"](id=pool_id.bytes)


def forsaken(most: int) -> Transaction[list[str]]:
    """Return the names of some of the pools that count as ready and have no worker that is online."""
    return (yield from many(str, SQL["forsaken"](most=most)))


def taken(pool_id: UUID) -> Transaction[int]:
    """Return how many runs hold slots of a pool."""
    return (yield from one(int, SQL["taken"](id=pool_id.bytes)))


def text(name: str) -> Transaction[str | None]:
    """Return the JSON of the pool with a name."""
    where = Where()
    statement = f"select {SLOTS} from work_pool where name = :{where.bind(name)}"
    return (yield from maybe(str, where.ask("work_pool.text", statement)))


def texts(body: ReadWorkPools, limit: int) -> Transaction[list[str]]:
    """Return the JSON of the pools that a request matches, by name."""
    where = Where()
    rows = where.matching(body.work_pools, "work_pools")
    statement = f"select {SLOTS} from work_pool{rows} order by name limit :limit offset :offset"
    return (yield from many(str, where.ask("work_pool.texts", statement, limit=limit, offset=whole(body.offset))))


def count(body: CountWorkPools) -> Transaction[int]:
    """Return how many pools a request matches."""
    where = Where()
    rows = where.matching(body.work_pools, "work_pools")
    return (yield from one(int, where.ask("work_pool.count", f"select count(*) from work_pool{rows}")))


def stored(body: str, event_id: bytes | None, changed: int | None) -> Stored:
    """Read a pool and its last change of status."""
    if event_id is None or changed is None:
        return decode(body), None
    return decode(body), Change(UUID(bytes=event_id), from_micros(changed))


def columns(pool: WorkPool, change: Change | None, by: str) -> dict[str, Any]:
    """Return what changes in a pool's row."""
    pool.active_slots = None
    return {
        "id": pool.id.bytes,
        "status": pool.status,
        "is_paused": int(pool.is_paused),
        "slots": None if pool.concurrency_limit is None else whole(pool.concurrency_limit),
        "default_queue_id": key(pool.default_queue_id),
        "status_event_id": key(change.event_id if change else None),
        "status_changed": micros(change.at if change else None),
        "body": encode(pool)[: -len(CHANGING)].decode(),
        "by": by,
    }
