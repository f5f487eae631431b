"""Operations on flow runs."""

from __future__ import annotations

from types import NoneType
from typing import Any

from msgspec import field

from lictor.wire.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
    WorkPoolFilter,
    WorkQueueFilter,
)
from lictor.wire.operation import Operation
from lictor.wire.types.common import BulkLimit, Deleted, Labels, NotNegative, Page, Query
from lictor.wire.types.flow_run import FlowRun, FlowRunCreate, FlowRunPage, FlowRunResults, FlowRunSort, FlowRunUpdate
from lictor.wire.types.history import HistoryBounds, HistoryInterval
from lictor.wire.types.state import OrchestrationResult, SetState


class CountFlowRuns(Query, kw_only=True):
    """Which flow runs to count."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None
    work_pool_queues: WorkQueueFilter | None = None


class ReadFlowRuns(CountFlowRuns, kw_only=True):
    """Which flow runs to list, in which order."""

    sort: FlowRunSort = FlowRunSort.ID_DESC
    offset: NotNegative = 0
    limit: int | None = None


class PageFlowRuns(CountFlowRuns, kw_only=True):
    """Which flow runs to list, in which order, and which page of them."""

    sort: FlowRunSort = FlowRunSort.ID_DESC
    page: Page = 1
    limit: int | None = None


class DeleteFlowRuns(Query, kw_only=True):
    """Which flow runs to delete, and how many at most."""

    flow_runs: FlowRunFilter | None = None
    limit: BulkLimit = 50


class SetStates(SetState, kw_only=True):
    """A state proposed for each of some flow runs, and for how many at most."""

    flow_runs: FlowRunFilter | None = None
    limit: BulkLimit = 50


class ResumeFlowRun(Query, kw_only=True):
    """What a paused run waits for, if it waits for input."""

    run_input: dict[str, Any] | None = None


class FlowRunHistory(HistoryBounds, kw_only=True):
    """Which flow runs to count by state, in which intervals."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None
    work_pool_queues: WorkQueueFilter | None = field(default=None, name="work_queues")


CREATE = Operation("POST", "/flow_runs/", FlowRunCreate, FlowRun, "run", statuses=(201, 200))
READ = Operation("GET", "/flow_runs/{id}", NoneType, FlowRun, "read")
UPDATE = Operation("PATCH", "/flow_runs/{id}", FlowRunUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", "/flow_runs/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", "/flow_runs/filter", ReadFlowRuns, list[FlowRun], "read")
COUNT = Operation("POST", "/flow_runs/count", CountFlowRuns, int, "read")
SOURCE = "Lictor-From-State"
"""The header by which who proposes a state names the id of the one that the run must be in for it, or have left by the
same proposal."""
SET_STATE = Operation("POST", "/flow_runs/{id}/set_state", SetState, OrchestrationResult, "run", statuses=(201, 200))
PAGINATE = Operation("POST", "/flow_runs/paginate", PageFlowRuns, FlowRunPage, "read")
BULK_DELETE = Operation("POST", "/flow_runs/bulk_delete", DeleteFlowRuns, Deleted, "write")
BULK_SET_STATE = Operation("POST", "/flow_runs/bulk_set_state", SetStates, FlowRunResults, "write")
LABEL = Operation("PATCH", "/flow_runs/{id}/labels", Labels, NoneType, "write", statuses=(204,))
HISTORY = Operation("POST", "/flow_runs/history", FlowRunHistory, list[HistoryInterval], "read")
LATENESS: Operation[CountFlowRuns, float | None] = Operation(
    "POST",
    "/flow_runs/lateness",
    CountFlowRuns,
    float | None,  # type: ignore[arg-type]  # a union is no type for mypy, but one for msgspec
    "read",
)
RESUME = Operation("POST", "/flow_runs/{id}/resume", ResumeFlowRun, OrchestrationResult, "run", statuses=(200, 201))
