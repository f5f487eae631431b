"""Filters of flow runs."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator
from lictor.wire.types.common import DateTime
from lictor.wire.types.state import StateType


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

    before_: DateTime | None = None
    after_: DateTime | None = None
    is_null_: bool | None = None


class FlowRunFilterEndTime(Filter, kw_only=True):
    """Part of a filter: end time."""

    before_: DateTime | None = None
    after_: DateTime | None = None
    is_null_: bool | None = None


class FlowRunFilterExpectedStartTime(Filter, kw_only=True):
    """Part of a filter: expected start time."""

    before_: DateTime | None = None
    after_: DateTime | None = None


class FlowRunFilterNextScheduledStartTime(Filter, kw_only=True):
    """Part of a filter: next scheduled start time."""

    before_: DateTime | None = None
    after_: DateTime | None = None


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
