"""Finds the queue in which runs wait, by the names of its pool and its own; what is not there may be made."""

from __future__ import annotations

from datetime import datetime

from lictor.orchestration.refusal import Absent
from lictor.orchestration.work_pools import OF_AGENTS, absent, pool_of_agents
from lictor.orchestration.work_queues import add_queue
from lictor.store import work_pool, work_queue
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.work_pool import WorkPool
from lictor.wire.types.work_queue import WorkQueue, WorkQueueCreate


def queue_of(
    pool_name: str | None, queue_name: str | None, now: datetime, by: str, *, make: bool
) -> Transaction[WorkQueue]:
    """Return a queue, without a name its pool's default; raise Absent for a pool that is not there.

    A queue that is not there is made if `make` says so, else Absent. Without a pool the one for agents is meant, which
    is made with the first queue.
    """
    if pool_name is None:
        pool_name = (yield from pool_of_agents(now, by)).name
    found = yield from work_pool.find(pool_name)
    if found is None:
        raise absent(pool_name)
    pool, _ = found
    if queue_name is None:
        assert pool.default_queue_id is not None
        return (yield from work_queue.load(pool.default_queue_id))
    queue = yield from work_queue.find(pool.id, queue_name)
    if queue is not None:
        return queue
    if not make:
        raise absent_queue(pool_name, queue_name)
    return (yield from create_queue(pool_name, WorkQueueCreate(name=queue_name), now, by))


def absent_queue(pool_name: str, name: str) -> Absent:
    """Say that a pool has no queue with this name."""
    return Absent(f"Work pool queue '{pool_name}/{name}' not found.")


@brief
def create_queue(pool_name: str | None, body: WorkQueueCreate, now: datetime, by: str) -> Transaction[WorkQueue]:
    """Make a queue of a pool, or without one of the pool for agents."""
    pool, made = yield from pool_to_change(pool_name, now, by)
    others = yield from work_queue.of_pool(pool.id)
    if made and body.name == others[0].name:
        return others[0]  # it was made with its pool
    return (yield from add_queue(pool, body, others, now, by))


def pool_to_change(name: str | None, now: datetime, by: str) -> Transaction[tuple[WorkPool, bool]]:
    """Return a pool that is then changed, without a name the one for agents, and whether it was made just now."""
    pool = yield from work_pool.find_to_change(OF_AGENTS if name is None else name)
    if pool is not None:
        return pool[0], False
    if name is not None:
        raise absent(name)
    return (yield from pool_of_agents(now, by)), True
