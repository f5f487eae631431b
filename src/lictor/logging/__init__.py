"""Loggers of runs."""

from lictor.sdk.logging import LogEavesdropper, disable_run_logger, get_logger, get_run_logger, mask_secret

__all__ = ["LogEavesdropper", "disable_run_logger", "get_logger", "get_run_logger", "mask_secret"]
