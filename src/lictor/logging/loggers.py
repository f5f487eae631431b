"""Loggers of runs, also for code that does not run in them."""

from lictor.sdk.logging import (
    LogEavesdropper,
    disable_logger,
    disable_run_logger,
    flow_run_logger,
    get_logger,
    get_run_logger,
    task_run_logger,
)

__all__ = [
    "LogEavesdropper",
    "disable_logger",
    "disable_run_logger",
    "flow_run_logger",
    "get_logger",
    "get_run_logger",
    "task_run_logger",
]
