"""Task workers: processes that run deferred task runs."""

from lictor.sdk.task_worker import TaskWorker, serve

__all__ = ["TaskWorker", "serve"]
