"""Concurrency limits in the store, and who holds slots of them.

A limit of task runs is named `tag:` and the tag, one of a deployment `deployment:` and its id. A slot is a row: what is
taken is counted, never kept twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7
from lictor.rules.transition import DeploymentSlots, TagLimit
from lictor.store.dialect import ids, key, micros, texts, whole
from lictor.store.queries import queries
from lictor.store.transaction import Ask, LostRace, NotFound, Transaction, many, maybe, one
from lictor.wire.types.concurrency_limit import ConcurrencyLimit
from lictor.wire.types.deployment import ConcurrencyLimitStrategy, ConcurrencyOptions

SQL = queries("concurrency_limit")
TAG, DEPLOYMENT = "tag:", "deployment:"
"""What the names of limits begin with, by what they limit."""


def of_tags(tags: Iterable[str], holder_id: UUID, now: datetime) -> Transaction[tuple[TagLimit, ...]]:
    """Return the limits of tags as a task run finds them."""
    return (yield from named([TAG + tag for tag in set(tags)], holder_id, now))


def named(names: list[str], holder_id: UUID, now: datetime) -> Transaction[tuple[TagLimit, ...]]:
    """Return the limits with some names as a task run finds them."""
    return tuple(
        (yield from many(found, SQL["read_free"](names=texts(names), holder_id=holder_id.bytes, now=to_micros(now))))
    )


def found(limit_id: bytes, name: str, slots: int, taken: int, held: int) -> TagLimit:
    """Read a tag's limit."""
    return TagLimit(UUID(bytes=limit_id), name.removeprefix(TAG), slots, taken, bool(held))


class Lease(Struct, frozen=True):
    """What takes slots: for whom, if that is known, how many of each limit, and until when, None for ever."""

    id: UUID
    holder_id: UUID | None
    holder_type: str | None
    expires: datetime | None
    slots: int = 1

    @classmethod
    def of_task_run(cls, run_id: UUID) -> Lease:
        """Return the lease of a task run that asked for none: it lasts until it is given back."""
        return cls(run_id, run_id, "task_run", None)


def take(limits: Iterable[UUID], lease: Lease, now: datetime) -> Transaction[None]:
    """Take slots of limits that this transaction found free."""
    for limit_id in limits:
        if (yield from claimed(limit_id, lease.slots, now)):
            yield SQL["take"](**slot(limit_id, lease, now))


def slot(limit_id: UUID, lease: Lease, now: datetime) -> dict[str, Any]:
    """Return the row of what a lease holds of a limit."""
    return {
        "limit_id": limit_id.bytes,
        "lease_id": lease.id.bytes,
        "holder_id": key(lease.holder_id),
        "holder_type": lease.holder_type,
        "slots": lease.slots,
        "poured": 0,
        "expires": micros(lease.expires),
        "now": to_micros(now),
    }


def claimed(limit_id: UUID, wanted: int, now: datetime) -> Transaction[bool]:
    """Make sure that slots of a limit are free until this transaction ends; return whether there is still a limit.

    Another transaction may have taken the last since this one looked: then this one is called again.
    """
    slots = yield from maybe(int, SQL["claim"](id=limit_id.bytes))
    if slots is None:
        return False
    yield SQL["forget_expired"](limit_id=limit_id.bytes, now=to_micros(now))
    if (yield from one(int, SQL["count"](id=limit_id.bytes, now=to_micros(now)))) + wanted > slots:
        raise LostRace("concurrency_limit.count")
    return True


class Options(Struct):
    """What a deployment says of its limit."""

    concurrency_options: ConcurrencyOptions | None = None


decode_options = msgspec.json.Decoder(Options).decode
USUAL = ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def of_deployment(deployment_id: UUID, lease: UUID | None, now: datetime) -> Transaction[DeploymentSlots | None]:
    """Return the slots of a deployment, None where nothing limits it, and whether a lease of one lasts still."""
    ask = SQL["read_deployment"](deployment_id=deployment_id.bytes, lease_id=key(lease), now=to_micros(now))
    return (yield from maybe(slots_of, ask))


def slots_of(limit_id: bytes, slots: int, taken: int, held: int, body: str) -> DeploymentSlots:
    """Read a deployment's limit; the id of a lease to take of it is drawn here."""
    options = decode_options(body).concurrency_options or USUAL
    return DeploymentSlots(
        UUID(bytes=limit_id),
        slots,
        taken,
        lease=uuid7(),
        strategy=options.collision_strategy.value,
        grace_seconds=options.grace_period_seconds,
        held=bool(held),
    )


def renew(lease_id: UUID, until: datetime | None, now: datetime) -> Transaction[bool]:
    """Let a lease last until another time, None for ever; return whether it lasted still."""
    return bool((yield SQL["renew"](lease_id=lease_id.bytes, expires=micros(until), now=to_micros(now))))


def flow_runs_of(lease_id: UUID) -> Transaction[list[UUID]]:
    """Return the flow runs whose slot of their deployment a lease holds."""
    return (yield from many(lambda found: UUID(bytes=found), SQL["flow_runs_of"](lease_id=lease_id.bytes)))


def of_deployment_back(run_id: UUID) -> Ask:
    """Return what gives back the slot that a flow run has of its deployment."""
    return SQL["give_back_of_deployment"](holder_id=run_id.bytes)


def of_tags_back(run_id: UUID) -> Ask:
    """Return what gives back the slots that a task run has of its tags."""
    return SQL["give_back_of_tags"](holder_id=run_id.bytes)


def give_back_some(tags: Iterable[str], holder_id: UUID) -> Transaction[None]:
    """Give back the slots that a task run has of some tags' limits."""
    yield SQL["give_back_some"](names=texts(TAG + tag for tag in tags), holder_id=holder_id.bytes)


def put(name: str, slots: int, now: datetime, by: str) -> Transaction[tuple[ConcurrencyLimit, bool]]:
    """Add a limit or change it; return it, and whether it is new."""
    new = uuid7()
    ask = SQL["put"](id=new.bytes, name=name, slots=whole(slots), now=to_micros(now), by=by)
    made = yield from one(row, ask)
    return (yield from with_holders([made], now))[0], made.id == new


def read(limit_id: UUID, now: datetime) -> Transaction[ConcurrencyLimit]:
    """Return the limit of a tag by its id."""
    limit = yield from one(row, SQL["read"](id=limit_id.bytes, prefix=TAG))
    return (yield from with_holders([limit], now))[0]


def read_by_tag(tag: str, now: datetime) -> Transaction[ConcurrencyLimit]:
    """Return the limit of a tag."""
    limit = yield from one(row, SQL["read_by_name"](name=TAG + tag))
    return (yield from with_holders([limit], now))[0]


def listed(limit: int, offset: int, now: datetime) -> Transaction[list[ConcurrencyLimit]]:
    """Return a page of the limits of tags."""
    page = yield from many(row, SQL["list"](prefix=TAG, limit=limit, offset=offset))
    return (yield from with_holders(page, now))


def with_holders(limits: list[ConcurrencyLimit], now: datetime) -> Transaction[list[ConcurrencyLimit]]:
    """Fill in who holds slots of limits."""
    known = {limit.id.bytes: limit for limit in limits}
    holders = yield from many(
        tuple_of, SQL["read_holders"](limits=ids(limit.id for limit in limits), now=to_micros(now))
    )
    for limit_id, holder_id in holders:
        known[limit_id].active_slots.append(UUID(bytes=holder_id))
    return limits


def tuple_of(limit_id: bytes, holder_id: bytes, taken: int) -> tuple[bytes, bytes]:
    """Read who holds a slot."""
    return limit_id, holder_id


def delete(limit_id: UUID) -> Transaction[None]:
    """Remove a limit and its slots; the places of those who wait for it are forgotten by themselves."""
    yield SQL["delete_slots"](limit_id=limit_id.bytes)
    if not (yield SQL["delete"](id=limit_id.bytes)):
        raise NotFound("concurrency_limit.delete")


def delete_by_name(name: str) -> Transaction[None]:
    """Remove the limit with a name and its slots, if there is one."""
    limit = yield from maybe(row, SQL["read_by_name"](name=name))
    if limit is not None:
        yield from delete(limit.id)


def hold(limit: ConcurrencyLimit, holders: list[UUID], now: datetime) -> Transaction[None]:
    """Let exactly these hold slots of a limit."""
    rows = [slot(limit.id, Lease.of_task_run(holder), now) for holder in dict.fromkeys(holders)]
    for place, row_of_holder in enumerate(rows):  # they are listed as they were given
        row_of_holder["now"] += place
    yield SQL["delete_slots"](limit_id=limit.id.bytes)
    yield SQL["take"].each(rows)


def row(limit_id: bytes, name: str, slots: int, created: int, updated: int) -> ConcurrencyLimit:
    """Read a limit; who holds slots of it is read apart."""
    return ConcurrencyLimit(
        id=UUID(bytes=limit_id),
        created=from_micros(created),
        updated=from_micros(updated),
        tag=name.removeprefix(TAG),
        concurrency_limit=slots,
    )
