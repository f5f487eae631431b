"""Task runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from lictor.wire.types.common import Answer, Body, DateTime, Labels, Paged
from lictor.wire.types.model import Model
from lictor.wire.types.state import State, StateCreate, StateType


class TaskRunSort(StrEnum):
    """Orders in which task runs are listed."""

    ID_DESC = "ID_DESC"
    EXPECTED_START_TIME_ASC = "EXPECTED_START_TIME_ASC"
    EXPECTED_START_TIME_DESC = "EXPECTED_START_TIME_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    NEXT_SCHEDULED_START_TIME_ASC = "NEXT_SCHEDULED_START_TIME_ASC"
    END_TIME_DESC = "END_TIME_DESC"
    DURATION_DESC = "DURATION_DESC"
    DURATION_ASC = "DURATION_ASC"


class TaskRunResult(Model, kw_only=True, tag="task_run", tag_field="input_type"):
    """An input that came from a task run."""

    id: UUID


class FlowRunResult(Model, kw_only=True, tag="flow_run", tag_field="input_type"):
    """An input that came from a flow run."""

    id: UUID


class Parameter(Model, kw_only=True, tag="parameter", tag_field="input_type"):
    """An input that came from a parameter of the flow."""

    name: str


class Constant(Model, kw_only=True, tag="constant", tag_field="input_type"):
    """An input that is a constant of the named type."""

    type: str


TaskInputs = dict[str, list[TaskRunResult | FlowRunResult | Parameter | Constant]]


class TaskRunPolicy(Model, kw_only=True):
    """Retries of a task run; delays are seconds, a list has one for each attempt. The first two are older names."""

    max_retries: int = 0
    retry_delay_seconds: float = 0.0
    retries: int | None = None
    retry_delay: float | Annotated[list[float], Meta(max_length=50)] | None = None
    retry_jitter_factor: Annotated[float, Meta(ge=0)] | None = None

    def fill(self) -> None:
        """Let the older names stand in where the newer say nothing."""
        if self.max_retries and not self.retries:
            self.retries = self.max_retries
        if self.retry_delay_seconds and not self.retry_delay:
            self.retry_delay = self.retry_delay_seconds


class TaskRunCreate(Body, kw_only=True):
    """A task run to get or create by its id, or by flow run, task key and dynamic key."""

    id: UUID | None = None
    state: StateCreate | None = None
    name: str | None = None
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: DateTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = field(default_factory=TaskRunPolicy)
    tags: list[str] = field(default_factory=list)
    labels: Labels | None = field(default_factory=dict)
    task_inputs: TaskInputs = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.empirical_policy.fill()


class TaskRunUpdate(Body, kw_only=True):
    """Changes to a task run; for a name that is null or empty one is drawn."""

    name: str | UnsetType | None = UNSET


class TaskRun(Answer, kw_only=True):
    """A task run as the server answers it; the two estimates, worked out when it is read, come last."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str = ""
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: DateTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = field(default_factory=TaskRunPolicy)
    tags: list[str] = field(default_factory=list)
    labels: Labels | None = field(default_factory=dict)
    state_id: UUID | None = None
    task_inputs: TaskInputs = field(default_factory=dict)
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    flow_run_run_count: int = 0
    expected_start_time: DateTime | None = None
    next_scheduled_start_time: DateTime | None = None
    start_time: DateTime | None = None
    end_time: DateTime | None = None
    total_run_time: float = 0.0
    state: State | None = None
    estimated_run_time: float = 0.0
    estimated_start_time_delta: float = 0.0


class ListedTaskRun(Answer, kw_only=True):
    """What a page of task runs says of each."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str = ""
    flow_run_id: UUID | None = None
    task_key: str
    state_id: UUID | None = None
    state: State | None = None
    task_version: str | None = None
    task_inputs: TaskInputs = field(default_factory=dict)
    empirical_policy: TaskRunPolicy = field(default_factory=TaskRunPolicy)
    tags: list[str] = field(default_factory=list)
    start_time: DateTime | None = None
    end_time: DateTime | None = None
    total_run_time: float = 0.0
    estimated_run_time: float = 0.0
    estimated_start_time_delta: float = 0.0


class TaskRunPage(Paged, kw_only=True):
    """A page of task runs."""

    results: list[ListedTaskRun]
