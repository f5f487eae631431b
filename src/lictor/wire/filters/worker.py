"""Filters of workers."""

from __future__ import annotations

from lictor.wire.filters.filter import Filter, Operator
from lictor.wire.types.common import DateTime
from lictor.wire.types.worker import WorkerStatus


class WorkerFilterLastHeartbeatTime(Filter, kw_only=True):
    """Part of a filter: last heartbeat time."""

    before_: DateTime | None = None
    after_: DateTime | None = None


class WorkerFilterStatus(Filter, kw_only=True):
    """Part of a filter: status."""

    any_: list[WorkerStatus] | None = None
    not_any_: list[WorkerStatus] | None = None


class WorkerFilter(Filter, kw_only=True):
    """Which workers."""

    operator: Operator = "and_"
    last_heartbeat_time: WorkerFilterLastHeartbeatTime | None = None
    status: WorkerFilterStatus | None = None
