"""Concurrency limits and their leases."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, field

from lictor.wire.types.common import Answer, Body, DateTime, NotNegative, Query


class ConcurrencyLeaseHolder(Body, kw_only=True):
    """Who holds the slots of a lease."""

    type: Literal["flow_run", "task_run", "deployment"]
    id: UUID


class IncrementWithLease(Query, kw_only=True):
    """Slots to take of each named limit, for `lease_duration` seconds at a time."""

    slots: Annotated[int, Meta(gt=0)]
    names: Annotated[list[str], Meta(min_length=1)]
    mode: Literal["concurrency", "rate_limit"] = "concurrency"
    lease_duration: Annotated[float, Meta(ge=60, le=86400)] = 300
    holder: ConcurrencyLeaseHolder | None = None


class RenewLease(Query, kw_only=True):
    """For how many seconds from now on a lease lasts."""

    lease_duration: Annotated[float, Meta(ge=60, le=86400)] = 300


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
