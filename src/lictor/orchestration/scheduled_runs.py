"""Hands scheduled runs to workers: by the priority of their queues, then by their time, as far as slots are free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from lictor.kit.json import encode
from lictor.orchestration import work_pool_events as events
from lictor.orchestration.deployments import asked_for
from lictor.orchestration.queue_places import absent_queue
from lictor.orchestration.work_pools import absent
from lictor.store import event, work_pool, work_queue
from lictor.store.transaction import NotFound, Store, Transaction, brief
from lictor.wire.operations.work_pool import GetScheduledFlowRuns
from lictor.wire.operations.work_queue import ReadWorkQueueRuns
from lictor.wire.types.work_pool import WorkPool
from lictor.wire.types.work_queue import WorkQueue, WorkQueueStatus

POLL_NOTED = timedelta(seconds=5)
"""How exactly it is kept when a queue was last asked for work: a write for each question would be too much."""


class Handed(NamedTuple):
    """Runs as JSON, and the queues that were asked for them."""

    runs: list[str]
    queues: list[WorkQueue]


def of_pool(name: str, body: GetScheduledFlowRuns, limit: int, now: datetime) -> Transaction[Handed]:
    """Return the runs that a worker of a pool may start."""
    found = yield from work_pool.find(name)
    if found is None:
        raise absent(name)
    pool, _ = found
    queues = yield from work_queue.of_pool(pool.id)
    if body.work_queue_names:
        queues = chosen(pool, queues, body.work_queue_names)
    runs: list[str] = []
    free = limit if pool.concurrency_limit is None else min(limit, (yield from free_slots(pool)))
    if pool.is_paused or free <= 0:
        return Handed(runs, queues)
    slots = yield from free_of_queues(queues, ending=False)
    mark = f',"work_pool_id":"{pool.id}","work_pool_name":{encode(pool.name).decode()},'
    for queue in queues:
        most = min(free - len(runs), slots.get(queue.id, limit))
        if queue.is_paused or most <= 0:
            continue
        texts = yield from work_queue.waiting(queue.id, body.scheduled_after, body.scheduled_before, now, most)
        runs += [handed(text, pool, queue, mark) for text in texts]
    return Handed(runs, queues)


def chosen(pool: WorkPool, queues: list[WorkQueue], names: Iterable[str]) -> list[WorkQueue]:
    """Return the queues with some names, by priority."""
    known = {queue.name for queue in queues}
    for name in names:
        if name not in known:
            raise absent_queue(pool.name, name)
    wanted = set(names)
    return [queue for queue in queues if queue.name in wanted]


def free_slots(pool: WorkPool) -> Transaction[int]:
    """Return how many more runs of a pool may start."""
    return (pool.concurrency_limit or 0) - (yield from work_pool.taken(pool.id))


def free_of_queues(queues: list[WorkQueue], *, ending: bool) -> Transaction[dict[UUID, int]]:
    """Return how many more runs of each queue that has a limit may start."""
    limited = [queue for queue in queues if queue.concurrency_limit is not None]
    yield from work_queue.with_slots(limited, ending=ending)
    return {queue.id: (queue.concurrency_limit or 0) - (queue.active_slots or 0) for queue in limited}


def handed(text: str, pool: WorkPool, queue: WorkQueue, mark: str) -> str:
    """Return a run's JSON as a worker gets it: what marks its pool stands beside it, not in it."""
    before, _, after = text.rpartition(mark)
    return f'{{"work_pool_id":"{pool.id}","work_queue_id":"{queue.id}","flow_run":{before},{after}}}'


def of_queue(queue_id: UUID, body: ReadWorkQueueRuns, limit: int, now: datetime) -> Transaction[Handed]:
    """Return the runs of one queue that may start."""
    queue = yield from work_queue.load(queue_id)
    slots = yield from free_of_queues([queue], ending=True)
    most = min(limit, slots.get(queue.id, limit))
    if queue.is_paused or most <= 0:
        return Handed([], [queue])
    return Handed((yield from work_queue.waiting(queue.id, None, body.scheduled_before, now, most)), [queue])


async def note_poll(store: Store, queues: list[WorkQueue], now: datetime, by: str) -> bool:
    """Remember that queues were asked for work, unless that is just known; return whether any became ready by it."""
    old = [queue.id for queue in queues if not noted(queue, now)]
    return bool(old) and await store.write(poll, old, now, by)


def noted(queue: WorkQueue, now: datetime) -> bool:
    """Tell whether it is known that a queue was asked for work just now."""
    if queue.status == WorkQueueStatus.NOT_READY or queue.last_polled is None:
        return False
    return now - queue.last_polled < POLL_NOTED


@brief
def poll(queue_ids: list[UUID], now: datetime, by: str) -> Transaction[bool]:
    """Remember that queues were asked for work; those that were not ready are so now, and events tell it."""
    ready = yield from work_queue.polled(queue_ids, now)
    yield from tell_status(ready, now, by)
    return bool((yield from asked_for([], queue_ids, now, by)) or ready)


def tell_status(queue_ids: Iterable[UUID], now: datetime, by: str) -> Transaction[None]:
    """Tell in events of the status that queues have."""
    told = []
    for queue_id in queue_ids:
        try:
            queue = yield from work_queue.load(queue_id)
            assert queue.work_pool_id is not None
            pool, _ = yield from work_pool.load(queue.work_pool_id)
        except NotFound:
            continue
        told.append(events.queue_status(queue, pool, now))
    yield from event.add(told, by)
