"""Marks workers offline that fell silent, and work pools, queues and deployments not ready that nobody serves."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from lictor.orchestration.deployments import not_asked_for
from lictor.orchestration.rounds import BY, SLICE
from lictor.orchestration.scheduled_runs import tell_status
from lictor.orchestration.work_pools import keep
from lictor.settings import Settings, table
from lictor.store import deployment, work_pool, work_queue, worker
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.work_pool import WorkPoolStatus


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Look at the workers, at pools without one that is online, at queues and deployments that nobody asks for work."""
    usual = settings[table.SERVER_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS]
    multiple = settings[table.SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE]
    await store.write(worker.mark_silent, now, usual, multiple)
    for name in await store.read(work_pool.forsaken, SLICE):
        await store.write(mark_pool, name, now)
    asked = timedelta(seconds=settings[table.SERVER_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS])
    while silent := await store.read(work_queue.silent, now - asked, SLICE):
        await store.write(mark_queues, silent, now - asked, now)
    asked = timedelta(seconds=settings[table.SERVER_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS])
    while silent := await store.read(deployment.silent, now - asked, SLICE):
        await store.write(not_asked_for, silent, now, BY)


@brief
def mark_pool(name: str, now: datetime) -> Transaction[None]:
    """Mark a pool not ready, unless a worker came online meanwhile."""
    found = yield from work_pool.find_to_change(name)
    if found is None or found[0].status != WorkPoolStatus.READY or (yield from worker.online(found[0].id)):
        return
    yield from keep(*found, WorkPoolStatus.NOT_READY, [], now, BY)


@brief
def mark_queues(queue_ids: list[UUID], before: datetime, now: datetime) -> Transaction[None]:
    """Mark queues not ready that were not asked for work since a moment."""
    marked = yield from work_queue.mark_silent(queue_ids, before)
    yield from tell_status(marked, now, BY)
