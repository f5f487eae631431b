"""What clients ask about task workers."""

from __future__ import annotations

from lictor.wire.operation import Call
from lictor.wire.operations import task_worker as rows
from lictor.wire.types.task_worker import TaskWorker, TaskWorkerFilter


def read_task_workers(task_worker_filter: TaskWorkerFilter | None = None) -> Call[list[TaskWorker]]:
    """Return the task workers that ask for runs now and that a filter matches."""
    return rows.FILTER(rows.ReadTaskWorkers(task_worker_filter=task_worker_filter))
