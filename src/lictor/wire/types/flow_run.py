"""Flow runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType, field

from lictor.kit.json import empty_object
from lictor.wire.types.common import Answer, Body, DateTime, JSONObject, Labels, NullableObjectText, ObjectText, Paged
from lictor.wire.types.model import Model
from lictor.wire.types.state import SetStateDetails, SetStateStatus, State, StateCreate, StateType


class FlowRunSort(StrEnum):
    """Orders in which flow runs are listed."""

    ID_DESC = "ID_DESC"
    START_TIME_ASC = "START_TIME_ASC"
    START_TIME_DESC = "START_TIME_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"


class FlowRunPolicy(Model, kw_only=True):
    """What the server may do for a run by itself; delays are seconds. The first two fields are older names."""

    max_retries: int = 0
    retry_delay_seconds: float = 0.0
    retries: int | None = None
    retry_delay: int | None = None
    pause_keys: list[str] | None = field(default_factory=list)
    resuming: bool | None = False
    retry_type: Literal["in_process", "reschedule"] | None = None

    def fill(self) -> None:
        """Let the older names stand in where the newer say nothing."""
        if self.max_retries and not self.retries:
            self.retries = self.max_retries
        if self.retry_delay_seconds and not self.retry_delay:
            self.retry_delay = int(self.retry_delay_seconds)


class FlowRunCreate(Body, kw_only=True):
    """A flow run to create; without a state it is PENDING, without a name it gets a random one."""

    state: StateCreate | None = None
    name: str | None = None
    flow_id: UUID
    flow_version: str | None = None
    parameters: JSONObject = field(default_factory=dict)
    context: JSONObject = field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = field(default_factory=FlowRunPolicy)
    tags: list[str] = field(default_factory=list)
    labels: Labels | None = field(default_factory=dict)
    idempotency_key: str | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: JSONObject | None = None
    deployment_id: UUID | None = None

    def __post_init__(self) -> None:
        self.empirical_policy.fill()


class FlowRunUpdate(Body, kw_only=True):
    """Changes to a flow run; what is not sent stays. For a name that is null or empty one is drawn."""

    name: str | UnsetType | None = UNSET
    flow_version: str | UnsetType | None = UNSET
    parameters: JSONObject | UnsetType = UNSET
    empirical_policy: FlowRunPolicy | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    infrastructure_pid: str | UnsetType | None = UNSET
    job_variables: JSONObject | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if self.empirical_policy is not UNSET:
            self.empirical_policy.fill()


class CreatedBy(Answer, kw_only=True):
    """Who or what made a run."""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None


class FlowRunFields(Answer, kw_only=True):
    """What every answer with a flow run says of it."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str = ""
    flow_id: UUID
    state_id: UUID | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    flow_version: str | None = None
    parameters: ObjectText = field(default_factory=empty_object)
    idempotency_key: str | None = None
    context: ObjectText = field(default_factory=empty_object)
    empirical_policy: FlowRunPolicy = field(default_factory=FlowRunPolicy)
    tags: list[str] = field(default_factory=list)
    labels: Labels = field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    expected_start_time: DateTime | None = None
    next_scheduled_start_time: DateTime | None = None
    start_time: DateTime | None = None
    end_time: DateTime | None = None
    total_run_time: float = 0.0
    auto_scheduled: bool = False
    infrastructure_document_id: UUID | None = None
    infrastructure_pid: str | None = None
    created_by: CreatedBy | None = None
    state: State | None = None
    job_variables: NullableObjectText = field(default_factory=empty_object)
    work_queue_id: UUID | None = None
    work_queue_name: str | None = None


class FlowRun(FlowRunFields, kw_only=True):
    """A flow run as the server answers it; the two estimates, worked out when it is read, come last."""

    work_pool_id: UUID | None = None
    work_pool_name: str | None = None
    estimated_run_time: float = 0.0
    estimated_start_time_delta: float = 0.0


class WaitingFlowRun(FlowRunFields, kw_only=True):
    """A flow run as it is handed out to the workers of its pool."""

    labels: Labels | None = field(default_factory=dict)  # type: ignore[assignment]  # as the contract has it
    estimated_run_time: float = 0.0
    estimated_start_time_delta: float = 0.0


class FlowRunSlotSummary(Answer, kw_only=True):
    """What is said of a run that holds a slot of a work queue; `time_in_current_state` is in seconds."""

    id: UUID
    name: str
    state_type: StateType | None = None
    state_name: str | None = None
    start_time: DateTime | None = None
    state_timestamp: DateTime | None = None
    time_in_current_state: float | None = None


class FlowRunPage(Paged, kw_only=True):
    """A page of flow runs."""

    results: list[FlowRun]


class FlowRunResult(Answer, kw_only=True):
    """What came of a state proposed for one of several runs."""

    flow_run_id: UUID
    status: SetStateStatus
    state: State | None = None
    details: SetStateDetails


class FlowRunResults(Answer, kw_only=True):
    """What came of a state proposed for several runs."""

    results: list[FlowRunResult] = field(default_factory=list)
