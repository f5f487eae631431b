"""Operations on flows."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import DeploymentFilter, FlowFilter, FlowRunFilter, TaskRunFilter, WorkPoolFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import BulkLimit, Deleted, NotNegative, Page, Query
from lictor.wire.types.flow import Flow, FlowCreate, FlowPage, FlowSort, FlowUpdate


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


class PageFlows(CountFlows, kw_only=True):
    """Which flows to list, in which order, and which page of them."""

    sort: FlowSort = FlowSort.NAME_ASC
    page: Page = 1
    limit: int | None = None


class DeleteFlows(Query, kw_only=True):
    """Which flows to delete, and how many at most."""

    flows: FlowFilter | None = None
    limit: BulkLimit = 50


CREATE = Operation("POST", "/flows/", FlowCreate, Flow, "run", statuses=(201, 200))
READ = Operation("GET", "/flows/{id}", NoneType, Flow, "read")
READ_BY_NAME = Operation("GET", "/flows/name/{name}", NoneType, Flow, "read")
UPDATE = Operation("PATCH", "/flows/{id}", FlowUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", "/flows/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", "/flows/filter", ReadFlows, list[Flow], "read")
COUNT = Operation("POST", "/flows/count", CountFlows, int, "read")
PAGINATE = Operation("POST", "/flows/paginate", PageFlows, FlowPage, "read")
BULK_DELETE = Operation("POST", "/flows/bulk_delete", DeleteFlows, Deleted, "write")
