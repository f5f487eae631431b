"""Turns fields of the contract's structs into what columns hold."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.kit.clock import to_micros
from lictor.kit.json import encode
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.task_run import TaskRun

LARGEST = 2**63 - 1
ESTIMATES = b',"estimated_run_time":0.0,"estimated_start_time_delta":0.0}'


def micros(moment: datetime | None) -> int | None:
    """Return a time as microseconds since 1970."""
    return None if moment is None else to_micros(moment)


def key(identifier: UUID | None) -> bytes | None:
    """Return an id as 16 bytes."""
    return None if identifier is None else identifier.bytes


def whole(number: float) -> int:
    """Return a number as an integer that a column can hold; what is too large becomes the largest."""
    return int(number) if -LARGEST < number < LARGEST else LARGEST if number > 0 else -LARGEST


def duration(seconds: float) -> int:
    """Return seconds as microseconds."""
    return whole(seconds * 1_000_000)


def text_list(values: list[str]) -> str:
    """Return strings as JSON text."""
    return encode(values).decode() if values else "[]"


def stored_run(run: FlowRun | TaskRun) -> str:
    """Return a run's JSON as it is stored: open at the end, and without the estimates, which change by themselves."""
    run.estimated_run_time = run.estimated_start_time_delta = 0.0
    return encode(run)[: -len(ESTIMATES)].decode()
