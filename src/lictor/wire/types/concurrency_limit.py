"""Concurrency limits and their leases."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from lictor.wire.types.common import Answer, Body, DateTime, NotNegative, Query

LimitName = Annotated[str, Meta(pattern=r"^[^/%&><]+$")]
Rate = Annotated[float, Meta(ge=0)]
Mode = Literal["concurrency", "rate_limit"]
HolderType = Literal["flow_run", "task_run", "deployment"]
LeaseSeconds = Annotated[float, Meta(ge=60, le=86400)]


class ConcurrencyLeaseHolder(Body, kw_only=True):
    """Who holds the slots of a lease."""

    type: HolderType
    id: UUID


class Increment(Query, kw_only=True):
    """Slots to take of each named limit until they are given back, or have come back by themselves."""

    slots: Annotated[int, Meta(gt=0)]
    names: Annotated[list[str], Meta(min_length=1)]
    mode: Mode = "concurrency"
    create_if_missing: bool | None = None


class Decrement(Query, kw_only=True):
    """Slots to give back of each named limit, and for how long they were held."""

    slots: Annotated[int, Meta(gt=0)]
    names: Annotated[list[str], Meta(min_length=1)]
    occupancy_seconds: Annotated[float, Meta(gt=0)] | None = None
    create_if_missing: bool | None = None


class IncrementWithLease(Query, kw_only=True):
    """Slots to take of each named limit, for `lease_duration` seconds at a time."""

    slots: Annotated[int, Meta(gt=0)]
    names: Annotated[list[str], Meta(min_length=1)]
    mode: Mode = "concurrency"
    lease_duration: LeaseSeconds = 300
    holder: ConcurrencyLeaseHolder | None = None


class RenewLease(Query, kw_only=True):
    """For how many seconds from now on a lease lasts."""

    lease_duration: LeaseSeconds = 300


class DecrementWithLease(Query, kw_only=True):
    """The lease whose slots to give back."""

    lease_id: UUID


class MinimalConcurrencyLimit(Answer, kw_only=True):
    """A limit, in brief."""

    id: UUID
    name: str
    limit: int


class ConcurrencyLimitWithLease(Answer, kw_only=True):
    """The lease that was given and the limits that it holds slots of."""

    lease_id: UUID
    limits: list[MinimalConcurrencyLimit]


class ConcurrencyLimitCreate(Body, kw_only=True):
    """How many task runs with a tag may run at once."""

    tag: str
    concurrency_limit: int


class ConcurrencyLimit(Answer, kw_only=True):
    """A tag's limit, and the task runs that hold its slots."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    tag: str
    concurrency_limit: int
    active_slots: list[UUID] = field(default_factory=list)


class ReadConcurrencyLimits(Query, kw_only=True):
    """Which page of limits to list."""

    offset: NotNegative = 0
    limit: int | None = None


class ResetConcurrencyLimit(Query, kw_only=True):
    """Who holds the slots of a limit from now on."""

    slot_override: list[UUID] | None = None


class TagSlots(Query, kw_only=True):
    """The tags whose slots a task run takes or gives back."""

    names: list[str]
    task_run_id: UUID


class GlobalConcurrencyLimitCreate(Body, kw_only=True):
    """A limit of a name: how many slots it has, and how many of them come back by themselves in a second."""

    name: LimitName
    limit: NotNegative
    active: bool = True
    active_slots: NotNegative = 0
    denied_slots: NotNegative = 0
    slot_decay_per_second: Rate = 0.0


class GlobalConcurrencyLimitUpdate(Body, kw_only=True):
    """Changes to a limit; what is not sent, or is null, stays."""

    name: LimitName | UnsetType | None = UNSET
    limit: NotNegative | UnsetType | None = UNSET
    active: bool | UnsetType | None = UNSET
    active_slots: NotNegative | UnsetType | None = UNSET
    denied_slots: NotNegative | UnsetType | None = UNSET
    slot_decay_per_second: Rate | UnsetType | None = UNSET


class GlobalConcurrencyLimit(Answer, kw_only=True):
    """A limit, and how many of its slots are taken."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    active: bool = True
    name: str
    limit: int
    active_slots: int
    slot_decay_per_second: float = 2.0


class NewGlobalConcurrencyLimit(Answer, kw_only=True):
    """A limit as it was made."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    active: bool = True
    name: LimitName
    limit: int
    active_slots: int = 0
    denied_slots: int = 0
    slot_decay_per_second: float = 0.0
    avg_slot_occupancy_seconds: float = 2.0


class ConcurrencySlot(Answer, kw_only=True):
    """Slots of a limit that are held: by whom, if that was said, since when and until when, null for ever."""

    lease_id: UUID
    slots: int
    since: DateTime
    until: DateTime | None
    holder: ConcurrencyLeaseHolder | None


class ConcurrencyWaiter(Answer, kw_only=True):
    """Somebody who waits for slots of a limit: who, if that was said, and since when."""

    slots: int
    since: DateTime
    holder: ConcurrencyLeaseHolder | None


class ConcurrencyHolders(Answer, kw_only=True):
    """Who holds slots of a limit, and who waits for some; the first are those who came first."""

    holders: list[ConcurrencySlot]
    waiting: list[ConcurrencyWaiter]
