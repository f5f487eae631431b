"""Makes the limits of tags, and takes and gives back their slots for task runs that ask by themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.orchestration.refusal import Full
from lictor.rules.transition import TagLimit
from lictor.store import concurrency_limit
from lictor.store.concurrency_limit import Lease
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
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
