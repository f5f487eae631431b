"""What clients ask about concurrency limits."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from lictor.client.errors import Response
from lictor.sdk.api.answer import response
from lictor.sdk.api.method import Steps
from lictor.wire.operation import Call
from lictor.wire.operations import concurrency_limit as rows
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    DecrementWithLease,
    IncrementWithLease,
    ReadConcurrencyLimits,
    RenewLease,
    ResetConcurrencyLimit,
    TagSlots,
)


def create_concurrency_limit(tag: str, concurrency_limit: int) -> Steps[UUID]:
    """Let so many task runs with a tag run at once, and return the id of the limit; one of this tag is changed."""
    found: ConcurrencyLimit = yield rows.CREATE(ConcurrencyLimitCreate(tag=tag, concurrency_limit=concurrency_limit))
    return found.id


def read_concurrency_limit(concurrency_limit_id: UUID) -> Call[ConcurrencyLimit]:
    """Return a limit; raise ObjectNotFound if there is none of this id."""
    return rows.READ(id=concurrency_limit_id)


def read_concurrency_limit_by_tag(tag: str) -> Call[ConcurrencyLimit]:
    """Return a tag's limit; raise ObjectNotFound if it has none."""
    return rows.READ_BY_TAG(tag=tag)


def read_concurrency_limits(limit: int, offset: int) -> Call[list[ConcurrencyLimit]]:
    """Return the limits of tags, `limit` of them after the first `offset`."""
    return rows.FILTER(ReadConcurrencyLimits(limit=limit, offset=offset))


def reset_concurrency_limit_by_tag(tag: str, slot_override: list[UUID | str] | None = None) -> Call[None]:
    """Let nobody or some task runs alone hold the slots of a tag's limit; raise ObjectNotFound if it has none."""
    holders = None if slot_override is None else [UUID(str(each)) for each in slot_override]
    return rows.RESET(ResetConcurrencyLimit(slot_override=holders), tag=tag)


def delete_concurrency_limit(concurrency_limit_id: UUID) -> Call[None]:
    """Delete a limit; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=concurrency_limit_id)


def delete_concurrency_limit_by_tag(tag: str) -> Call[None]:
    """Delete a tag's limit; raise ObjectNotFound if it has none."""
    return rows.DELETE_BY_TAG(tag=tag)


def increment_v1_concurrency_slots(names: list[str], task_run_id: UUID) -> Steps[Response]:
    """Take a slot of each tag's limit for a task run."""
    return (yield from response(rows.INCREMENT(TagSlots(names=names, task_run_id=task_run_id))))


def decrement_v1_concurrency_slots(names: list[str], task_run_id: UUID, occupancy_seconds: float) -> Steps[Response]:
    """Give back a task run's slot of each tag's limit; how long they were held is not kept."""
    return (yield from response(rows.DECREMENT(TagSlots(names=names, task_run_id=task_run_id))))


def increment_concurrency_slots_with_lease(
    names: list[str],
    slots: int,
    mode: Literal["concurrency", "rate_limit"],
    lease_duration: float,
    holder: ConcurrencyLeaseHolder | None = None,
) -> Steps[Response]:
    """Take slots of each named limit, for `lease_duration` seconds from now on; the answer names the lease."""
    body = IncrementWithLease(names=names, slots=slots, mode=mode, lease_duration=lease_duration, holder=holder)
    return (yield from response(rows.INCREMENT_WITH_LEASE(body)))


def renew_concurrency_lease(lease_id: UUID, lease_duration: float) -> Steps[Response]:
    """Let a lease last for so many seconds from now on."""
    return (yield from response(rows.RENEW_LEASE(RenewLease(lease_duration=lease_duration), lease_id=lease_id)))


def release_concurrency_slots_with_lease(lease_id: UUID) -> Steps[Response]:
    """Give back the slots of a lease."""
    return (yield from response(rows.DECREMENT_WITH_LEASE(DecrementWithLease(lease_id=lease_id))))
