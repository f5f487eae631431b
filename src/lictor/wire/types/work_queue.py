"""Work queues: the order in which a work pool's runs are handed out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from lictor.wire.types.common import Answer, Body, DateTime, NotNegative, Paged
from lictor.wire.types.flow_run import FlowRunSlotSummary
from lictor.wire.types.model import Model

WorkQueueName = Annotated[str, Meta(pattern=r"^[^/%&><]+$")]
Priority = Annotated[int, Meta(gt=0)]
"""1 comes first."""


class WorkQueueStatus(StrEnum):
    """Whether a work queue was asked for work lately, or is paused."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"


class QueueFilter(Model, kw_only=True):
    """Which runs older queues, which went by tags, were for."""

    tags: list[str] | None = None
    deployment_ids: list[UUID] | None = None


class WorkQueueCreate(Body, kw_only=True):
    """A work queue to create; without a priority it comes after those that there are."""

    name: WorkQueueName
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: NotNegative | None = None
    priority: Priority | None = None
    filter: QueueFilter | None = None


class WorkQueueUpdate(Body, kw_only=True):
    """Changes to a work queue; what is not sent stays."""

    name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    is_paused: bool | UnsetType = UNSET
    concurrency_limit: NotNegative | UnsetType | None = UNSET
    priority: Priority | UnsetType | None = UNSET
    last_polled: DateTime | UnsetType | None = UNSET
    filter: QueueFilter | UnsetType | None = UNSET


class WorkQueueFields(Answer, kw_only=True):
    """What every answer with a work queue says of it."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: WorkQueueName
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: NotNegative | None = None
    priority: Priority = 1
    work_pool_id: UUID | None = None
    filter: QueueFilter | None = None


class CheckedWorkQueue(WorkQueueFields, kw_only=True):
    """A work queue that takes the runs of a deployment in by its filter."""

    last_polled: DateTime | None = None


class WorkQueue(WorkQueueFields, kw_only=True):
    """A work queue as the server answers it; what changes by itself comes last."""

    work_pool_name: str | None = None
    last_polled: DateTime | None = None
    status: WorkQueueStatus | None = None
    active_slots: int | None = None


class WorkQueueHealthPolicy(Answer, kw_only=True):
    """How many late runs, and seconds without a question for its work, a healthy queue may have."""

    maximum_late_runs: int | None = 0
    maximum_seconds_since_last_polled: int | None = 60


class WorkQueueStatusDetail(Answer, kw_only=True):
    """Whether a work queue is healthy, and what tells it."""

    healthy: bool
    late_runs_count: int = 0
    last_polled: DateTime | None = None
    health_check_policy: WorkQueueHealthPolicy


class WorkQueueConcurrencyStatus(Paged, kw_only=True):
    """The slots that are taken of a work queue, and by whom."""

    active_slots: int
    concurrency_limit: int | None = None
    flow_runs: list[FlowRunSlotSummary] = field(default_factory=list)
