"""Deployments: flows that the server can start, with their parameters and schedules."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from lictor.kit.json import NULL, null
from lictor.wire.types.common import Answer, Body, DateTime, JSONObject, Labels, Paged
from lictor.wire.types.concurrency_limit import GlobalConcurrencyLimit
from lictor.wire.types.flow_run import CreatedBy, FlowRunPolicy
from lictor.wire.types.model import Model
from lictor.wire.types.schedule import ScheduleGiven, ScheduleGivenOrNull, ScheduleText, kept
from lictor.wire.types.state import StateCreate

Positive = Annotated[int, Meta(gt=0)]
Grace = Annotated[int, Meta(ge=60, le=86400)]


BANNED = frozenset("/%&><")
"""What no name of a deployment may have: it stands in addresses."""


class DeploymentSort(StrEnum):
    """Orders in which deployments are listed."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class DeploymentStatus(StrEnum):
    """Whether somebody asked for a deployment's runs lately."""

    READY = "READY"
    NOT_READY = "NOT_READY"


class ConcurrencyLimitStrategy(StrEnum):
    """What becomes of a run that finds its deployment's limit full: it waits, or ends."""

    ENQUEUE = "ENQUEUE"
    CANCEL_NEW = "CANCEL_NEW"


class ConcurrencyOptions(Model, kw_only=True):
    """What becomes of runs beyond a deployment's limit; a slot is held for `grace_period_seconds` at a time."""

    collision_strategy: ConcurrencyLimitStrategy
    grace_period_seconds: Grace | None = None


class VersionInfo(Model, kw_only=True):
    """Where a version of a deployment comes from, such as a commit; it is not kept."""

    type: str
    version: str


class DeploymentScheduleCreate(Body, kw_only=True):
    """A schedule to give a deployment; its slug is its own within the deployment."""

    active: bool = True
    schedule: ScheduleGiven
    max_scheduled_runs: Positive | None = None
    parameters: JSONObject = field(default_factory=dict)
    slug: str | None = None
    replaces: str | None = None

    def __post_init__(self) -> None:
        self.schedule = kept(self.schedule)


class DeploymentScheduleUpdate(Body, kw_only=True):
    """Changes to a schedule; what is null or not sent stays, save for the parameters."""

    active: bool | None = None
    schedule: ScheduleGivenOrNull = field(default_factory=null)
    max_scheduled_runs: Positive | None = None
    parameters: JSONObject = field(default_factory=dict)
    slug: str | None = None
    replaces: str | None = None

    def __post_init__(self) -> None:
        if self.schedule != NULL:
            self.schedule = kept(self.schedule)


class DeploymentSchedule(Answer, kw_only=True):
    """A schedule of a deployment."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    deployment_id: UUID | None = None
    schedule: ScheduleText
    active: bool = True
    max_scheduled_runs: Positive | None = None
    parameters: JSONObject = field(default_factory=dict)
    slug: str | None = None


class DeploymentCreate(Body, kw_only=True):
    """A deployment to create, or to change by its flow and name; what is not sent stays, save for the schedules.

    Of `concurrency_limit`, a number of runs, and `global_concurrency_limit_id` only one may be given.
    """

    name: str
    flow_id: UUID
    paused: bool | UnsetType = UNSET
    schedules: list[DeploymentScheduleCreate] = field(default_factory=list)
    concurrency_limit: Positive | UnsetType | None = UNSET
    concurrency_options: ConcurrencyOptions | UnsetType | None = UNSET
    global_concurrency_limit_id: UUID | UnsetType | None = UNSET
    enforce_parameter_schema: bool | UnsetType = UNSET
    parameter_openapi_schema: JSONObject | UnsetType | None = UNSET
    parameters: JSONObject = field(default_factory=dict)
    tags: list[str] | UnsetType = UNSET
    labels: Labels | None = field(default_factory=dict)
    pull_steps: list[JSONObject] | UnsetType | None = UNSET
    work_queue_name: str | UnsetType | None = UNSET
    work_pool_name: str | UnsetType | None = UNSET
    storage_document_id: UUID | UnsetType | None = UNSET
    infrastructure_document_id: UUID | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    path: str | UnsetType | None = UNSET
    version: str | UnsetType | None = UNSET
    entrypoint: str | UnsetType | None = UNSET
    job_variables: JSONObject | UnsetType = UNSET
    version_info: VersionInfo | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if BANNED.intersection(self.name):
            raise ValueError(f"name: a name has none of {' '.join(sorted(BANNED))}")
        one_limit(self)


class DeploymentUpdate(Body, kw_only=True):
    """Changes to a deployment; what is not sent stays. Schedules, if sent, replace those that there are."""

    version: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    paused: bool | UnsetType = UNSET
    schedules: list[DeploymentScheduleUpdate] | UnsetType = UNSET
    concurrency_limit: Positive | UnsetType | None = UNSET
    concurrency_options: ConcurrencyOptions | UnsetType | None = UNSET
    global_concurrency_limit_id: UUID | UnsetType | None = UNSET
    parameters: JSONObject | UnsetType | None = UNSET
    parameter_openapi_schema: JSONObject | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    work_queue_name: str | UnsetType | None = UNSET
    work_pool_name: str | UnsetType | None = UNSET
    path: str | UnsetType | None = UNSET
    job_variables: JSONObject | UnsetType | None = UNSET
    pull_steps: list[JSONObject] | UnsetType | None = UNSET
    entrypoint: str | UnsetType | None = UNSET
    storage_document_id: UUID | UnsetType | None = UNSET
    infrastructure_document_id: UUID | UnsetType | None = UNSET
    enforce_parameter_schema: bool | UnsetType | None = UNSET
    version_info: VersionInfo | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        one_limit(self)


def one_limit(body: DeploymentCreate | DeploymentUpdate) -> None:
    """Raise ValueError where two limits are given."""
    if body.concurrency_limit and body.global_concurrency_limit_id:
        raise ValueError("concurrency_limit and global_concurrency_limit_id exclude each other: give one of them")


class UpdatedBy(Answer, kw_only=True):
    """Who or what changed a deployment."""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None


class Deployment(Answer, kw_only=True):
    """A deployment as the server answers it; what other resources say of it comes last."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str
    version: str | None = None
    description: str | None = None
    flow_id: UUID
    paused: bool = False
    concurrency_limit: int | None = None
    concurrency_options: ConcurrencyOptions | None = None
    job_variables: JSONObject = field(default_factory=dict)
    parameters: JSONObject = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    labels: Labels = field(default_factory=dict)
    parameter_openapi_schema: JSONObject | None = field(default_factory=dict)
    path: str | None = None
    pull_steps: list[JSONObject] | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    created_by: CreatedBy | None = None
    updated_by: UpdatedBy | None = None
    enforce_parameter_schema: bool = True
    schedules: list[DeploymentSchedule] = field(default_factory=list)
    global_concurrency_limit: GlobalConcurrencyLimit | None = None
    work_queue_id: UUID | None = None
    work_queue_name: str | None = None
    work_pool_name: str | None = None
    last_polled: DateTime | None = None
    status: DeploymentStatus | None = DeploymentStatus.NOT_READY


class DeploymentPage(Paged, kw_only=True):
    """A page of deployments."""

    results: list[Deployment]


class DeploymentFlowRunCreate(Body, kw_only=True):
    """A run of a deployment to create: scheduled for now unless a state is given, parameters over the deployment's."""

    state: StateCreate | None = None
    name: str | None = None
    parameters: JSONObject = field(default_factory=dict)
    enforce_parameter_schema: bool | None = None
    context: JSONObject = field(default_factory=dict)
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = field(default_factory=FlowRunPolicy)
    tags: list[str] = field(default_factory=list)
    idempotency_key: str | None = None
    labels: Labels | None = field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    work_queue_name: str | None = None
    job_variables: JSONObject | None = None

    def __post_init__(self) -> None:
        self.empirical_policy.fill()


class FlowRunCreateResult(Answer, kw_only=True):
    """What came of one of several runs to create."""

    flow_run_id: UUID | None = None
    status: Literal["CREATED", "FAILED"]
    error: str | None = None


class FlowRunBulkCreateResponse(Answer, kw_only=True):
    """What came of several runs to create, in their order."""

    results: list[FlowRunCreateResult] = field(default_factory=list)
