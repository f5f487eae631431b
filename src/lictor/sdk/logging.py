"""Loggers of runs and others of Lictor's, and what prints of runs become."""

from __future__ import annotations

import builtins
import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import Lock
from types import TracebackType
from typing import Any, Self

from lictor.engine.context import FLOW, TASK
from lictor.engine.errors import MissingContext
from lictor.engine.run_logger import FLOW_RUNS, TASK_RUNS, UNKNOWN, RunLogger, facts_of_flow_run
from lictor.kit.masking import hide
from lictor.kit.secret import Secret
from lictor.sdk.log_configuration import Undo, configure
from lictor.settings import Settings, current, table

SILENT: ContextVar[bool] = ContextVar("lictor_silent", default=False)
LEAST_PASSWORD = 8
"""Shorter passwords are masked together with their user's name alone, shorter headers never: they are words, too."""

_settings: Settings | None = None
_undo: Undo = []
_setting_up = Lock()


def set_up() -> None:
    """Set up the loggers as the settings want it, once for the same settings."""
    global _settings, _undo  # noqa: PLW0603  # loggers are the process's, too
    settings = current()
    if settings is _settings:
        return
    with _setting_up:
        if settings is _settings:
            return
        while _undo:
            _undo.pop()()
        hide_credentials(settings)
        _undo = configure(settings)
        _settings = settings


def hide_credentials(settings: Settings) -> None:
    """Let log lines mask the credentials that this process goes by."""
    for setting in (table.API_AUTH_STRING, table.API_KEY, table.SERVER_API_AUTH_STRING):
        value = settings[setting]
        if isinstance(value, Secret) and value:
            hide(value.reveal())
            password = value.reveal().partition(":")[2]
            if len(password) >= LEAST_PASSWORD:
                hide(password)
    for header in settings[table.CLIENT_CUSTOM_HEADERS].values():
        if len(header) >= LEAST_PASSWORD:
            hide(header)


def get_logger(name: str | None = None) -> logging.Logger:
    """Return the logger `prefect`, or one below it; a name that begins with `prefect.` or `lictor.` stays as it is."""
    set_up()
    if not name or name in ("prefect", "lictor"):
        return logging.getLogger(name or "prefect")
    return logging.getLogger(name if name.startswith(("prefect.", "lictor.")) else f"prefect.{name}")


def get_run_logger(context: Any = None, **extra: Any) -> RunLogger:
    """Return the logger of the task run, or else the flow run, that runs here.

    It has the methods of the standard library's loggers. `context` is another run's, of `lictor.context`; `extra` is
    put on every record. Outside of a run MissingContext is raised, save within `disable_run_logger`.
    """
    if context is not None:
        run = getattr(context, "task_run", None)
        return (
            flow_run_logger(context.flow_run, context.flow, **extra) if run is None else task_run_logger(run, **extra)
        )
    task, flow = TASK.get(), FLOW.get()
    if task is not None:
        return RunLogger(TASK_RUNS, {**task.facts, **extra})
    if flow is not None:
        return RunLogger(FLOW_RUNS, {**facts_of_flow_run(flow), **extra})
    if SILENT.get():
        return RunLogger(FLOW_RUNS, extra)
    raise MissingContext("get_run_logger() belongs in a flow or a task; use logging.getLogger() outside of runs")


def flow_run_logger(flow_run: Any, flow: Any = None, **extra: Any) -> RunLogger:
    """Return the logger of a flow run, for hooks and others that do not run in it."""
    set_up()
    facts = {
        "flow_run_id": str(flow_run.id),
        "flow_run_name": flow_run.name,
        "flow_name": getattr(flow, "name", UNKNOWN),
    }
    return RunLogger(FLOW_RUNS, {**facts, **extra})


def task_run_logger(task_run: Any, task: Any = None, flow_run: Any = None, flow: Any = None, **extra: Any) -> RunLogger:
    """Return the logger of a task run, for hooks and others that do not run in it."""
    set_up()
    facts = {
        "task_run_id": str(task_run.id),
        "task_run_name": task_run.name,
        "task_name": getattr(task, "name", UNKNOWN),
        "flow_run_id": None if task_run.flow_run_id is None else str(task_run.flow_run_id),
        "flow_run_name": getattr(flow_run, "name", UNKNOWN),
        "flow_name": getattr(flow, "name", UNKNOWN),
    }
    return RunLogger(TASK_RUNS, {**facts, **extra})


@cache
def catch_prints() -> None:
    """Let prints of runs that want it become log lines."""
    write = builtins.print

    def print_or_log(*values: object, **options: Any) -> None:
        task, flow = TASK.get(), FLOW.get()
        wanted = task.log_prints if task is not None else flow is not None and flow.log_prints
        if not wanted or options.get("file") not in (None, sys.stdout, sys.stderr):
            write(*values, **options)
            return
        text = io.StringIO()
        write(*values, **{**options, "file": text})
        get_run_logger().info("%s", text.getvalue().rstrip(), stacklevel=2)

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


@contextmanager
def disable_logger(name: str) -> Iterator[None]:
    """Let the logger of a name say nothing within."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def mask_secret(text: str) -> None:
    """Let log lines and messages of states show a mask in place of a text, from now on and in all of this process.

    Texts shorter than 4 characters stay as they are.
    """
    hide(text)


class LogEavesdropper(logging.Handler):
    """Keeps what a logger, and those below it, say within a `with` block: `text()` is the lines."""

    def __init__(self, eavesdrop_on: str, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.logger = logging.getLogger(eavesdrop_on)
        self.formatter = logging.Formatter("[%(levelname)s]: %(message)s")
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        self.lines = []
        self.before = self.logger.level
        self.logger.setLevel(self.level)
        self.logger.addHandler(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.logger.removeHandler(self)
        self.logger.setLevel(self.before)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))

    def text(self) -> str:
        """Return the lines that were kept."""
        return "\n".join(self.lines)
