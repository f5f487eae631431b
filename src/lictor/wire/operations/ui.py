"""Operations that pages of the UI use beside those on the resources."""

from __future__ import annotations

from types import NoneType
from typing import Annotated
from uuid import UUID

from msgspec import Meta, field

from lictor.wire.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
    WorkPoolFilter,
    WorkQueueFilter,
)
from lictor.wire.operation import Operation
from lictor.wire.operations.task_run import CountTaskRuns
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.flow_run import FlowRunSort
from lictor.wire.types.ui import (
    ComparedValues,
    CompareValues,
    CountByState,
    FlowRunPoint,
    NamedTaskRun,
    NextFlowRun,
    OfFlowRuns,
    OfFlows,
)


class PlotFlowRuns(Query, kw_only=True):
    """Which flow runs to draw in a chart."""

    sort: FlowRunSort = FlowRunSort.EXPECTED_START_TIME_DESC
    limit: Annotated[int, Meta(le=1000)] = 1000
    offset: NotNegative = 0
    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None


class PlotTaskRuns(Query, kw_only=True):
    """Which task runs to count in a chart; `task_runs.start_time.after_` must be given."""

    task_runs: TaskRunFilter
    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None
    work_pool_queues: WorkQueueFilter | None = field(default=None, name="work_queues")


COUNT_DEPLOYMENTS = Operation("POST", "/ui/flows/count-deployments", OfFlows, dict[UUID, int], "read")
NEXT_RUNS = Operation("POST", "/ui/flows/next-runs", OfFlows, dict[UUID, NextFlowRun | None], "read")
PLOT_FLOW_RUNS = Operation("POST", "/ui/flow_runs/history", PlotFlowRuns, list[FlowRunPoint], "read")
COUNT_TASK_RUNS = Operation("POST", "/ui/flow_runs/count-task-runs", OfFlowRuns, dict[UUID, int], "read")
PLOT_TASK_RUNS = Operation("POST", "/ui/task_runs/dashboard/counts", PlotTaskRuns, list[dict[str, int]], "read")
COUNT_BY_STATE = Operation("POST", "/ui/task_runs/count", CountTaskRuns, CountByState, "read")
READ_TASK_RUN = Operation("GET", "/ui/task_runs/{id}", NoneType, NamedTaskRun, "read")
COMPARE_VALUES = Operation("POST", "/ui/schemas/validate", CompareValues, ComparedValues, "read")
