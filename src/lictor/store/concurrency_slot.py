"""Limits by their names and what is taken of them, for those who take slots, give them back or change a limit.

Whoever does has locked the limit first, in the order of ids where there are several.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7
from lictor.rules.slots import MILLION, Limit, level, not_come_back
from lictor.store.concurrency_limit import Lease, slot
from lictor.store.dialect import duration, ids, texts, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, one

SQL = queries("concurrency_slot")
LEAST_HELD = 0.1
"""Seconds that a slot counts as held at the least."""


def limit_of(  # noqa: PLR0913, PLR0917  # a row has that many columns
    limit_id: bytes,
    name: str,
    slots: int,
    created: int,
    updated: int,
    active: int,
    decay: str,
    level: int,
    level_at: int,
    occupancy: int,
) -> Limit:
    """Read a limit; what is taken of it is read apart."""
    return Limit(
        UUID(bytes=limit_id),
        name,
        slots,
        from_micros(created),
        from_micros(updated),
        bool(active),
        float(decay),
        level,
        from_micros(level_at),
        occupancy / MILLION,
    )


def named(names: Iterable[str]) -> Transaction[list[Limit]]:
    """Return the limits with some names, and hold others off from them until this transaction ends."""
    return (yield from many(limit_of, SQL["lock_named"](names=texts(set(names)))))


def read(id_or_name: UUID | str, now: datetime) -> Transaction[Limit]:
    """Return a limit by its id or its name, and in a transaction that writes hold others off from it."""
    match id_or_name:
        case UUID(bytes=limit_id):
            ask = SQL["lock_one"](id=limit_id)
        case name:
            ask = SQL["lock_by_name"](name=name)
    limit = yield from one(limit_of, ask)
    return (yield from counted([limit], now))[0]


def some(names: Iterable[str], limits: Iterable[UUID]) -> Transaction[list[Limit]]:
    """Return the limits with some names or ids, by name."""
    return (yield from many(limit_of, SQL["some"](names=texts(names), limits=ids(limits))))


def listed(limit: int, offset: int, now: datetime) -> Transaction[list[Limit]]:
    """Return a page of all limits, by name."""
    page = yield from many(limit_of, SQL["list_all"](limit=limit, offset=offset))
    return (yield from counted(page, now))


def counted(limits: Sequence[Limit], now: datetime) -> Transaction[list[Limit]]:
    """Fill in how many slots of limits are taken."""
    ask = SQL["count_rows"](limits=ids(limit.id for limit in limits), now=to_micros(now))
    rows = dict((yield from many(lambda limit_id, number: (limit_id, number), ask)))
    return [structs.replace(limit, rows=rows.get(limit.id.bytes, 0)) for limit in limits]


def add(limit: Limit, by: str) -> Transaction[bool]:
    """Add a limit, unless its name is taken; tell whether it was added."""
    row = changeable(limit, limit.created, by) | {"occupancy": duration(limit.occupancy)}
    return bool((yield SQL["add"](**row)))


def is_taken(name: str) -> Transaction[bool]:
    """Tell whether a limit has a name."""
    return bool((yield SQL["read_by_name"](name=name)))


def change(limit: Limit, now: datetime, by: str) -> Transaction[None]:
    """Store how a limit is from now on."""
    yield SQL["change"](**changeable(limit, now, by))


def changeable(limit: Limit, now: datetime, by: str) -> dict[str, object]:
    """Return the columns of a limit that can change."""
    return {
        "id": limit.id.bytes,
        "name": limit.name,
        "slots": whole(limit.slots),
        "active": int(limit.active),
        "decay": repr(limit.decay),
        "level": whole(level(limit, now)),
        "now": to_micros(now),
        "by": by,
    }


def take(limit: Limit, lease: Lease, now: datetime) -> Transaction[None]:
    """Take slots of a limit that were found free; of one that is off a lease holds none."""
    if limit.active and limit.decays:
        yield from pour(limit, level(limit, now) + lease.slots * MILLION, now)
        slots, poured = 0, lease.slots
    else:
        slots, poured = lease.slots if limit.active else 0, 0
    if lease.expires is not None or slots:
        yield SQL["take"](**(slot(limit.id, lease, now) | {"slots": whole(slots), "poured": whole(poured)}))


def pour(limit: Limit, millionths: int, now: datetime) -> Transaction[None]:
    """Say how many slots of a limit have not come back by themselves."""
    yield SQL["pour"](id=limit.id.bytes, level=whole(max(millionths, 0)), now=to_micros(now))


def give_back(limit: Limit, slots: int, now: datetime) -> Transaction[None]:
    """Give back slots of a limit that no lease and no run holds, as many as there are."""
    left = yield from lessen(limit, (yield from many(pair, SQL["read_loose"](limit_id=limit.id.bytes))), slots)
    if limit.decays:
        yield from pour(limit, level(limit, now) - left * MILLION, now)


def set_taken(limit: Limit, wanted: int, now: datetime) -> Transaction[None]:
    """Let so many slots of a limit be taken: those that no lease holds are the first to go, and the last to come."""
    more = wanted - limit.rows
    if limit.decays:
        yield from pour(limit, max(more, 0) * MILLION, now)
        more = min(more, 0)
    if more > 0:
        lease = Lease(uuid7(), None, None, None, more)
        yield SQL["take"](**(slot(limit.id, lease, now) | {"slots": whole(more)}))
    elif more < 0:
        held = yield from many(pair, SQL["read_taken"](limit_id=limit.id.bytes, now=to_micros(now)))
        yield from lessen(limit, held, -more)


def lessen(limit: Limit, held: list[tuple[bytes, int]], slots: int) -> Transaction[int]:
    """Free so many slots of those that are held, the first ones first; return how many could not be freed.

    Their leases last on.
    """
    for lease_id, has in held:
        freed = min(has, slots)
        if not freed:
            break
        slots -= freed
        key = {"limit_id": limit.id.bytes, "lease_id": lease_id}
        yield SQL["lessen"](**key, slots=has - freed)
        if has == freed:
            yield SQL["drop_loose"](**key)
    return slots


def settle(limit: Limit) -> Transaction[Limit]:
    """Make a limit one whose slots do not come back by themselves: what leases hold counts, and nothing else."""
    yield SQL["settle"](limit_id=limit.id.bytes)
    return structs.replace(limit, decay=0.0, level=0)


def end_lease(lease_id: UUID, now: datetime) -> Transaction[bool]:
    """Give back what a lease holds, and learn from it for how long slots are held; tell whether it held anything."""
    rows = sorted([tuple(row) for row in (yield SQL["end_lease"](lease_id=lease_id.bytes))])
    for limit_id, slots, poured, since in rows:
        at = from_micros(since)
        if poured:
            limit = yield from one(limit_of, SQL["lock_one"](id=limit_id))
            left = not_come_back(limit, poured, at, now)
            yield from pour(limit, level(limit, now) - left, now)
        if slots or poured:
            yield from learn(limit_id, (now - at).total_seconds() / (slots or poured))
    return bool(rows)


def learn(limit_id: bytes, seconds: float) -> Transaction[None]:
    """Take into a limit's mean for how long one slot of it was held."""
    yield SQL["learn"](id=limit_id, held=duration(max(seconds, LEAST_HELD)))


def end_expired(now: datetime) -> Transaction[int]:
    """Give back what leases hold that ran out; return of how many limits' slots."""
    return len((yield SQL["end_expired"](now=to_micros(now))))


def pair(lease_id: bytes, slots: int) -> tuple[bytes, int]:
    """Read what holds slots, and how many."""
    return lease_id, slots
