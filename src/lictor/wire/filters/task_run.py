"""Filters of task runs."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator
from lictor.wire.types.common import DateTime
from lictor.wire.types.state import StateType


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

    before_: DateTime | None = None
    after_: DateTime | None = None
    is_null_: bool | None = None


class TaskRunFilterEndTime(Filter, kw_only=True):
    """Part of a filter: end time."""

    before_: DateTime | None = None
    after_: DateTime | None = None
    is_null_: bool | None = None


class TaskRunFilterExpectedStartTime(Filter, kw_only=True):
    """Part of a filter: expected start time."""

    before_: DateTime | None = None
    after_: DateTime | None = None


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
