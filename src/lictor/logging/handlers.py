"""Handlers by the names that configuration files have for them."""

from lictor.sdk.console import ToConsole as PrefectConsoleHandler
from lictor.sdk.log_handlers import ToAPI as APILogHandler
from lictor.sdk.log_handlers import ToStream as StreamHandler
from lictor.sdk.log_handlers import WorkerToAPI as WorkerAPILogHandler

_SafeStreamHandler = StreamHandler

__all__ = ["APILogHandler", "PrefectConsoleHandler", "StreamHandler", "WorkerAPILogHandler"]
