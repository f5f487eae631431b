"""Operations on task workers."""

from __future__ import annotations

from lictor.wire.operation import Operation
from lictor.wire.types.common import Query
from lictor.wire.types.task_worker import TaskWorker, TaskWorkerFilter


class ReadTaskWorkers(Query, kw_only=True):
    """Which task workers to list."""

    task_worker_filter: TaskWorkerFilter | None = None


FILTER = Operation("POST", "/task_workers/filter", ReadTaskWorkers, list[TaskWorker], "read")
