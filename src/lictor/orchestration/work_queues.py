"""Makes, changes and deletes work queues; the priorities of a pool's queues are all different."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import UNSET, UnsetType

from lictor.kit.ids import uuid7
from lictor.orchestration import work_pool_events as events
from lictor.orchestration.refusal import Conflict
from lictor.store import deployment, event, flow_run, work_pool, work_queue
from lictor.store.run_row import SLICE
from lictor.store.transaction import NotFound, Store, Transaction, brief
from lictor.wire.types.work_pool import WorkPool
from lictor.wire.types.work_queue import WorkQueue, WorkQueueCreate, WorkQueueStatus, WorkQueueUpdate

POLLED_LATELY = timedelta(seconds=60)
"""A queue that goes on after a pause is ready if it was asked for work so long ago at the most."""
TOLD = ("name", "description", "concurrency_limit", "priority")
"""The fields whose changes are told in an event."""


def add_queue(
    pool: WorkPool, body: WorkQueueCreate, others: list[WorkQueue], now: datetime, by: str
) -> Transaction[WorkQueue]:
    """Make a queue of a pool that this transaction has read to change; `others` are the pool's queues by priority."""
    queue = WorkQueue(
        id=uuid7(),
        created=now,
        updated=now,
        name=body.name,
        description=body.description or "",
        is_paused=body.is_paused,
        concurrency_limit=body.concurrency_limit,
        priority=body.priority or first_free(others),
        work_pool_id=pool.id,
        work_pool_name=pool.name,
        filter=body.filter,
        status=WorkQueueStatus.PAUSED if body.is_paused else WorkQueueStatus.NOT_READY,
    )
    if not (yield from work_queue.insert(queue, by)):
        raise taken(pool)
    yield from make_room(others, queue, now, by)
    yield from event.add([events.of_queue("created", queue, pool, now)], by)
    queue.active_slots = None if queue.concurrency_limit is None else 0
    return queue


def first_free(queues: list[WorkQueue]) -> int:
    """Return the first priority that no queue has."""
    taken = {queue.priority for queue in queues}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def make_room(others: list[WorkQueue], moved: WorkQueue, now: datetime, by: str) -> Transaction[None]:
    """Move queues that are in the way of another's priority behind it, no more of them and no further than needed."""
    behind = [queue for queue in others if queue.id != moved.id and queue.priority >= moved.priority]
    last = moved.priority
    for queue in sorted(behind, key=lambda each: each.priority):
        if queue.priority > last:
            return
        last = queue.priority = last + 1
        queue.updated = now
        yield from work_queue.save(queue, by)


@brief
def update_queue(queue_id: UUID, body: WorkQueueUpdate, now: datetime, by: str) -> Transaction[tuple[UUID, str | None]]:
    """Change what was sent of a queue; return its id, and its new name if that is another."""
    queue = yield from work_queue.load(queue_id)
    assert queue.work_pool_id is not None
    pool, _ = yield from work_pool.load_to_change(queue.work_pool_id)
    queues = yield from work_queue.of_pool(pool.id)
    queue = found(queues, queue_id)
    before = {field: getattr(queue, field) for field in TOLD}
    renamed = yield from rename(queue, body.name, pool)
    if body.description is not UNSET:
        queue.description = body.description or ""
    for field in ("concurrency_limit", "last_polled", "filter"):
        if (value := getattr(body, field)) is not UNSET:
            setattr(queue, field, value)
    if body.priority not in (UNSET, None):
        queue.priority = body.priority
        yield from make_room(queues, queue, now, by)
    told = []
    status = status_of(queue, body.is_paused, now)
    queue.updated = now
    updates = {
        field: {"from": was, "to": value} for field, was in before.items() if (value := getattr(queue, field)) != was
    }
    if updates:
        told.append(events.queue_updated(queue, pool, updates, now))
    if status != queue.status:
        queue.status = status
        told.append(events.queue_status(queue, pool, now))
    yield from work_queue.save(queue, by)
    yield from event.add(told, by)
    return queue.id, renamed


def found(queues: list[WorkQueue], queue_id: UUID) -> WorkQueue:
    """Return the queue with an id, unless it was deleted meanwhile."""
    for queue in queues:
        if queue.id == queue_id:
            return queue
    raise NotFound("work_queue.of_pool")


def rename(queue: WorkQueue, name: str | UnsetType | None, pool: WorkPool) -> Transaction[str | None]:
    """Give a queue another name, unless it is taken; return it if it is another."""
    if not name or name == queue.name:
        return None
    if (yield from work_queue.find(pool.id, name)) is not None:
        raise taken(pool)
    queue.name = name
    return name


def taken(pool: WorkPool) -> Conflict:
    """Say that a pool has a queue with that name."""
    return Conflict(f"name: a work queue with this name already exists in work pool '{pool.name}'.")


def status_of(queue: WorkQueue, paused: bool | UnsetType, now: datetime) -> WorkQueueStatus | None:
    """Pause a queue or let it go on, if either is said, and return its status then."""
    if paused is UNSET:
        return queue.status
    queue.is_paused = paused
    if paused:
        return WorkQueueStatus.PAUSED
    if queue.status != WorkQueueStatus.PAUSED:
        return queue.status
    lately = queue.last_polled is not None and now - queue.last_polled <= POLLED_LATELY
    return WorkQueueStatus.READY if lately else WorkQueueStatus.NOT_READY


async def rename_runs(store: Store, queue_id: UUID, by: str) -> None:
    """Tell the runs of a queue its name, a slice at a time."""
    while await store.write(rename_some, queue_id, by):
        pass


def rename_some(queue_id: UUID, by: str) -> Transaction[bool]:
    """Tell some of a queue's runs its name; return whether there may be more."""
    queue = yield from work_queue.load(queue_id)
    found = yield from work_queue.misnamed_runs(queue_id, queue.name, SLICE)
    for run_id in found:
        run, stored = yield from flow_run.load(run_id)
        run.work_queue_name = queue.name
        yield from flow_run.save(run, stored, by)
    return len(found) == SLICE


async def delete_queue(store: Store, queue_id: UUID, now: datetime, by: str) -> None:
    """Delete a queue; its runs are let go, a slice at a time so that other writers go on."""
    queue = await store.read(work_queue.load, queue_id)
    assert queue.work_pool_id is not None
    pool, _ = await store.read(work_pool.load, queue.work_pool_id)
    if pool.default_queue_id == queue_id:
        raise Conflict(f"The default queue of work pool '{pool.name}' cannot be deleted; delete the pool, or pause it.")
    await let_go_of_all(store, queue_id, by)
    await store.write(remove_queue, queue_id, now, by)


def remove_queue(queue_id: UUID, now: datetime, by: str) -> Transaction[None]:
    """Delete a queue that is no pool's default, and let go of the runs that it has still."""
    queue = yield from work_queue.load(queue_id)
    assert queue.work_pool_id is not None
    pool, _ = yield from work_pool.load_to_change(queue.work_pool_id)
    yield from remove(queue, pool, now, by)


def remove(queue: WorkQueue, pool: WorkPool, now: datetime, by: str) -> Transaction[None]:
    """Delete a queue of a pool that this transaction has read to change, and let go of the runs that it has still."""
    yield from work_queue.delete(queue.id)
    while (yield from let_go(queue.id, by)):
        pass
    yield from deployment.leave_queue(queue.id)
    yield from event.add([events.of_queue("deleted", queue, pool, now)], by)


async def let_go_of_all(store: Store, queue_id: UUID, by: str) -> None:
    """Take all runs of a queue out of it, a slice at a time."""
    while await store.write(let_go, queue_id, by):
        pass


def let_go(queue_id: UUID, by: str) -> Transaction[bool]:
    """Take some of a queue's runs out of it; return whether there were any."""
    found = yield from work_queue.some_runs(queue_id, SLICE)
    for run_id in found:
        run, stored = yield from flow_run.load(run_id)
        run.work_queue_id = run.work_queue_name = run.work_pool_id = run.work_pool_name = None
        yield from flow_run.save(run, stored, by)
    return bool(found)
