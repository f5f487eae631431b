"""Operations on flows."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import DeploymentFilter, FlowFilter, FlowRunFilter, TaskRunFilter, WorkPoolFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.flow import Flow, FlowCreate, FlowSort, FlowUpdate


class CountFlows(Query, kw_only=True):
    """Which flows to count."""

    flows: FlowFilter | None = None
    flow_runs: FlowRunFilter | None = None
    task_runs: TaskRunFilter | None = None
    deployments: DeploymentFilter | None = None
    work_pools: WorkPoolFilter | None = None


class ReadFlows(CountFlows, kw_only=True):
    """Which flows to list, in which order."""

    sort: FlowSort = FlowSort.NAME_ASC
    offset: NotNegative = 0
    limit: int | None = None


CREATE = Operation("POST", "/flows/", FlowCreate, Flow, "run", statuses=(201, 200))
READ = Operation("GET", "/flows/{id}", NoneType, Flow, "read")
READ_BY_NAME = Operation("GET", "/flows/name/{name}", NoneType, Flow, "read")
UPDATE = Operation("PATCH", "/flows/{id}", FlowUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", "/flows/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", "/flows/filter", ReadFlows, list[Flow], "read")
COUNT = Operation("POST", "/flows/count", CountFlows, int, "read")
