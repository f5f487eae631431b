"""Tells which runs hold the slots of a work pool or a work queue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.orchestration.work_pools import absent
from lictor.store import work_pool, work_queue
from lictor.store.dialect import most
from lictor.store.transaction import Transaction
from lictor.wire.operations.work_pool import ReadWorkPoolConcurrency
from lictor.wire.types.state import StateType
from lictor.wire.types.work_pool import WorkPoolConcurrencyStatus, WorkQueueConcurrencyStatusDetail
from lictor.wire.types.work_queue import WorkQueueConcurrencyStatus

HOLDING = (StateType.PENDING, StateType.RUNNING)
"""The states in which a run holds a slot of its pool."""
ENDING = (*HOLDING, StateType.CANCELLING)
"""Those in which it holds one of a queue that is asked by its id."""


def of_pool(
    name: str, body: ReadWorkPoolConcurrency, limit: int, now: datetime
) -> Transaction[WorkPoolConcurrencyStatus]:
    """Return who holds slots of a pool, queue by queue."""
    found = yield from work_pool.find(name)
    if found is None:
        raise absent(name)
    pool, _ = found
    queues = yield from work_queue.listed(None, pool.id, most(None), 0)
    taken = yield from work_queue.taken(queue.id for queue in queues)
    offset = (body.page - 1) * limit
    details = []
    for queue in queues[offset : offset + limit]:
        held = taken.get(queue.id, work_queue.NONE).running
        runs = yield from work_queue.holders(queue.id, HOLDING, now, body.flow_run_limit, 0)
        details.append(
            WorkQueueConcurrencyStatusDetail(
                queue_id=queue.id,
                queue_name=queue.name,
                active_slots=held,
                concurrency_limit=queue.concurrency_limit,
                flow_runs=runs,
                flow_run_count=held,
            )
        )
    return WorkPoolConcurrencyStatus(
        active_slots=sum(held.running for held in taken.values()),
        concurrency_limit=pool.concurrency_limit,
        queues=details,
        count=len(queues),
        limit=limit,
        pages=pages(len(queues), limit),
        page=body.page,
    )


def of_queue(queue_id: UUID, page: int, limit: int, now: datetime) -> Transaction[WorkQueueConcurrencyStatus]:
    """Return who holds slots of a queue."""
    queue = yield from work_queue.load(queue_id)
    held = (yield from work_queue.taken([queue_id])).get(queue_id, work_queue.NONE).all
    return WorkQueueConcurrencyStatus(
        active_slots=held,
        concurrency_limit=queue.concurrency_limit,
        flow_runs=(yield from work_queue.holders(queue_id, ENDING, now, limit, (page - 1) * limit)),
        count=held,
        limit=limit,
        pages=pages(held, limit),
        page=page,
    )


def pages(count: int, limit: int) -> int:
    """Return how many pages there are."""
    return -(-count // limit) if limit else 0
