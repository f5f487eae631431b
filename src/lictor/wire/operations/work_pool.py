"""Operations on work pools."""

from __future__ import annotations

from types import NoneType
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from lictor.wire.filters import WorkPoolFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import Answer, DateTime, NotNegative, Page, Query
from lictor.wire.types.flow_run import WaitingFlowRun
from lictor.wire.types.work_pool import WorkPool, WorkPoolConcurrencyStatus, WorkPoolCreate, WorkPoolUpdate


class CountWorkPools(Query, kw_only=True):
    """Which work pools to count."""

    work_pools: WorkPoolFilter | None = None


class ReadWorkPools(CountWorkPools, kw_only=True):
    """Which work pools to list, by name."""

    offset: NotNegative = 0
    limit: int | None = None


class ReadWorkPoolConcurrency(Query, kw_only=True):
    """Which page of a pool's queues to tell of, and how many runs of each."""

    page: Page = 1
    flow_run_limit: Annotated[int, Meta(ge=0, le=200)] = 10
    limit: int | None = None


class GetScheduledFlowRuns(Query, kw_only=True):
    """Which scheduled runs of a pool to hand out: of some queues or all, due in a time, and how many."""

    work_queue_names: list[str] | None = None
    scheduled_before: DateTime | None = None
    scheduled_after: DateTime | None = None
    limit: int | None = None


class WorkerFlowRun(Answer, kw_only=True):
    """A run that a worker may start, and where it waited."""

    work_pool_id: UUID
    work_queue_id: UUID
    flow_run: WaitingFlowRun


PATH = "/work_pools"

CREATE = Operation("POST", PATH + "/", WorkPoolCreate, WorkPool, "write", statuses=(201,))
READ = Operation("GET", PATH + "/{name}", NoneType, WorkPool, "read")
UPDATE = Operation("PATCH", PATH + "/{name}", WorkPoolUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", PATH + "/{name}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadWorkPools, list[WorkPool], "read")
COUNT = Operation("POST", PATH + "/count", CountWorkPools, int, "read")
CONCURRENCY_STATUS = Operation(
    "POST", PATH + "/{name}/concurrency_status", ReadWorkPoolConcurrency, WorkPoolConcurrencyStatus, "read"
)
GET_SCHEDULED_FLOW_RUNS = Operation(
    "POST", PATH + "/{name}/get_scheduled_flow_runs", GetScheduledFlowRuns, list[WorkerFlowRun], "run"
)
