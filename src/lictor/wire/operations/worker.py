"""Operations on the workers of a pool."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import WorkerFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.worker import Worker


class Heartbeat(Query, kw_only=True):
    """A worker's sign of life, and how many seconds later the next one comes."""

    name: str
    heartbeat_interval_seconds: int | None = None


class ReadWorkers(Query, kw_only=True):
    """Which workers to list, those first that gave a sign of life last."""

    workers: WorkerFilter | None = None
    offset: NotNegative = 0
    limit: int | None = None


PATH = "/work_pools/{work_pool_name}/workers"

HEARTBEAT = Operation("POST", PATH + "/heartbeat", Heartbeat, NoneType, "run", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadWorkers, list[Worker], "read")
DELETE = Operation("DELETE", PATH + "/{name}", NoneType, NoneType, "write", statuses=(204,))
