"""Operations on work queues: those of a pool, by its name and theirs, and all, by their ids."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import WorkQueueFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import DateTime, NotNegative, Page, Query
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.work_queue import (
    WorkQueue,
    WorkQueueConcurrencyStatus,
    WorkQueueCreate,
    WorkQueueStatusDetail,
    WorkQueueUpdate,
)


class ReadWorkQueues(Query, kw_only=True):
    """Which work queues to list: those of a pool by priority, else by name."""

    work_queues: WorkQueueFilter | None = None
    offset: NotNegative = 0
    limit: int | None = None


class ReadWorkQueueConcurrency(Query, kw_only=True):
    """Which page of the runs that hold slots of a queue to list."""

    page: Page = 1
    limit: int | None = None


class ReadWorkQueueRuns(Query, kw_only=True):
    """Which scheduled runs of a queue to hand out: those due before a moment, and how many."""

    scheduled_before: DateTime | None = None
    limit: int | None = None


OF_POOL = "/work_pools/{work_pool_name}/queues"
PATH = "/work_queues"

CREATE_IN_POOL = Operation("POST", OF_POOL, WorkQueueCreate, WorkQueue, "write", statuses=(201,))
READ_IN_POOL = Operation("GET", OF_POOL + "/{name}", NoneType, WorkQueue, "read")
UPDATE_IN_POOL = Operation("PATCH", OF_POOL + "/{name}", WorkQueueUpdate, NoneType, "write", statuses=(204,))
DELETE_IN_POOL = Operation("DELETE", OF_POOL + "/{name}", NoneType, NoneType, "write", statuses=(204,))
FILTER_IN_POOL = Operation("POST", OF_POOL + "/filter", ReadWorkQueues, list[WorkQueue], "read")

CREATE = Operation("POST", PATH + "/", WorkQueueCreate, WorkQueue, "write", statuses=(201,))
READ = Operation("GET", PATH + "/{id}", NoneType, WorkQueue, "read")
READ_BY_NAME = Operation("GET", PATH + "/name/{name}", NoneType, WorkQueue, "read")
UPDATE = Operation("PATCH", PATH + "/{id}", WorkQueueUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadWorkQueues, list[WorkQueue], "read")
GET_RUNS = Operation("POST", PATH + "/{id}/get_runs", ReadWorkQueueRuns, list[FlowRun], "run")
CONCURRENCY_STATUS = Operation(
    "POST", PATH + "/{id}/concurrency_status", ReadWorkQueueConcurrency, WorkQueueConcurrencyStatus, "read"
)
STATUS = Operation("GET", PATH + "/{id}/status", NoneType, WorkQueueStatusDetail, "read")
