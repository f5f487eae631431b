"""What the client answers: the contract's types, with states that can be asked and values in place of JSON text."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import field

from lictor.engine.states import State
from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any
from lictor.wire.operations.work_pool import WorkerFlowRun
from lictor.wire.types import (
    artifact,
    deployment,
    event,
    flow_run,
    flow_run_graph,
    flow_run_input,
    state,
    task_run,
    variable,
    work_pool,
)
from lictor.wire.types.common import Answer, DateTime
from lictor.wire.types.flow_run import FlowRunResult
from lictor.wire.types.schedule import schedule_of
from lictor.wire.types.task_run import ListedTaskRun

# mypy: disable-error-code="assignment"
# A field here has another type than the same field of the contract's struct, which keeps it as text or as seconds.


class Operator(StrEnum):
    """How a filter's conditions are joined; the text does, too."""

    and_ = "and_"
    or_ = "or_"


class SetStateStatus(StrEnum):
    """What the server did with a proposed state."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    ABORT = "ABORT"
    WAIT = "WAIT"


class FlowRun(flow_run.FlowRun, kw_only=True):
    """A flow run as the server knows it."""

    parameters: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    job_variables: dict[str, Any] | None = field(default_factory=dict)
    state: State[Any] | None = None
    total_run_time: timedelta = timedelta()
    estimated_run_time: timedelta = timedelta()
    estimated_start_time_delta: timedelta = timedelta()


class WorkPool(work_pool.WorkPool, kw_only=True):
    """A work pool as the server knows it."""

    base_job_template: dict[str, Any] = field(default_factory=dict)


class WorkerFlowRunResponse(WorkerFlowRun, kw_only=True):
    """A run that a worker may start, and where it waited."""

    flow_run: FlowRun


class WorkerMetadata(Answer, kw_only=True):
    """What a worker says of itself: the packages that it has, by name and version."""

    integrations: list[dict[str, str]]


class FlowRunPage(flow_run.FlowRunPage, kw_only=True):
    """A page of flow runs."""

    results: list[FlowRun]


class ChangedFlowRun(FlowRunResult, kw_only=True):
    """What came of a state proposed for one of several runs."""

    status: SetStateStatus
    state: State[Any] | None = None


class ChangedFlowRuns(flow_run.FlowRunResults, kw_only=True):
    """What came of a state proposed for several runs."""

    results: list[ChangedFlowRun] = field(default_factory=list)


class FlowRunInput(flow_run_input.FlowRunInput, kw_only=True):
    """An input of a flow run: JSON text under a key."""

    @property
    def decoded_value(self) -> Any:
        """The input's value."""
        return decode_any(self.value)


class Dependency(flow_run_graph.Dependency, kw_only=True):
    """A task run and the task runs that its inputs came from."""

    state: State[Any] | None
    total_run_time: timedelta | None
    estimated_run_time: timedelta | None


class TaskRun(task_run.TaskRun, kw_only=True):
    """A task run as the server knows it."""

    state: State[Any] | None = None
    total_run_time: timedelta = timedelta()
    estimated_run_time: timedelta = timedelta()
    estimated_start_time_delta: timedelta = timedelta()


class TaskRunInPage(ListedTaskRun, kw_only=True):
    """What a page of task runs says of each."""

    state: State[Any] | None = None
    total_run_time: timedelta = timedelta()
    estimated_run_time: timedelta = timedelta()
    estimated_start_time_delta: timedelta = timedelta()


class TaskRunPage(task_run.TaskRunPage, kw_only=True):
    """A page of task runs."""

    results: list[TaskRunInPage]


class OrchestrationResult(state.OrchestrationResult, kw_only=True):
    """The answer to a proposed state: what was done with it, and the state that the run is in if there is a new one."""

    state: State[Any] | None
    status: SetStateStatus


class Event(event.Event, kw_only=True):
    """An event to send."""

    id: UUID = field(default_factory=uuid7)
    occurred: DateTime = field(default_factory=now)
    payload: dict[str, Any] = field(default_factory=dict)


class ReceivedEvent(event.ReceivedEvent, kw_only=True):
    """An event as the server answers it, with the time it came in."""

    payload: dict[str, Any] = field(default_factory=dict)


class EventPage(event.EventPage, kw_only=True):
    """A page of events; `next_page` is the address of the next one."""

    events: list[ReceivedEvent]


class DeploymentSchedule(deployment.DeploymentSchedule, kw_only=True):
    """A schedule of a deployment."""

    schedule: Any
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.schedule, dict):
            self.schedule = schedule_of(self.schedule)


class DeploymentScheduleCreate(deployment.DeploymentScheduleCreate, kw_only=True):
    """A schedule to give a deployment; its slug is its own within the deployment."""

    schedule: Any
    parameters: dict[str, Any] = field(default_factory=dict)


class Deployment(deployment.Deployment, kw_only=True):
    """A deployment as the server knows it."""

    job_variables: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    parameter_openapi_schema: dict[str, Any] | None = field(default_factory=dict)
    pull_steps: list[dict[str, Any]] | None = None
    schedules: list[DeploymentSchedule] = field(default_factory=list)


class DeploymentPage(deployment.DeploymentPage, kw_only=True):
    """A page of deployments."""

    results: list[Deployment]


class Variable(variable.Variable, kw_only=True):
    """A variable as the server knows it."""

    value: Any


class Artifact(artifact.Artifact, kw_only=True):
    """An artifact as the server knows it."""

    data: Any = None


class ArtifactCollection(artifact.ArtifactCollection, kw_only=True):
    """The artifacts of a key: which one is the latest, and what it says."""

    data: Any = None
