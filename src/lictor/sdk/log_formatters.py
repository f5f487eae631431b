"""What log records look like as text. Secrets are masked."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Literal

from lictor.engine.run_logger import FLOW_RUNS, TASK_RUNS
from lictor.kit.json import encode
from lictor.kit.masking import masked

FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | %(name)s - %(message)s"
FLOW_RUN_FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | Flow run %(flow_run_name)r - %(message)s"
TASK_RUN_FORMAT = "%(asctime)s.%(msecs)03d | %(levelname)-7s | Task run %(task_run_name)r - %(message)s"
TIME = "%H:%M:%S"
UNNAMED = {"flow_run_name": "<unknown>", "task_run_name": "<unknown>", "flow_name": "<unknown>"}
"""What stands in lines of the runs' loggers that were written elsewhere."""

Style = Literal["%", "{", "$"]


class Formatter(logging.Formatter):
    """The standard library's, with masks in place of secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        return masked(super().format(record))


class RunFormatter(Formatter):
    """Has formats of its own for lines of flow runs and of task runs."""

    def __init__(
        self,
        format: str | None = None,  # noqa: A002  # as configuration files name it
        datefmt: str | None = None,
        style: Style = "%",
        validate: bool = True,
        *,
        defaults: Mapping[str, Any] | None = None,
        task_run_fmt: str | None = None,
        flow_run_fmt: str | None = None,
    ) -> None:
        super().__init__(format, datefmt, style, validate, defaults=defaults)
        known = {**UNNAMED, **(defaults or {})}
        self.styles = {
            name: logging.Formatter(each, datefmt, style, validate, defaults=known)
            for name, each in ((FLOW_RUNS.name, flow_run_fmt), (TASK_RUNS.name, task_run_fmt))
            if each
        }

    def usesTime(self) -> bool:  # noqa: N802  # as logging names it
        """Whether any of the formats shows the time."""
        return super().usesTime() or any(each.usesTime() for each in self.styles.values())

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # as logging names it
        """Return a record's line, without its traceback."""
        style = self.styles.get(record.name)
        return super().formatMessage(record) if style is None else style.formatMessage(record)


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON with all that it holds: on a line (`default`) or on many (`pretty`)."""

    def __init__(self, fmt: str = "default", datefmt: str | None = None, style: Style = "%") -> None:
        super().__init__()
        if fmt not in ("default", "pretty"):
            raise ValueError(f"format: {fmt!r} is none of default, pretty")
        self.pretty = fmt == "pretty"

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        import msgspec  # noqa: PLC0415  # loaded when needed

        content = {**record.__dict__, "message": record.getMessage(), "severity": record.levelname}
        if record.exc_info:
            content["exc_info"] = described(record.exc_info)
        text = encode({name: plain(value) for name, value in content.items()})
        return masked((msgspec.json.format(text, indent=2) if self.pretty else text).decode())


def described(error: Any) -> dict[str, Any]:
    """Return an error as JSON can hold it."""
    kind, value, trace = error
    if kind is None:
        return {}
    lines = "".join(traceback.format_tb(trace)) if trace else None
    return {"type": kind.__name__, "message": str(value), "traceback": lines}


def plain(value: Any) -> Any:
    """Return a value if JSON can hold it, else what it says of itself."""
    try:
        encode(value)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
    return value


def message_of(record: logging.LogRecord) -> str:
    """Return what a record says, with the traceback of its error."""
    message = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        message += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
    return masked(message)
