"""Log lines of runs."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from lictor.wire.types.common import Answer, Body, DateTime


class LogSort(StrEnum):
    """Orders in which log lines are listed."""

    TIMESTAMP_ASC = "TIMESTAMP_ASC"
    TIMESTAMP_DESC = "TIMESTAMP_DESC"


class LogCreate(Body, kw_only=True):
    """A log line; `level` is the number of Python's logging."""

    name: str
    level: int
    message: str
    timestamp: DateTime
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class Log(Answer, kw_only=True):
    """A log line as the server answers it."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str
    level: int
    message: str
    timestamp: DateTime
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
