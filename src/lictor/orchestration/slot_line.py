"""Takes slots of limits for those who ask, in the order in which they came, and gives slots back.

Nobody passes who waits longer for one of the same limits, save where that one could not use the slot now anyway: it
needs a slot of another limit, too, that is full. A place in line is kept for as long as a request stands for it, and
for as long after as its client was told to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from lictor.kit.ids import uuid7
from lictor.orchestration import silent_runs
from lictor.orchestration.refusal import Unfit
from lictor.rules import slots as rules
from lictor.rules.slots import Limit
from lictor.store import concurrency_limit, concurrency_slot, concurrency_waiter
from lictor.store.concurrency_limit import TAG, Lease
from lictor.store.concurrency_waiter import Place, Waiter
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder, Decrement, Mode

GRACE = timedelta(seconds=3)
"""A place is kept for so much longer than its client was told to wait: the way takes time."""


class Wanted(Struct, frozen=True):
    """What somebody wants: slots of each of some limits, by a lease of so many seconds or without one.

    `most` and `most_of_tag` are the seconds that a client is told to wait at the most, for a slot of a tag's limit too.
    """

    names: tuple[str, ...]
    slots: int
    mode: Mode
    place: Place
    lease_seconds: float | None = None
    holder: ConcurrencyLeaseHolder | None = None
    most: float = 30.0
    most_of_tag: float = 10.0


class Given(Struct, frozen=True):
    """Slots that were taken: by which lease, and of which limits."""

    lease_id: UUID
    limits: list[Limit]


class Waits(Struct, frozen=True):
    """Somebody waits: in which place, for which limits, which of them are full, and how long that may last.

    `comes_back` are the seconds until slots have come back by themselves, where that is what is waited for.
    """

    waiter: Waiter
    limits: frozenset[UUID]
    full: frozenset[UUID]
    seconds: float
    comes_back: float | None


@brief
def take(wanted: Wanted, now: datetime, held: float, waiter: Waiter | None = None) -> Transaction[Given | Waits]:
    """Take slots of each limit that there is, or of none and wait in line.

    `held` are the seconds that a request stands for the place from now on; at 0 it is the client that comes again.
    `waiter` is who waits already.
    """
    limits = yield from concurrency_slot.named(wanted.names)
    active = [limit for limit in limits if limit.active]
    reason = rules.unfit(active, wanted.slots, wanted.mode == "rate_limit")
    if reason is not None:
        raise Unfit(reason)
    waiter = waiter or (yield from concurrency_waiter.waiter_at(wanted.place, now))
    active = yield from concurrency_waiter.crowd(active, waiter, now)
    full = rules.full(active, wanted.slots, now)
    if full:
        return (yield from wait(wanted, waiter, active, full, now, held))
    yield from concurrency_waiter.leave(waiter.id)
    known = {limit.id: limit for limit in active}
    return (yield from give(wanted, [known.get(limit.id, limit) for limit in limits], now))


def wait(  # who wants what, where, and what of it is full
    wanted: Wanted, waiter: Waiter, limits: Sequence[Limit], full: Sequence[Limit], now: datetime, held: float
) -> Transaction[Waits]:
    """Wait in line for slots of limits."""
    told = max(rules.wait(limit, wanted.slots, now, most(wanted, limit)) for limit in full)
    back = [rules.comes_back(limit, wanted.slots, now) for limit in full]
    until = now + timedelta(seconds=held or told) + GRACE
    yield from concurrency_waiter.wait(limits, waiter, wanted.slots, now, until, held > 0)
    return Waits(
        waiter,
        frozenset(limit.id for limit in limits),
        frozenset(limit.id for limit in full),
        told,
        max((one for one in back if one is not None), default=None),
    )


def most(wanted: Wanted, limit: Limit) -> float:
    """Return the most seconds that somebody is told to wait for a slot of a limit."""
    return min(wanted.most, wanted.most_of_tag) if limit.name.startswith(TAG) else wanted.most


def give(wanted: Wanted, limits: list[Limit], now: datetime) -> Transaction[Given]:
    """Take slots of limits that are free."""
    lease_id, holder, seconds = uuid7(), wanted.holder, wanted.lease_seconds
    holder_id, holder_type = (None, None) if holder is None else (holder.id, holder.type)
    until = None if seconds is None else now + timedelta(seconds=seconds)
    lease = Lease(lease_id, holder_id, holder_type, until, wanted.slots)
    for limit in limits:
        yield from concurrency_slot.take(limit, lease, now)
    return Given(lease_id, limits)


@brief
def leave(waiter_id: UUID) -> Transaction[None]:
    """Wait no more."""
    yield from concurrency_waiter.leave(waiter_id)


@brief
def keep(wanted: Wanted, waits: Waits, now: datetime, seconds: float) -> Transaction[None]:
    """Keep a place for a client that comes again in so many seconds."""
    limits = yield from concurrency_slot.named(wanted.names)
    until = now + timedelta(seconds=seconds) + GRACE
    active = [limit for limit in limits if limit.active]
    yield from concurrency_waiter.wait(active, waits.waiter, wanted.slots, now, until, held=False)


@brief
def give_back(body: Decrement, now: datetime) -> Transaction[list[Limit]]:
    """Give back slots that were taken without a lease; those of leases stay."""
    limits = yield from concurrency_slot.named(body.names)
    for limit in limits:
        yield from concurrency_slot.give_back(limit, body.slots, now)
        if body.occupancy_seconds is not None:
            yield from concurrency_slot.learn(limit.id.bytes, body.occupancy_seconds / body.slots)
    return limits


@brief
def renew(lease_id: UUID, seconds: float, now: datetime) -> Transaction[bool]:
    """Let a lease last so many seconds from now; return whether it lasted still."""
    renewed = yield from concurrency_limit.renew(lease_id, now + timedelta(seconds=seconds), now)
    if renewed:
        runs = yield from concurrency_limit.flow_runs_of(lease_id)
        yield from silent_runs.note([(run_id, now) for run_id in runs], "lease", now)
    return renewed


@brief
def end_lease(lease_id: UUID, now: datetime) -> Transaction[bool]:
    """Give back what a lease holds; tell whether it held anything."""
    return (yield from concurrency_slot.end_lease(lease_id, now))
