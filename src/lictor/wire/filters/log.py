"""Filters of log lines."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator, SearchText
from lictor.wire.types.common import DateTime


class LogFilterLevel(Filter, kw_only=True):
    """Part of a filter: level."""

    ge_: int | None = None
    le_: int | None = None


class LogFilterTimestamp(Filter, kw_only=True):
    """Part of a filter: timestamp."""

    before_: DateTime | None = None
    after_: DateTime | None = None


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
