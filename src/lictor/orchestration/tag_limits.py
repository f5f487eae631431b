"""Makes the limits of tags, and takes and gives back slots of limits for those who ask by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from lictor.kit.ids import uuid7
from lictor.orchestration import silent_runs
from lictor.orchestration.refusal import Full, Unfit
from lictor.rules.transition import TagLimit
from lictor.store import concurrency_limit
from lictor.store.concurrency_limit import Lease
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    ConcurrencyLimitWithLease,
    IncrementWithLease,
    MinimalConcurrencyLimit,
    TagSlots,
)


@brief
def put(body: ConcurrencyLimitCreate, now: datetime, by: str) -> Transaction[tuple[ConcurrencyLimit, bool]]:
    """Make the limit of a tag, or change it; return whether it is new."""
    return (yield from concurrency_limit.put(concurrency_limit.TAG + body.tag, body.concurrency_limit, now, by))


@brief
def delete_by_tag(tag: str, now: datetime) -> Transaction[None]:
    """Remove the limit of a tag."""
    limit = yield from concurrency_limit.read_by_tag(tag, now)
    yield from concurrency_limit.delete(limit.id)


@brief
def delete(limit_id: UUID, now: datetime) -> Transaction[None]:
    """Remove the limit of a tag by its id."""
    limit = yield from concurrency_limit.read(limit_id, now)
    yield from concurrency_limit.delete(limit.id)


@brief
def reset(tag: str, holders: list[UUID], now: datetime) -> Transaction[None]:
    """Let exactly these hold slots of a tag's limit."""
    limit = yield from concurrency_limit.read_by_tag(tag, now)
    yield from concurrency_limit.hold(limit, holders, now)


@brief
def increment(body: TagSlots, now: datetime) -> Transaction[list[MinimalConcurrencyLimit]]:
    """Take a slot of each tag's limit, or of none; tags without a limit do not count."""
    limits = yield from concurrency_limit.of_tags(body.names, body.task_run_id, now)
    for limit in limits:
        if limit.limit == 0:
            raise Full(f'The concurrency limit of tag "{limit.tag}" is 0: no task with it can run.', for_good=True)
    for limit in limits:
        if limit.taken >= limit.limit:
            raise Full(f'The concurrency limit of tag "{limit.tag}" is reached.')
    yield from concurrency_limit.take([limit.id for limit in limits], Lease.of_task_run(body.task_run_id), now)
    in_order = sorted(limits, key=lambda limit: body.names.index(limit.tag))
    return [MinimalConcurrencyLimit(id=limit.id, name=limit.tag, limit=limit.limit) for limit in in_order]


@brief
def decrement(body: TagSlots, now: datetime) -> Transaction[list[MinimalConcurrencyLimit]]:
    """Give the slots of tags' limits back, if they are held."""
    limits = yield from concurrency_limit.of_tags(body.names, body.task_run_id, now)
    yield from concurrency_limit.give_back_some(body.names, body.task_run_id)
    return [minimal(limit) for limit in limits]


def minimal(limit: TagLimit) -> MinimalConcurrencyLimit:
    """Return a limit in brief, with its whole name."""
    return MinimalConcurrencyLimit(id=limit.id, name=concurrency_limit.TAG + limit.tag, limit=limit.limit)


@brief
def increment_with_lease(body: IncrementWithLease, now: datetime) -> Transaction[ConcurrencyLimitWithLease]:
    """Take slots of each limit that there is, or of none; a lease of none is not kept."""
    lease_id, holder = uuid7(), body.holder
    names = [name for name in body.names if name.startswith(concurrency_limit.TAG)]  # others are yet to come
    limits = yield from concurrency_limit.named(names, lease_id, now)
    for limit in limits:
        if body.slots > limit.limit:
            raise Unfit(f"slots: {body.slots} are more than the limit {limit.tag!r} has ({limit.limit}).")
        if body.mode == "rate_limit":
            raise Unfit(f"mode: the slots of the limit {limit.tag!r} do not decay, so it limits no rate.")
    for limit in limits:
        if limit.taken + body.slots > limit.limit:
            raise Full(f"No slot of the limit {limit.tag!r} is free.")
    until = now + timedelta(seconds=body.lease_duration)
    holder_id, holder_type = (None, None) if holder is None else (holder.id, holder.type)
    lease = Lease(lease_id, holder_id, holder_type, until, body.slots)
    yield from concurrency_limit.take([limit.id for limit in limits], lease, now)
    return ConcurrencyLimitWithLease(lease_id=lease_id, limits=[minimal(limit) for limit in limits])


@brief
def renew(lease_id: UUID, seconds: float, now: datetime) -> Transaction[bool]:
    """Let a lease last so many seconds from now; return whether it lasted still."""
    renewed = yield from concurrency_limit.renew(lease_id, now + timedelta(seconds=seconds), now)
    if renewed:
        runs = yield from concurrency_limit.flow_runs_of(lease_id)
        yield from silent_runs.note([(run_id, now) for run_id in runs], "lease", now)
    return renewed


@brief
def end_lease(lease_id: UUID) -> Transaction[None]:
    """Give back what a lease holds."""
    yield from concurrency_limit.end_lease(lease_id)
