"""Answers about the workers of a pool."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.work_pools import absent, heartbeat
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json
from lictor.store import work_pool, worker
from lictor.store.transaction import NotFound, Transaction
from lictor.wire.operations import worker as operations
from lictor.wire.operations.worker import Heartbeat, ReadWorkers
from lictor.wire.types.worker import Worker

POOL = "work_pool_name"


@answers(operations.HEARTBEAT)
async def beat(request: Request, body: Heartbeat) -> Reply:
    """Take a worker's sign of life."""
    if await request.store.write(
        heartbeat, request.parameters[POOL], body.name, body.heartbeat_interval_seconds, now(), request.by
    ):
        request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadWorkers) -> Reply:
    """Answer the workers of a pool that a filter matches, those first that gave a sign of life last."""
    return json(await request.store.read(matching, request.parameters[POOL], body, limit_of(request, body.limit)))


def matching(pool_name: str, body: ReadWorkers, limit: int) -> Transaction[list[Worker]]:
    """Return the workers of a pool that a request matches."""
    pool = yield from work_pool.find(pool_name)
    if pool is None:
        raise absent(pool_name)
    return (yield from worker.listed(pool[0].id, body.workers, limit, body.offset))


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Forget a worker of a pool."""
    try:
        await request.store.write(remove, request.parameters[POOL], request.parameters["name"])
    except NotFound:
        raise Refusal(detail("Worker not found.", 404)) from None
    return NOTHING


def remove(pool_name: str, name: str) -> Transaction[None]:
    """Forget a worker of a pool."""
    pool = yield from work_pool.find(pool_name)
    if pool is None:
        raise absent(pool_name)
    yield from worker.delete(pool[0].id, name)
