"""Finds out why a flow run does not run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import structs

from lictor.rules import slots, why
from lictor.rules.why import Facts, FullLimit, Place
from lictor.store import concurrency_slot, concurrency_waiter, deployment, flow_run, work_pool, work_queue, worker
from lictor.store.concurrency_limit import DEPLOYMENT
from lictor.store.transaction import NotFound, Transaction
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.flow_run_why import FlowRunWhy
from lictor.wire.types.state import StateType

MOST_HOLDERS = 20


def why_not(run_id: UUID, late_after: float, now: datetime) -> Transaction[FlowRunWhy]:
    """Return why a flow run does not run."""
    run, _ = yield from flow_run.load(run_id)
    limits = yield from full_limits(run, now)
    facts = Facts(now, run.state, limits=limits, late_after=late_after)
    if run.deployment_id is not None:
        facts = yield from with_deployment(facts, run.deployment_id)
    causes = why.causes((yield from with_places(facts, run)))
    return FlowRunWhy(
        flow_run_id=run_id,
        state_type=run.state_type,
        state_name=run.state_name,
        answer=why.answer(causes),
        causes=causes,
    )


def with_deployment(facts: Facts, deployment_id: UUID) -> Transaction[Facts]:
    """Fill in what is known of a run's deployment, which may be gone."""
    facts = structs.replace(facts, deployment=True)
    found = yield from deployment.find(deployment_id)
    if found is None:
        return facts
    source = found.deployment
    return structs.replace(facts, deployment_paused=source.paused, asked=source.last_polled)


def full_limits(run: FlowRun, now: datetime) -> Transaction[list[FullLimit]]:
    """Return the full limits that keep a run: those whose line it stands in, and its deployment's before it starts."""
    waited = yield from concurrency_waiter.limits_of(run.id, now)
    names: Iterable[str] = ()
    if run.deployment_id is not None and run.state_type == StateType.SCHEDULED:
        names = [f"{DEPLOYMENT}{run.deployment_id}"]
    limits = yield from concurrency_slot.counted((yield from concurrency_slot.some(names, waited)), now)
    found = []
    for limit in limits:
        taken = slots.taken(limit, now)
        if limit.active and (limit.id in waited or taken >= limit.slots):
            line = yield from concurrency_waiter.line(limit.id, MOST_HOLDERS, now)
            found.append(FullLimit(limit.name, limit.slots, taken, line.holders))
    return found


def with_places(facts: Facts, run: FlowRun) -> Transaction[Facts]:
    """Fill in where a run waits for a worker."""
    if run.work_queue_id is None:
        return facts
    try:
        queue = yield from work_queue.load(run.work_queue_id)
        if queue.work_pool_id is None:
            return facts
        pool, _ = yield from work_pool.load(queue.work_pool_id)
    except NotFound:
        return facts
    of_queue = (yield from work_queue.taken([queue.id])).get(queue.id, work_queue.NONE)
    return structs.replace(
        facts,
        pool=Place(pool.name, pool.is_paused, pool.concurrency_limit, (yield from work_pool.taken(pool.id))),
        queue=Place(queue.name, queue.is_paused, queue.concurrency_limit, of_queue.running),
        workers=(yield from worker.online(pool.id)),
        asked=queue.last_polled,
    )
