"""Who waits for slots of limits: the line before each, kept in the database, so that all servers see the same one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7
from lictor.rules.slots import Limit
from lictor.store.dialect import ids
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe
from lictor.wire.types.concurrency_limit import (
    ConcurrencyHolders,
    ConcurrencyLeaseHolder,
    ConcurrencySlot,
    ConcurrencyWaiter,
    HolderType,
)

SQL = queries("concurrency_waiter")
MOST_SLOTS = 2**40
"""So many slots somebody counts as waiting for at the most: the sum of many must be a number that a database has."""
OF_HOLDER = re.compile(r"(flow_run|task_run|deployment) ([0-9a-f-]{36}) ")
"""How the place of somebody begins who says for whom the slots are."""


class Waiter(Struct, frozen=True):
    """Somebody who waits, since when, and by which text its place is found again."""

    id: UUID
    place: str
    since: datetime


class Place(Struct, frozen=True):
    """By what a place in line is found again; one that is `personal` belongs to one waiter only."""

    text: str
    personal: bool


def waiter_at(place: Place, now: datetime) -> Transaction[Waiter]:
    """Return who waits at a place, or somebody who comes just now."""
    ask = SQL["find"](place=place.text, now=to_micros(now), anyway=int(place.personal))
    found = yield from maybe(lambda waiter_id, since: (UUID(bytes=waiter_id), from_micros(since)), ask)
    waiter_id, since = found or (uuid7(), now)
    return Waiter(waiter_id, place.text, since)


def crowd(limits: Sequence[Limit], waiter: Waiter, now: datetime) -> Transaction[list[Limit]]:
    """Fill in what of limits is taken, and how many slots of them those want who came before somebody."""
    asked = SQL["crowd"](
        limits=ids(limit.id for limit in limits),
        waiter_id=waiter.id.bytes,
        since=to_micros(waiter.since),
        now=to_micros(now),
    )
    rows = yield from many(lambda limit_id, rows, ahead: (UUID(bytes=limit_id), (rows, ahead)), asked)
    known = dict(rows)
    return [structs.replace(limit, rows=known[limit.id][0], ahead=known[limit.id][1]) for limit in limits]


def wait(
    limits: Sequence[Limit], waiter: Waiter, slots: int, now: datetime, until: datetime, held: bool
) -> Transaction[None]:
    """Let somebody wait for slots of limits; the place is kept until a time, or until it is taken again."""
    yield SQL["leave"](waiter_id=waiter.id.bytes)
    yield SQL["wait"].each(
        [
            {
                "limit_id": limit.id.bytes,
                "waiter_id": waiter.id.bytes,
                "place": waiter.place,
                "slots": min(slots, MOST_SLOTS),
                "since": to_micros(waiter.since),
                "until": to_micros(until),
                "held": int(held),
            }
            for limit in limits
        ]
    )


def leave(waiter_id: UUID) -> Transaction[None]:
    """Let somebody wait no more."""
    yield SQL["leave"](waiter_id=waiter_id.bytes)


def forget(now: datetime) -> Transaction[None]:
    """Give up the places that nobody came back to."""
    yield SQL["forget"](now=to_micros(now))


def line(limit_id: UUID, most: int, now: datetime) -> Transaction[ConcurrencyHolders]:
    """Return who holds slots of a limit and who waits for some, so many of each at the most."""
    asked = {"limit_id": limit_id.bytes, "most": most, "now": to_micros(now)}
    holders = yield from many(held, SQL["read_held"](**asked))
    waiting = yield from many(waits, SQL["read_line"](**asked))
    return ConcurrencyHolders(holders=holders, waiting=waiting)


def limits_of(run_id: UUID, now: datetime) -> Transaction[list[UUID]]:
    """Return the limits in whose line a flow run stands by itself."""
    begin = f"flow_run {run_id}"
    ask = SQL["limits_of"](begin=begin + " ", end=begin + "!", now=to_micros(now))
    return (yield from many(lambda limit_id: UUID(bytes=limit_id), ask))


def held(  # a row has that many columns
    lease_id: bytes, holder_id: bytes | None, kind: HolderType | None, slots: int, expires: int | None, taken: int
) -> ConcurrencySlot:
    """Read who holds slots."""
    holder = ConcurrencyLeaseHolder(type=kind, id=UUID(bytes=holder_id)) if kind and holder_id else None
    until = None if expires is None else from_micros(expires)
    return ConcurrencySlot(
        lease_id=UUID(bytes=lease_id), slots=slots, since=from_micros(taken), until=until, holder=holder
    )


def waits(place: str, slots: int, since: int) -> ConcurrencyWaiter:
    """Read who waits."""
    found = OF_HOLDER.match(place)
    holder = None if found is None else msgspec.convert({"type": found[1], "id": found[2]}, ConcurrencyLeaseHolder)
    return ConcurrencyWaiter(slots=slots, since=from_micros(since), holder=holder)
