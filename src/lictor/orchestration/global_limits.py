"""Makes, changes and removes limits by their names: of tags, of deployments, and of whatever users call so."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType, structs

from lictor.kit.ids import uuid7
from lictor.orchestration.refusal import Conflict
from lictor.rules import slots as rules
from lictor.rules.slots import Limit
from lictor.store import concurrency_limit, concurrency_slot, concurrency_waiter
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.concurrency_limit import (
    ConcurrencyHolders,
    GlobalConcurrencyLimit,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    MinimalConcurrencyLimit,
    NewGlobalConcurrencyLimit,
)

T = TypeVar("T")

USUAL_OCCUPANCY = 2.0
"""Seconds for which a slot is held as long as nobody knows better."""


@brief
def create(body: GlobalConcurrencyLimitCreate, now: datetime, by: str) -> Transaction[NewGlobalConcurrencyLimit]:
    """Make a limit."""
    decay = body.slot_decay_per_second
    limit = Limit(uuid7(), body.name, body.limit, now, now, body.active, decay, 0, now, USUAL_OCCUPANCY)
    if not (yield from concurrency_slot.add(limit, by)):
        raise Conflict(f"name: there is a concurrency limit {body.name!r} already; change it, or choose another name.")
    yield from concurrency_slot.set_taken(limit, body.active_slots, now)
    return NewGlobalConcurrencyLimit(
        id=limit.id,
        created=now,
        updated=now,
        active=body.active,
        name=body.name,
        limit=body.limit,
        active_slots=body.active_slots,
        denied_slots=body.denied_slots,
        slot_decay_per_second=decay,
    )


def read(id_or_name: UUID | str, now: datetime) -> Transaction[GlobalConcurrencyLimit]:
    """Return a limit by its id or its name."""
    return shown((yield from concurrency_slot.read(id_or_name, now)), now)


def holders(id_or_name: UUID | str, most: int, now: datetime) -> Transaction[ConcurrencyHolders]:
    """Return who holds slots of a limit and who waits for some, so many of each at the most."""
    limit = yield from concurrency_slot.read(id_or_name, now)
    return (yield from concurrency_waiter.line(limit.id, most, now))


def listed(limit: int, offset: int, now: datetime) -> Transaction[list[GlobalConcurrencyLimit]]:
    """Return a page of all limits, by name."""
    return [shown(each, now) for each in (yield from concurrency_slot.listed(limit, offset, now))]


def shown(limit: Limit, now: datetime) -> GlobalConcurrencyLimit:
    """Return a limit as it is answered."""
    return GlobalConcurrencyLimit(
        id=limit.id,
        created=limit.created,
        updated=limit.updated,
        active=limit.active,
        name=limit.name,
        limit=limit.slots,
        active_slots=rules.taken(limit, now),
        slot_decay_per_second=limit.decay,
    )


def minimal(limits: list[Limit]) -> list[MinimalConcurrencyLimit]:
    """Return limits in brief, by name."""
    in_order = sorted(limits, key=lambda limit: limit.name)
    return [MinimalConcurrencyLimit(id=limit.id, name=limit.name, limit=limit.slots) for limit in in_order]


@brief
def update(id_or_name: UUID | str, body: GlobalConcurrencyLimitUpdate, now: datetime, by: str) -> Transaction[None]:
    """Change a limit; how many slots were denied is not kept, since whoever waits is a row."""
    limit = yield from concurrency_slot.read(id_or_name, now)
    name = given(body.name, limit.name)
    if name != limit.name and (yield from concurrency_slot.is_taken(name)):
        raise Conflict(f"name: there is a concurrency limit {name!r} already; choose another name.")
    decay = given(body.slot_decay_per_second, limit.decay)
    limit = structs.replace(limit, level=rules.level(limit, now), level_at=now)
    if limit.decays and not decay:
        limit = yield from concurrency_slot.settle(limit)
    changed = structs.replace(
        limit, name=name, slots=given(body.limit, limit.slots), active=given(body.active, limit.active), decay=decay
    )
    yield from concurrency_slot.change(changed, now, by)
    if body.active_slots is not UNSET and body.active_slots is not None:
        counted = yield from concurrency_slot.counted([changed], now)
        yield from concurrency_slot.set_taken(counted[0], body.active_slots, now)


def given(sent: T | UnsetType | None, kept: T) -> T:
    """Return what was sent, or what was there where nothing was."""
    return kept if sent is UNSET or sent is None else sent


@brief
def delete(id_or_name: UUID | str, now: datetime) -> Transaction[None]:
    """Remove a limit and its slots; whoever waits for it needs it no more."""
    limit = yield from concurrency_slot.read(id_or_name, now)
    yield from concurrency_limit.delete(limit.id)
