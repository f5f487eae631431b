"""Loggers of runs."""

from lictor.sdk.logging import disable_run_logger, get_run_logger

__all__ = ["disable_run_logger", "get_run_logger"]
