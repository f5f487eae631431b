"""Answers about task workers."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, json
from lictor.store import task_worker
from lictor.wire.operations import task_worker as operations
from lictor.wire.operations.task_worker import ReadTaskWorkers


@answers(operations.FILTER)
async def find(request: Request, body: ReadTaskWorkers) -> Reply:
    """Answer the task workers that are there."""
    keys = body.task_worker_filter.task_keys if body.task_worker_filter is not None else []
    return json(await request.store.read(task_worker.workers, keys, now()))
