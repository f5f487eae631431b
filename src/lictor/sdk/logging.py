"""Where the log lines of runs go: to the console, and to the API."""

from __future__ import annotations

import builtins
import logging
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any

from lictor.client.connection import connection
from lictor.engine.context import FLOW, TASK
from lictor.engine.errors import MissingContext
from lictor.engine.run_logger import FLOW_RUNS, TASK_RUNS, RunLogger, facts_of_flow_run
from lictor.kit.clock import of_system
from lictor.kit.json import encode
from lictor.settings import Settings, current, table

SILENT: ContextVar[bool] = ContextVar("lictor_silent", default=False)
CUT = " … (cut)"


class ToAPI(logging.Handler):
    """Puts lines into the outbox."""

    def __init__(self, most_bytes: int, when_missing_flow: str) -> None:
        super().__init__()
        self.most_bytes, self.when_missing_flow = most_bytes, when_missing_flow

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line of a run into the outbox; a line that is too long is cut."""
        said = record.__dict__
        flow_run_id, task_run_id = said.get("flow_run_id"), said.get("task_run_id")
        if flow_run_id is None and task_run_id is None:
            self.missing(record)
            return
        flow = FLOW.get()
        here = connection() if flow is None else flow.connection  # which may be another than the settings' by now
        here.outbox.log(
            encode(
                {
                    "name": record.name,
                    "level": record.levelno,
                    "message": cut(message_of(record), self.most_bytes),
                    "timestamp": of_system(record.created),
                    "flow_run_id": flow_run_id,
                    "task_run_id": task_run_id,
                }
            )
        )

    def missing(self, record: logging.LogRecord) -> None:
        """Do what the settings say about a line that belongs to no run."""
        said = f"the logger '{record.name}' was used outside of a run, its line does not reach the API"
        if self.when_missing_flow == "error":
            raise MissingContext(said)
        if self.when_missing_flow == "warn":
            warnings.warn(said, stacklevel=8)


class ToConsole(logging.Handler):
    """Writes lines to stderr: time, level, run, message."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a closed stderr is no reason to fail."""
        said = record.__dict__
        run = f"{said['run_kind']} '{said['run_name']}' - " if "run_kind" in said else ""
        moment = datetime.fromtimestamp(record.created)  # people read their own clock
        clock = moment.isoformat(timespec="milliseconds")[11:]
        with suppress(ValueError, OSError, AttributeError):
            sys.stderr.write(f"{clock} | {record.levelname:<7} | {run}{message_of(record)}\n")


def message_of(record: logging.LogRecord) -> str:
    """Return what a record says, with the traceback of its error."""
    message = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        message += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
    return message


def cut(message: str, most_bytes: int) -> str:
    """Return a message that is not longer than it may be."""
    if len(message) * 4 <= most_bytes:
        return message
    content = message.encode("utf-8", "replace")
    if len(content) <= most_bytes:
        return message
    return content[: max(0, most_bytes - len(CUT.encode()))].decode("utf-8", "ignore") + CUT


_settings: Settings | None = None
_handlers: list[logging.Handler] = []


def set_up() -> None:
    """Give the runs' loggers the handlers that the settings want, once for the same settings."""
    global _settings, _handlers  # noqa: PLW0603  # loggers are the process's, too
    settings = current()
    if settings is _settings:
        return
    before, _handlers = _handlers, [ToConsole()]
    if settings[table.LOGGING_TO_API_ENABLED]:
        _handlers.append(
            ToAPI(settings[table.LOGGING_TO_API_MAX_LOG_SIZE], settings[table.LOGGING_TO_API_WHEN_MISSING_FLOW])
        )
    for logger in (FLOW_RUNS, TASK_RUNS):
        logger.setLevel(settings[table.LOGGING_LEVEL])
        logger.propagate = False
        for handler in before:
            logger.removeHandler(handler)
        for handler in _handlers:
            logger.addHandler(handler)
    _settings = settings


def get_run_logger() -> RunLogger:
    """Return the logger of the task run, or else the flow run, that runs here.

    It has the methods of the standard library's loggers. Outside of a run MissingContext is raised, save within
    `disable_run_logger`.
    """
    task, flow = TASK.get(), FLOW.get()
    if task is not None:
        return RunLogger(TASK_RUNS, task.facts)
    if flow is not None:
        return RunLogger(FLOW_RUNS, facts_of_flow_run(flow))
    if SILENT.get():
        return RunLogger(FLOW_RUNS, {})
    raise MissingContext("get_run_logger() belongs in a flow or a task; use logging.getLogger() outside of runs")


@cache
def catch_prints() -> None:
    """Let prints of runs that want it become log lines."""
    write = builtins.print

    def print_or_log(*values: object, sep: str | None = " ", end: str | None = "\n", **options: Any) -> None:
        task, flow = TASK.get(), FLOW.get()
        wanted = task.log_prints if task is not None else flow is not None and flow.log_prints
        if not wanted or options.get("file") not in (None, sys.stdout):
            write(*values, sep=sep, end=end, **options)
            return
        text = (" " if sep is None else sep).join(map(str, values))
        logger = RunLogger(TASK_RUNS, task.facts) if task is not None else get_run_logger()
        logger.info("%s", text)

    builtins.print = print_or_log


@contextmanager
def disable_run_logger() -> Iterator[None]:
    """Let the loggers of runs say nothing within: for tests that call a flow's or a task's function itself."""
    loggers = (FLOW_RUNS, TASK_RUNS)
    before = [logger.disabled for logger in loggers]
    token = SILENT.set(True)
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        SILENT.reset(token)
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
