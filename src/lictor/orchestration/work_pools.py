"""Makes, changes and deletes work pools."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, Raw

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.orchestration import work_pool_events as events
from lictor.orchestration import work_queues
from lictor.orchestration.refusal import Absent, Conflict, Reserved
from lictor.store import cleanup, event, work_pool, work_queue, worker
from lictor.store.transaction import Store, Transaction, brief
from lictor.store.work_pool import Change, Stored
from lictor.wire.types.work_pool import (
    AGENT,
    WorkPool,
    WorkPoolCreate,
    WorkPoolStatus,
    WorkPoolStorageConfiguration,
    WorkPoolUpdate,
)
from lictor.wire.types.work_queue import WorkQueueCreate

RESERVED = "prefect"
"""Names that begin so, in whatever case, are not for users."""
ALWAYS_CHANGED = frozenset({"is_paused", "concurrency_limit"})
"""What may be changed of a pool with such a name."""
OF_AGENTS = "default-agent-pool"
"""The pool of queues that are made without one."""
DEFAULT = WorkQueueCreate(name="default", description="The work pool's default queue.")
TOLD = ("description", "base_job_template", "concurrency_limit", "storage_configuration")
"""The fields whose changes are told in an event."""


def is_reserved(name: str) -> bool:
    """Tell whether a name is the server's own."""
    return name.lower().startswith(RESERVED)


def found(pool: Stored | None, name: str) -> Stored:
    """Return a pool, or say that there is none with this name."""
    if pool is None:
        raise absent(name)
    return pool


def absent(name: str) -> Absent:
    """Say that there is no pool with a name."""
    return Absent(f'Work pool "{name}" not found.')


@brief
def create_pool(body: WorkPoolCreate, now: datetime, by: str) -> Transaction[WorkPool]:
    """Make a pool with its default queue."""
    if is_reserved(body.name):
        raise Reserved("name: work pools starting with 'Prefect' are reserved for the server; choose another name.")
    pool = yield from add_pool(body, now, by)
    if pool is None:
        raise Conflict("A work pool with this name already exists.")
    return pool


def add_pool(body: WorkPoolCreate, now: datetime, by: str) -> Transaction[WorkPool | None]:
    """Make a pool with its default queue, unless its name is taken."""
    pool = WorkPool(
        id=uuid7(),
        created=now,
        updated=now,
        name=body.name,
        description=body.description,
        type=body.type,
        base_job_template=Raw(encode(body.base_job_template)),
        is_paused=body.is_paused,
        concurrency_limit=body.concurrency_limit,
        status=None if body.type == AGENT else idle(body.is_paused),
        storage_configuration=body.storage_configuration,
    )
    if not (yield from work_pool.insert(pool, by)):
        return None
    pool.default_queue_id = (yield from work_queues.add_queue(pool, DEFAULT, [], now, by)).id
    yield from work_pool.save(pool, None, by)
    told = [events.of_pool("created", pool, now)]
    if pool.status is not None:
        told.append(events.pool_status(pool, None, now))
    yield from event.add(told, by)
    pool.active_slots = None if pool.concurrency_limit is None else 0
    return pool


def idle(paused: bool) -> WorkPoolStatus:
    """Return the status of a pool without a worker that is online."""
    return WorkPoolStatus.PAUSED if paused else WorkPoolStatus.NOT_READY


def pool_of_agents(now: datetime, by: str) -> Transaction[WorkPool]:
    """Return the pool of queues that are made without one; it is made when it is first asked for."""
    pool = yield from work_pool.find_to_change(OF_AGENTS)
    if pool is None:
        yield from add_pool(WorkPoolCreate(name=OF_AGENTS), now, by)
        pool = yield from work_pool.find_to_change(OF_AGENTS)
    return found(pool, OF_AGENTS)[0]


@brief
def update_pool(name: str, body: WorkPoolUpdate, now: datetime, by: str) -> Transaction[UUID]:
    """Change what was sent of a pool, and return its id."""
    sent = {field: value for field in body.__struct_fields__ if (value := getattr(body, field)) is not UNSET}
    if is_reserved(name) and sent.keys() - ALWAYS_CHANGED:
        raise Reserved("Of work pools starting with 'Prefect' only is_paused and concurrency_limit can be changed.")
    pool, before = found((yield from work_pool.find_to_change(name)), name)
    updates: events.Updates = {}
    for field, value in stored_values(sent).items():
        was = getattr(pool, field)
        setattr(pool, field, value)
        if field in TOLD and encode(was) != encode(value):
            updates[field] = {"from": was, "to": value}
    pool.updated = now
    told = [events.pool_updated(pool, updates, now)] if updates else []
    status = pool.status
    if "is_paused" in sent and pool.type != AGENT:
        online = yield from worker.online(pool.id)
        status = WorkPoolStatus.READY if online and not pool.is_paused else idle(pool.is_paused)
    yield from keep(pool, before, status, told, now, by)
    return pool.id


def stored_values(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an update as a pool has them; null stands for what a pool has at first."""
    values = dict(sent)
    if "base_job_template" in sent:
        values["base_job_template"] = Raw(encode(sent["base_job_template"] or {}))
    if "storage_configuration" in sent:
        values["storage_configuration"] = sent["storage_configuration"] or WorkPoolStorageConfiguration()
    if "is_paused" in sent:
        values["is_paused"] = bool(sent["is_paused"])
    return values


def keep(  # a pool, what it becomes, and who does it when
    pool: WorkPool,
    before: Change | None,
    status: WorkPoolStatus | None,
    told: list[Any],
    now: datetime,
    by: str,
) -> Transaction[None]:
    """Keep what was changed of a pool; of another status an event tells."""
    change = before
    if status is not None and status != pool.status:
        pool.status, pool.updated = status, now
        changed = events.pool_status(pool, before, now)
        change = Change(changed.id, now)
        told = [*told, changed]
    yield from work_pool.save(pool, change, by)
    yield from event.add(told, by)


async def delete_pool(store: Store, name: str, now: datetime, by: str) -> UUID:
    """Delete a pool with its queues and workers, and return its id; its runs are let go, a slice at a time."""
    if is_reserved(name):
        raise Reserved("Work pools starting with 'Prefect' cannot be deleted.")
    pool, _ = found(await store.read(work_pool.find, name), name)
    for queue in await store.read(work_queue.of_pool, pool.id):
        await work_queues.let_go_of_all(store, queue.id, by)
    await store.write(remove_pool, name, now, by)
    return pool.id


def remove_pool(name: str, now: datetime, by: str) -> Transaction[None]:
    """Delete a pool with its queues and workers, and let go of the runs that it has still."""
    pool, _ = found((yield from work_pool.find_to_change(name)), name)
    for queue in (yield from work_queue.of_pool(pool.id)):
        yield from work_queues.remove(queue, pool, now, by)
    yield from worker.delete_of_pool(pool.id)
    yield from cleanup.delete_of_pool(pool.id)
    yield from work_pool.delete(pool.id)
    yield from event.add([events.of_pool("deleted", pool, now)], by)


@brief
def heartbeat(name: str, worker_name: str, seconds: int | None, now: datetime, by: str) -> Transaction[bool]:
    """Take a worker's sign of life; return whether its pool became ready by it."""
    pool, _ = found((yield from work_pool.find(name)), name)
    yield from worker.beat(pool.id, worker_name, seconds, now, by)
    if pool.status != WorkPoolStatus.NOT_READY:
        return False
    pool, before = found((yield from work_pool.find_to_change(name)), name)
    if pool.status != WorkPoolStatus.NOT_READY:
        return False
    yield from keep(pool, before, WorkPoolStatus.READY, [], now, by)
    return True
