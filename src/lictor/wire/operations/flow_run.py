"""Operations on flow runs."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
    WorkPoolFilter,
    WorkQueueFilter,
)
from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.flow_run import FlowRun, FlowRunCreate, FlowRunSort, FlowRunUpdate
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


CREATE = Operation("POST", "/flow_runs/", FlowRunCreate, FlowRun, "run", statuses=(201, 200))
READ = Operation("GET", "/flow_runs/{id}", NoneType, FlowRun, "read")
UPDATE = Operation("PATCH", "/flow_runs/{id}", FlowRunUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", "/flow_runs/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", "/flow_runs/filter", ReadFlowRuns, list[FlowRun], "read")
COUNT = Operation("POST", "/flow_runs/count", CountFlowRuns, int, "read")
SET_STATE = Operation("POST", "/flow_runs/{id}/set_state", SetState, OrchestrationResult, "run", statuses=(201, 200))
