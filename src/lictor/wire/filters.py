"""Filters: which resources a request is about. Their fields are spelled as in the contract."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from lictor.kit.clock import now
from lictor.wire.types.event import EventOrder
from lictor.wire.types.state import StateType

Operator = Literal["and_", "or_"]
SearchText = Annotated[str, Meta(max_length=200)]
ResourceSpecification = dict[str, str | list[str]]


class Filter(Struct, kw_only=True, forbid_unknown_fields=True):
    """A filter or a part of one; what is null or not sent matches everything."""


def long_ago() -> datetime:
    """Return the default beginning of an event filter: 180 days before now."""
    return now() - timedelta(days=180)


class FlowFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None
    not_any_: list[UUID] | None = None


class FlowFilterDeployment(Filter, kw_only=True):
    """Part of a filter: deployment."""

    operator: Operator = "and_"
    is_null_: bool | None = None


class FlowFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class FlowFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    is_null_: bool | None = None


class FlowFilter(Filter, kw_only=True):
    """Which flows."""

    operator: Operator = "and_"
    id: FlowFilterId | None = None
    deployment: FlowFilterDeployment | None = None
    name: FlowFilterName | None = None
    tags: FlowFilterTags | None = None


class FlowRunFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None
    not_any_: list[UUID] | None = None


class FlowRunFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class FlowRunFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    any_: list[str] | None = None
    is_null_: bool | None = None


class FlowRunFilterDeploymentId(Filter, kw_only=True):
    """Part of a filter: deployment id."""

    operator: Operator = "and_"
    any_: list[UUID] | None = None
    is_null_: bool | None = None


class FlowRunFilterWorkQueueName(Filter, kw_only=True):
    """Part of a filter: work queue name."""

    operator: Operator = "and_"
    any_: list[str] | None = None
    is_null_: bool | None = None


class FlowRunFilterStateType(Filter, kw_only=True):
    """Part of a filter: state type."""

    any_: list[StateType] | None = None
    not_any_: list[StateType] | None = None


class FlowRunFilterStateName(Filter, kw_only=True):
    """Part of a filter: state name."""

    any_: list[str] | None = None
    not_any_: list[str] | None = None


class FlowRunFilterState(Filter, kw_only=True):
    """Part of a filter: state."""

    operator: Operator = "and_"
    type: FlowRunFilterStateType | None = None
    name: FlowRunFilterStateName | None = None


class FlowRunFilterFlowVersion(Filter, kw_only=True):
    """Part of a filter: flow version."""

    any_: list[str] | None = None


class FlowRunFilterStartTime(Filter, kw_only=True):
    """Part of a filter: start time."""

    before_: datetime | None = None
    after_: datetime | None = None
    is_null_: bool | None = None


class FlowRunFilterEndTime(Filter, kw_only=True):
    """Part of a filter: end time."""

    before_: datetime | None = None
    after_: datetime | None = None
    is_null_: bool | None = None


class FlowRunFilterExpectedStartTime(Filter, kw_only=True):
    """Part of a filter: expected start time."""

    before_: datetime | None = None
    after_: datetime | None = None


class FlowRunFilterNextScheduledStartTime(Filter, kw_only=True):
    """Part of a filter: next scheduled start time."""

    before_: datetime | None = None
    after_: datetime | None = None


class FlowRunFilterParentFlowRunId(Filter, kw_only=True):
    """Part of a filter: parent flow run id."""

    operator: Operator = "and_"
    any_: list[UUID] | None = None


class FlowRunFilterParentTaskRunId(Filter, kw_only=True):
    """Part of a filter: parent task run id."""

    operator: Operator = "and_"
    any_: list[UUID] | None = None
    is_null_: bool | None = None


class FlowRunFilterIdempotencyKey(Filter, kw_only=True):
    """Part of a filter: idempotency key."""

    any_: list[str] | None = None
    not_any_: list[str] | None = None


class FlowRunFilterCreatedBy(Filter, kw_only=True):
    """Part of a filter: created by."""

    operator: Operator = "and_"
    id_: list[UUID] | None = None
    type_: list[str] | None = None
    is_null_: bool | None = None


class FlowRunFilter(Filter, kw_only=True):
    """Which flow runs."""

    operator: Operator = "and_"
    id: FlowRunFilterId | None = None
    name: FlowRunFilterName | None = None
    tags: FlowRunFilterTags | None = None
    deployment_id: FlowRunFilterDeploymentId | None = None
    work_queue_name: FlowRunFilterWorkQueueName | None = None
    state: FlowRunFilterState | None = None
    flow_version: FlowRunFilterFlowVersion | None = None
    start_time: FlowRunFilterStartTime | None = None
    end_time: FlowRunFilterEndTime | None = None
    expected_start_time: FlowRunFilterExpectedStartTime | None = None
    next_scheduled_start_time: FlowRunFilterNextScheduledStartTime | None = None
    parent_flow_run_id: FlowRunFilterParentFlowRunId | None = None
    parent_task_run_id: FlowRunFilterParentTaskRunId | None = None
    idempotency_key: FlowRunFilterIdempotencyKey | None = None
    created_by: FlowRunFilterCreatedBy | None = None


class TaskRunFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class TaskRunFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class TaskRunFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    is_null_: bool | None = None


class TaskRunFilterStateType(Filter, kw_only=True):
    """Part of a filter: state type."""

    any_: list[StateType] | None = None


class TaskRunFilterStateName(Filter, kw_only=True):
    """Part of a filter: state name."""

    any_: list[str] | None = None


class TaskRunFilterState(Filter, kw_only=True):
    """Part of a filter: state."""

    operator: Operator = "and_"
    type: TaskRunFilterStateType | None = None
    name: TaskRunFilterStateName | None = None


class TaskRunFilterStartTime(Filter, kw_only=True):
    """Part of a filter: start time."""

    before_: datetime | None = None
    after_: datetime | None = None
    is_null_: bool | None = None


class TaskRunFilterEndTime(Filter, kw_only=True):
    """Part of a filter: end time."""

    before_: datetime | None = None
    after_: datetime | None = None
    is_null_: bool | None = None


class TaskRunFilterExpectedStartTime(Filter, kw_only=True):
    """Part of a filter: expected start time."""

    before_: datetime | None = None
    after_: datetime | None = None


class TaskRunFilterSubFlowRuns(Filter, kw_only=True):
    """Part of a filter: sub flow runs."""

    exists_: bool | None = None


class TaskRunFilterFlowRunId(Filter, kw_only=True):
    """Part of a filter: flow run id."""

    operator: Operator = "and_"
    any_: list[UUID] | None = None
    is_null_: bool | None = False


class TaskRunFilter(Filter, kw_only=True):
    """Which task runs."""

    operator: Operator = "and_"
    id: TaskRunFilterId | None = None
    name: TaskRunFilterName | None = None
    tags: TaskRunFilterTags | None = None
    state: TaskRunFilterState | None = None
    start_time: TaskRunFilterStartTime | None = None
    end_time: TaskRunFilterEndTime | None = None
    expected_start_time: TaskRunFilterExpectedStartTime | None = None
    subflow_runs: TaskRunFilterSubFlowRuns | None = None
    flow_run_id: TaskRunFilterFlowRunId | None = None


class DeploymentFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None
    not_any_: list[UUID] | None = None


class DeploymentFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class DeploymentOrFlowNameFilter(Filter, kw_only=True):
    """Part of a filter: deployment or flow name."""

    like_: str | None = None


class DeploymentFilterPaused(Filter, kw_only=True):
    """Part of a filter: paused."""

    eq_: bool | None = None


class DeploymentFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    any_: list[str] | None = None
    is_null_: bool | None = None


class DeploymentFilterWorkQueueName(Filter, kw_only=True):
    """Part of a filter: work queue name."""

    any_: list[str] | None = None


class DeploymentFilterConcurrencyLimit(Filter, kw_only=True):
    """Part of a filter: concurrency limit."""

    ge_: int | None = None
    le_: int | None = None
    is_null_: bool | None = None


class DeploymentFilter(Filter, kw_only=True):
    """Which deployments."""

    operator: Operator = "and_"
    id: DeploymentFilterId | None = None
    name: DeploymentFilterName | None = None
    flow_or_deployment_name: DeploymentOrFlowNameFilter | None = None
    paused: DeploymentFilterPaused | None = None
    tags: DeploymentFilterTags | None = None
    work_queue_name: DeploymentFilterWorkQueueName | None = None
    concurrency_limit: DeploymentFilterConcurrencyLimit | None = None


class WorkPoolFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class WorkPoolFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None


class WorkPoolFilterType(Filter, kw_only=True):
    """Part of a filter: type."""

    any_: list[str] | None = None


class WorkPoolFilter(Filter, kw_only=True):
    """Which work pools."""

    operator: Operator = "and_"
    id: WorkPoolFilterId | None = None
    name: WorkPoolFilterName | None = None
    type: WorkPoolFilterType | None = None


class WorkQueueFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class WorkQueueFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    startswith_: list[str] | None = None


class WorkQueueFilter(Filter, kw_only=True):
    """Which work queues."""

    operator: Operator = "and_"
    id: WorkQueueFilterId | None = None
    name: WorkQueueFilterName | None = None


class LogFilterLevel(Filter, kw_only=True):
    """Part of a filter: level."""

    ge_: int | None = None
    le_: int | None = None


class LogFilterTimestamp(Filter, kw_only=True):
    """Part of a filter: timestamp."""

    before_: datetime | None = None
    after_: datetime | None = None


class LogFilterFlowRunId(Filter, kw_only=True):
    """Part of a filter: flow run id."""

    any_: list[UUID] | None = None


class LogFilterTaskRunId(Filter, kw_only=True):
    """Part of a filter: task run id."""

    any_: list[UUID] | None = None
    is_null_: bool | None = None


class LogFilterTextSearch(Filter, kw_only=True):
    """Part of a filter: text search."""

    query: SearchText


class LogFilter(Filter, kw_only=True):
    """Which log lines."""

    operator: Operator = "and_"
    level: LogFilterLevel | None = None
    timestamp: LogFilterTimestamp | None = None
    flow_run_id: LogFilterFlowRunId | None = None
    task_run_id: LogFilterTaskRunId | None = None
    text: LogFilterTextSearch | None = None


class EventOccurredFilter(Filter, kw_only=True):
    """Part of a filter: event occurred."""

    since: datetime = field(default_factory=long_ago)
    until: datetime = field(default_factory=now)


class EventNameFilter(Filter, kw_only=True):
    """Part of a filter: event name."""

    prefix: list[str] | None = None
    exclude_prefix: list[str] | None = None
    name: list[str] | None = None
    exclude_name: list[str] | None = None


class EventResourceFilter(Filter, kw_only=True):
    """Part of a filter: event resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: ResourceSpecification | None = None
    distinct: bool = False


class EventRelatedFilter(Filter, kw_only=True):
    """Part of a filter: event related."""

    id: list[str] | None = None
    role: list[str] | None = None
    resources_in_roles: list[tuple[str, str]] | None = None
    labels: ResourceSpecification | None = None


class EventAnyResourceFilter(Filter, kw_only=True):
    """Part of a filter: event any resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: ResourceSpecification | None = None


class EventIDFilter(Filter, kw_only=True):
    """Part of a filter: event id."""

    id: list[UUID] | None = None


class EventTextFilter(Filter, kw_only=True):
    """Part of a filter: event text."""

    query: SearchText


class EventFilter(Filter, kw_only=True):
    """Which events."""

    occurred: EventOccurredFilter = field(default_factory=EventOccurredFilter)
    event: EventNameFilter | None = None
    resource: EventResourceFilter | None = None
    related: EventRelatedFilter | list[EventRelatedFilter] | None = None
    any_resource: EventAnyResourceFilter | list[EventAnyResourceFilter] | None = None
    id: EventIDFilter = field(default_factory=EventIDFilter)
    text: EventTextFilter | None = None
    order: EventOrder = EventOrder.DESC
