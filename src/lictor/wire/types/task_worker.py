"""Task workers: processes that run deferred task runs."""

from __future__ import annotations

from lictor.wire.types.common import Answer, DateTime
from lictor.wire.types.model import Model


class TaskWorkerFilter(Model, kw_only=True):
    """Which task workers: those that serve one of some tasks."""

    task_keys: list[str]


class TaskWorker(Answer, kw_only=True):
    """A task worker that is there, and when it was last seen."""

    identifier: str
    task_keys: list[str]
    timestamp: DateTime
