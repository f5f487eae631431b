"""Answers about work queues, those of a pool and all of them."""

from __future__ import annotations

from uuid import UUID

from lictor.kit.clock import now
from lictor.orchestration import concurrency_status, scheduled_runs
from lictor.orchestration.queue_places import absent_queue, create_queue
from lictor.orchestration.refusal import Absent
from lictor.orchestration.work_pools import OF_AGENTS, absent
from lictor.orchestration.work_queues import delete_queue, rename_runs, update_queue
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, texts
from lictor.store import work_pool, work_queue
from lictor.store.transaction import Transaction
from lictor.wire.operations import work_queue as operations
from lictor.wire.operations.work_queue import ReadWorkQueueConcurrency, ReadWorkQueueRuns, ReadWorkQueues
from lictor.wire.types.work_queue import (
    WorkQueue,
    WorkQueueCreate,
    WorkQueueHealthPolicy,
    WorkQueueStatusDetail,
    WorkQueueUpdate,
)

POOL, NAME = "work_pool_name", "name"
HEALTHY = WorkQueueHealthPolicy()


@answers(operations.CREATE)
@answers(operations.CREATE_IN_POOL)
async def create(request: Request, body: WorkQueueCreate) -> Reply:
    """Make a work queue, in the pool for agents where none is named."""
    made = await request.store.write(create_queue, request.parameters.get(POOL), body, now(), request.by)
    request.server.hub.announce("event")
    return json(made, 201)


def named(pool_name: str, name: str) -> Transaction[WorkQueue]:
    """Return a queue by its pool's name and its own."""
    pool = yield from work_pool.find(pool_name)
    queue = None if pool is None else (yield from work_queue.find(pool[0].id, name))
    if queue is None:
        raise absent_queue(pool_name, name)
    return (yield from work_queue.with_slots([queue], ending=False))[0]


async def queue_of(request: Request) -> WorkQueue:
    """Return the queue that a request names."""
    return await request.store.read(named, request.parameters[POOL], request.parameters[NAME])


@answers(operations.READ_IN_POOL)
async def read_in_pool(request: Request, body: None) -> Reply:
    """Answer a queue of a pool."""
    return json(await queue_of(request))


@answers(operations.UPDATE_IN_POOL)
async def update_in_pool(request: Request, body: WorkQueueUpdate) -> Reply:
    """Change a queue of a pool."""
    request.parameters["id"] = (await queue_of(request)).id
    return await update(request, body)


@answers(operations.DELETE_IN_POOL)
async def delete_in_pool(request: Request, body: None) -> Reply:
    """Delete a queue of a pool."""
    request.parameters["id"] = (await queue_of(request)).id
    return await delete(request, body)


@answers(operations.FILTER_IN_POOL)
async def find_in_pool(request: Request, body: ReadWorkQueues) -> Reply:
    """Answer the queues of a pool that a filter matches, by priority."""
    return json(
        await request.store.read(matching_in_pool, request.parameters[POOL], body, limit_of(request, body.limit))
    )


def matching_in_pool(pool_name: str, body: ReadWorkQueues, limit: int) -> Transaction[list[WorkQueue]]:
    """Return the queues of a pool that a request matches."""
    pool = yield from work_pool.find(pool_name)
    if pool is None:
        raise absent(pool_name)
    found = yield from work_queue.listed(body.work_queues, pool[0].id, limit, body.offset)
    return (yield from work_queue.with_slots(found, ending=False))


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a queue."""
    return json(await request.store.read(one, request.parameters["id"]))


def one(queue_id: UUID) -> Transaction[WorkQueue]:
    """Return a queue by its id."""
    queue = yield from work_queue.load(queue_id)
    return (yield from work_queue.with_slots([queue], ending=True))[0]


@answers(operations.READ_BY_NAME)
async def read_by_name(request: Request, body: None) -> Reply:
    """Answer a queue of the pool for agents by its name."""
    return json(await request.store.read(of_agents, request.parameters[NAME]))


def of_agents(name: str) -> Transaction[WorkQueue]:
    """Return a queue of the pool for agents."""
    pool = yield from work_pool.find(OF_AGENTS)
    queue = None if pool is None else (yield from work_queue.find(pool[0].id, name))
    if queue is None:
        raise Absent("Work queue not found.")
    return (yield from work_queue.with_slots([queue], ending=True))[0]


@answers(operations.UPDATE)
async def update(request: Request, body: WorkQueueUpdate) -> Reply:
    """Change a queue; its runs are told its new name by and by."""
    queue_id, renamed = await request.store.write(update_queue, request.parameters["id"], body, now(), request.by)
    if renamed is not None:
        await rename_runs(request.store, queue_id, request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a queue."""
    await delete_queue(request.store, request.parameters["id"], now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadWorkQueues) -> Reply:
    """Answer the queues of all pools that a filter matches, by name."""
    return json(await request.store.read(matching, body, limit_of(request, body.limit)))


def matching(body: ReadWorkQueues, limit: int) -> Transaction[list[WorkQueue]]:
    """Return the queues of all pools that a request matches."""
    found = yield from work_queue.listed(body.work_queues, None, limit, body.offset)
    return (yield from work_queue.with_slots(found, ending=True))


@answers(operations.GET_RUNS)
async def get_runs(request: Request, body: ReadWorkQueueRuns) -> Reply:
    """Hand the scheduled runs of a queue out; a page of the web interface that asks does not count as a worker."""
    limit, moment = limit_of(request, body.limit), now()
    found = await request.store.read(scheduled_runs.of_queue, request.parameters["id"], body, limit, moment)
    looks = request.headers.get(b"x-prefect-ui", b"false").lower() in (b"true", b"1", b"t", b"yes", b"y", b"on")
    if not looks and await scheduled_runs.note_poll(request.store, found.queues, moment, request.by):
        request.server.hub.announce("event")
    return texts(found.runs)


@answers(operations.CONCURRENCY_STATUS)
async def concurrency(request: Request, body: ReadWorkQueueConcurrency) -> Reply:
    """Answer which runs hold slots of a queue."""
    queue_id, limit = request.parameters["id"], limit_of(request, body.limit)
    return json(await request.store.read(concurrency_status.of_queue, queue_id, body.page, limit, now()))


@answers(operations.STATUS)
async def status(request: Request, body: None) -> Reply:
    """Answer whether a queue is healthy: it was asked for work lately, and has no late runs."""
    queue, late = await request.store.read(health, request.parameters["id"])
    polled, longest = queue.last_polled, HEALTHY.maximum_seconds_since_last_polled or 0
    recent = polled is not None and (now() - polled).total_seconds() < longest
    return json(
        WorkQueueStatusDetail(
            healthy=recent and not late, late_runs_count=late, last_polled=polled, health_check_policy=HEALTHY
        )
    )


def health(queue_id: UUID) -> Transaction[tuple[WorkQueue, int]]:
    """Return a queue, and how many of its runs are late."""
    queue = yield from work_queue.load(queue_id)
    return queue, (yield from work_queue.late(queue_id))
