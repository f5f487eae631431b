"""Runs counted by interval and state."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from lictor.wire.types.common import Answer, DateTime, Query
from lictor.wire.types.state import StateType

Seconds = Annotated[float, Meta(extra_json_schema={"format": "time-delta"})]


class HistoryBounds(Query, kw_only=True):
    """From when to when, in intervals of how many seconds; at most 500 intervals are answered."""

    history_start: DateTime
    history_end: DateTime
    history_interval_seconds: Seconds


class HistoryState(Answer, kw_only=True):
    """The runs of an interval that are in one state; sums are seconds."""

    state_type: StateType
    state_name: str
    count_runs: int
    sum_estimated_run_time: float
    sum_estimated_lateness: float


class HistoryInterval(Answer, kw_only=True):
    """The runs that were expected to start in an interval, by state."""

    interval_start: DateTime
    interval_end: DateTime
    states: list[HistoryState]
