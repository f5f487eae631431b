"""Operations on task runs."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import DeploymentFilter, FlowFilter, FlowRunFilter, TaskRunFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Page, Query
from lictor.wire.types.history import HistoryBounds, HistoryInterval
from lictor.wire.types.state import OrchestrationResult, SetState
from lictor.wire.types.task_run import TaskRun, TaskRunCreate, TaskRunPage, TaskRunSort, TaskRunUpdate


class CountTaskRuns(Query, kw_only=True):
    """Which task runs to count."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None


class ReadTaskRuns(CountTaskRuns, kw_only=True):
    """Which task runs to list, in which order."""

    sort: TaskRunSort = TaskRunSort.ID_DESC
    offset: NotNegative = 0
    limit: int | None = None


class PageTaskRuns(CountTaskRuns, kw_only=True):
    """Which task runs to list, in which order, and which page of them."""

    sort: TaskRunSort = TaskRunSort.ID_DESC
    page: Page = 1
    limit: int | None = None


class TaskRunHistory(HistoryBounds, kw_only=True):
    """Which task runs to count by state, in which intervals."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None


CREATE = Operation("POST", "/task_runs/", TaskRunCreate, TaskRun, "run", statuses=(201, 200))
READ = Operation("GET", "/task_runs/{id}", NoneType, TaskRun, "read")
UPDATE = Operation("PATCH", "/task_runs/{id}", TaskRunUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", "/task_runs/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", "/task_runs/filter", ReadTaskRuns, list[TaskRun], "read")
COUNT = Operation("POST", "/task_runs/count", CountTaskRuns, int, "read")
SET_STATE = Operation("POST", "/task_runs/{id}/set_state", SetState, OrchestrationResult, "run", statuses=(201, 200))
PAGINATE = Operation("POST", "/task_runs/paginate", PageTaskRuns, TaskRunPage, "read")
HISTORY = Operation("POST", "/task_runs/history", TaskRunHistory, list[HistoryInterval], "read")
