"""What clients ask about concurrency limits."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from lictor.client.errors import ObjectNotFound, Response
from lictor.sdk.api.answer import response
from lictor.sdk.api.method import Steps
from lictor.wire.operation import Call
from lictor.wire.operations import concurrency_limit as rows
from lictor.wire.types.concurrency_limit import (
    ConcurrencyHolders,
    ConcurrencyLeaseHolder,
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    Decrement,
    DecrementWithLease,
    GlobalConcurrencyLimit,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    Increment,
    IncrementWithLease,
    NewGlobalConcurrencyLimit,
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


def increment_concurrency_slots(
    names: list[str], slots: int, mode: Literal["concurrency", "rate_limit"]
) -> Steps[Response]:
    """Take slots of each named limit, until they are given back or have come back by themselves."""
    return (yield from response(rows.INCREMENT_GLOBAL(Increment(names=names, slots=slots, mode=mode))))


def release_concurrency_slots(names: list[str], slots: int, occupancy_seconds: float) -> Steps[Response]:
    """Give back slots of each named limit that were held for so many seconds."""
    body = Decrement(names=names, slots=slots, occupancy_seconds=occupancy_seconds)
    return (yield from response(rows.DECREMENT_GLOBAL(body)))


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


def create_global_concurrency_limit(concurrency_limit: GlobalConcurrencyLimitCreate) -> Steps[UUID]:
    """Make a limit, and return its id; raise ObjectAlreadyExists if there is one of this name."""
    made: NewGlobalConcurrencyLimit = yield rows.CREATE_GLOBAL(concurrency_limit)
    return made.id


def update_global_concurrency_limit(name: str, concurrency_limit: GlobalConcurrencyLimitUpdate) -> Steps[Response]:
    """Change a limit; raise ObjectNotFound if there is none of this name."""
    return (yield from response(rows.UPDATE_GLOBAL(concurrency_limit, id_or_name=name)))


def delete_global_concurrency_limit_by_name(name: str) -> Steps[Response]:
    """Delete a limit; raise ObjectNotFound if there is none of this name."""
    return (yield from response(rows.DELETE_GLOBAL(id_or_name=name)))


def read_global_concurrency_limit_by_name(name: str) -> Call[GlobalConcurrencyLimit]:
    """Return a limit; raise ObjectNotFound if there is none of this name."""
    return rows.READ_GLOBAL(id_or_name=name)


def upsert_global_concurrency_limit_by_name(
    name: str, limit: int, slot_decay_per_second: float | None = None
) -> Steps[None]:
    """Make a limit, or change how many slots it has, and if given how many of them come back in a second."""
    decay = slot_decay_per_second
    try:
        found: GlobalConcurrencyLimit = yield rows.READ_GLOBAL(id_or_name=name)
    except ObjectNotFound:
        new = GlobalConcurrencyLimitCreate(name=name, limit=limit, slot_decay_per_second=decay or 0.0)
        yield rows.CREATE_GLOBAL(new)
    else:
        changed = GlobalConcurrencyLimitUpdate(limit=limit, slot_decay_per_second=decay)
        yield rows.UPDATE_GLOBAL(changed, id_or_name=found.id)


def read_global_concurrency_limits(limit: int = 10, offset: int = 0) -> Call[list[GlobalConcurrencyLimit]]:
    """Return limits by name, `limit` of them after the first `offset`."""
    return rows.FILTER_GLOBAL(ReadConcurrencyLimits(limit=limit, offset=offset))


def read_concurrency_limit_holders(name: str) -> Call[ConcurrencyHolders]:
    """Return who holds slots of a limit and who waits for some; raise ObjectNotFound if there is none of this name."""
    return rows.READ_HOLDERS(id_or_name=name)
