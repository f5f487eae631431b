"""What pages of the UI ask for beside the resources themselves."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, field

from lictor.wire.types.common import Answer, DateTime, Query
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRun

SomeIds = Annotated[list[UUID], Meta(max_length=200)]


class OfFlows(Query, kw_only=True):
    """About which flows something is asked."""

    flow_ids: SomeIds


class OfFlowRuns(Query, kw_only=True):
    """About which flow runs something is asked."""

    flow_run_ids: SomeIds


class NextFlowRun(Answer, kw_only=True):
    """The run of a flow that is to start next."""

    id: UUID
    flow_id: UUID
    name: str
    state_name: str
    state_type: StateType
    next_scheduled_start_time: DateTime


class FlowRunPoint(Answer, kw_only=True):
    """A flow run as a point of a chart: its start, begun or planned; how long it ran and how late it is, in seconds."""

    id: UUID
    state_type: StateType
    timestamp: DateTime
    duration: float
    lateness: float


class CountByState(Answer, kw_only=True):
    """How many runs are in which state."""

    COMPLETED: int = 0
    PENDING: int = 0
    RUNNING: int = 0
    FAILED: int = 0
    CANCELLED: int = 0
    CRASHED: int = 0
    PAUSED: int = 0
    CANCELLING: int = 0
    SCHEDULED: int = 0


class NamedTaskRun(TaskRun, kw_only=True):
    """A task run, with the name of its flow run."""

    flow_run_name: str | None = None


class CompareValues(Query, kw_only=True):
    """A JSON schema, and values to compare with it."""

    json_schema: dict[str, Any] = field(name="schema")
    values: dict[str, Any]


class ComparedValues(Answer, kw_only=True):
    """Everything that is wrong with some values: reasons, and what is wrong within a property or an item."""

    errors: list[Any]
    valid: bool
