"""Work pools: where runs of deployments wait for workers, and what those start for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from lictor.kit.json import empty_object
from lictor.wire.types.common import Answer, Body, DateTime, NotNegative, ObjectText, Paged
from lictor.wire.types.flow_run import FlowRunSlotSummary

WorkPoolName = Annotated[str, Meta(pattern=r"^[^/%&><]+$")]
AGENT = "prefect-agent"
"""The type of pools that agents took work from: such a pool has no status."""


class WorkPoolStatus(StrEnum):
    """Whether a work pool has a worker that is online, or is paused."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"


class WorkPoolStorageConfiguration(Body, kw_only=True):
    """How code and results of a pool's runs are stored."""

    bundle_upload_step: dict[str, Any] | None = None
    bundle_execution_step: dict[str, Any] | None = None
    default_result_storage_block_id: UUID | None = None


class WorkPoolCreate(Body, kw_only=True):
    """A work pool to create."""

    name: WorkPoolName
    description: str | None = None
    type: str = AGENT
    base_job_template: dict[str, Any] = field(default_factory=dict)
    is_paused: bool = False
    concurrency_limit: NotNegative | None = None
    storage_configuration: WorkPoolStorageConfiguration = field(default_factory=WorkPoolStorageConfiguration)


class WorkPoolUpdate(Body, kw_only=True):
    """Changes to a work pool; what is not sent stays."""

    description: str | UnsetType | None = UNSET
    is_paused: bool | UnsetType | None = UNSET
    base_job_template: dict[str, Any] | UnsetType | None = UNSET
    concurrency_limit: NotNegative | UnsetType | None = UNSET
    storage_configuration: WorkPoolStorageConfiguration | UnsetType | None = UNSET


class WorkPool(Answer, kw_only=True):
    """A work pool as the server answers it; `active_slots` comes last and is null without a limit."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: WorkPoolName
    description: str | None = None
    type: str
    base_job_template: ObjectText = field(default_factory=empty_object)
    is_paused: bool = False
    concurrency_limit: NotNegative | None = None
    status: WorkPoolStatus | None = None
    default_queue_id: UUID | None = None
    storage_configuration: WorkPoolStorageConfiguration = field(default_factory=WorkPoolStorageConfiguration)
    active_slots: int | None = None


class WorkQueueConcurrencyStatusDetail(Answer, kw_only=True):
    """The slots that are taken of one queue of a pool, and by whom."""

    queue_id: UUID
    queue_name: str
    active_slots: int
    concurrency_limit: int | None = None
    flow_runs: list[FlowRunSlotSummary] = field(default_factory=list)
    flow_run_count: int | None = None


class WorkPoolConcurrencyStatus(Paged, kw_only=True):
    """The slots that are taken of a work pool, queue by queue; pages are of queues."""

    active_slots: int
    concurrency_limit: int | None = None
    queues: list[WorkQueueConcurrencyStatusDetail] = field(default_factory=list)
