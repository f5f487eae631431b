"""Tasks, and delays between their tries."""

from lictor.sdk.backoff import exponential_backoff
from lictor.sdk.task import Task, task

__all__ = ["Task", "exponential_backoff", "task"]
