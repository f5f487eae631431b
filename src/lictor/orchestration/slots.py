"""What the rules must know of slots and caches, read where a proposal needs it, and what they have done about them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from lictor.rules.flow_run import HOLDING
from lictor.rules.transition import DeploymentSlots, Effect, FillCache, RenewLease, TagLimit, TakeLease, TakeSlots
from lictor.store import concurrency_limit, task_run_cache
from lictor.store.concurrency_limit import Lease
from lictor.store.transaction import Transaction
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import State, StateType
from lictor.wire.types.task_run import TaskRun

AGENT = re.compile(r"prefect/(\d+)\.(\d+)\.(\d+)(\S*) \(API [^)]+\)")
RENEWS_FROM = (3, 4, 11)
"""The first client that renews the lease of its deployment's slot."""
MANAGES_UNTIL = (3, 0, 3)
"""The last client of 3.0 whose workers see to the limits of deployments by themselves."""


def limits_of(run: TaskRun, now: datetime) -> Transaction[tuple[TagLimit, ...]]:
    """Return the limits that a task run must find slots of to start."""
    return (yield from concurrency_limit.of_tags(run.tags, run.id, now)) if run.tags else ()


def cached_for(proposed: State, now: datetime) -> Transaction[State | None]:
    """Return the state that a task run may complete in without running."""
    details = proposed.state_details
    if not details.cache_key or details.refresh_cache:
        return None
    return (yield from task_run_cache.find(details.cache_key, now))


def deployment_of(
    run: FlowRun, deployment_id: UUID, proposed: State, now: datetime, agent: str
) -> Transaction[DeploymentSlots | None]:
    """Return the slots of a flow run's deployment, where a proposal takes or renews one, and there is a limit.

    `agent` is what the client calls itself: older ones know nothing of leases.
    """
    lease = run.state.state_details.deployment_concurrency_lease_id if run.state else None
    starts = lease is not None and run.state_type == StateType.PENDING and proposed.type in HOLDING
    if not (starts or proposed.type == StateType.PENDING or proposed.name == "Late"):
        return None
    slots = yield from concurrency_limit.of_deployment(deployment_id, lease, now)
    if slots is None:
        return None
    client = version_of(agent)
    return structs.replace(
        slots,
        renews=client is not None and client >= RENEWS_FROM,
        manages=client is not None and (3, 0, 0) <= client <= MANAGES_UNTIL,
    )


def version_of(agent: str) -> tuple[int, ...] | None:
    """Return the version of a client by what it calls itself; that of a release candidate is its release's."""
    told = AGENT.match(agent)
    return None if told is None else tuple(int(number) for number in told.groups()[:3])


def carry_out(effects: tuple[Effect, ...], run: FlowRun | TaskRun, now: datetime) -> Transaction[None]:
    """Do what a verdict has done beside the run's change of state, once the run has its new state."""
    for effect in effects:
        match effect:
            case TakeSlots(limits):
                lease = Lease.of_task_run(run.id)
                yield from concurrency_limit.take([limit.id for limit in limits], lease, now)
            case TakeLease(slots, seconds):
                lease = Lease(slots.lease, run.id, "deployment", now + timedelta(seconds=seconds))
                yield from concurrency_limit.take([slots.id], lease, now)
            case RenewLease(lease_id, seconds):
                until = None if seconds is None else now + timedelta(seconds=seconds)
                yield from concurrency_limit.renew(lease_id, until, now)
            case FillCache(key, expires):
                assert isinstance(run, TaskRun)
                yield from task_run_cache.fill(key, expires, run, now)
