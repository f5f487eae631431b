"""Where log records go beside the console: to the API, or to a stream as they are."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import TextIO

from lictor.client.connection import connection
from lictor.engine.call_stacks import OURS
from lictor.engine.context import FLOW, TASK
from lictor.engine.errors import MissingContext
from lictor.kit.clock import of_system
from lictor.kit.json import encode
from lictor.sdk.log_formatters import message_of
from lictor.settings import current, table

LOGGING = logging.__file__
OUTBOX = "lictor-outbox"
NOTE = " … ({:,} bytes of this line are cut off: logging.to_api.max_log_size is {:,})"
NOTE_BYTES = 120
"""More than the note takes."""


class ToAPI(logging.Handler):
    """Puts lines of runs into the outbox; those that name no run belong to the run that they were written in."""

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        settings = current()
        self.enabled = settings[table.LOGGING_TO_API_ENABLED]
        self.most_bytes = settings[table.LOGGING_TO_API_MAX_LOG_SIZE]
        self.when_missing_flow = settings[table.LOGGING_TO_API_WHEN_MISSING_FLOW]

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line into the outbox; one that is too long is cut, one with `send_to_api=False` left out."""
        said = record.__dict__
        if not self.enabled or not said.get("send_to_api", True):
            return
        flow = FLOW.get()
        flow_run_id, task_run_id = said.get("flow_run_id"), said.get("task_run_id")
        if flow_run_id is None and task_run_id is None:
            task = TASK.get()
            if flow is None and task is None:
                self.missing(record)
                return
            flow_run_id = None if flow is None else flow.run_id_text
            task_run_id = None if task is None else task.id_text
        here = connection() if flow is None else flow.connection  # which may be another than the settings' by now
        message = message_of(record) if self.formatter is None else self.formatter.format(record)
        here.outbox.log(
            encode(
                {
                    "name": record.name,
                    "level": record.levelno,
                    "message": cut(message, self.most_bytes),
                    "timestamp": of_system(record.created),
                    "flow_run_id": flow_run_id,
                    "task_run_id": task_run_id,
                }
            )
        )

    def missing(self, record: logging.LogRecord) -> None:
        """Do what the settings say about a line that belongs to no run."""
        if record.threadName == OUTBOX:  # lines about the sending of lines
            return
        said = (
            f"the logger '{record.name}' was used outside of a run, its line does not reach the API"
            " (PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW=ignore says nothing of it)"
        )
        if self.when_missing_flow == "error":
            raise MissingContext(said)
        if self.when_missing_flow == "warn":
            warnings.warn(said, stacklevel=level_of_user())


class WorkerToAPI(logging.Handler):
    """Takes the lines of workers, which stay in their process."""

    def emit(self, record: logging.LogRecord) -> None:
        """Do nothing: servers keep lines of runs."""


class ToStream(logging.StreamHandler[TextIO]):
    """Writes to a stream, and says nothing once it is closed."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # as logging names it
        """Leave out lines that come when the stream is closed."""
        error = sys.exc_info()[1]
        if not (isinstance(error, ValueError) and "closed file" in str(error)):
            super().handleError(record)


def cut(message: str, most_bytes: int) -> str:
    """Return a message that is not longer than it may be, and says so."""
    if len(message) * 4 <= most_bytes:
        return message
    content = message.encode("utf-8", "replace")
    if len(content) <= most_bytes:
        return message
    kept = content[: max(0, most_bytes - NOTE_BYTES)].decode("utf-8", "ignore")
    return kept + NOTE.format(len(content) - len(kept.encode()), most_bytes)


def level_of_user() -> int:
    """Return how many frames above its caller's caller the user's code stands."""
    level, frame = 1, sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((OURS, LOGGING)):
        level, frame = level + 1, frame.f_back  # type: ignore[assignment]
    return level
