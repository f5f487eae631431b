"""Runs counted by the time they were expected at and their state, and how late they were."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from lictor.kit.clock import from_micros, to_micros
from lictor.store.transaction import Transaction
from lictor.store.where import Where
from lictor.wire.types.history import HistoryInterval, HistoryState

Table = Literal["flow_run", "task_run"]

MOST = 500
"""How many intervals are answered."""

RUN_TIME = """total_run_time
    + case when state_type = 'RUNNING' and state_timestamp < :now then :now - state_timestamp else 0 end"""
LATENESS = """case
    when start_time > expected_start_time then start_time - expected_start_time
    when start_time is null and expected_start_time < :now
        and (state_type is null or state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'))
        then :now - expected_start_time
    else 0 end"""
"""The microseconds that a run went on, and those that it was or is late."""


class Intervals(NamedTuple):
    """Intervals of one length, one after another; times are microseconds since 1970."""

    start: int
    length: int
    number: int

    def time(self, number: int) -> datetime:
        """Return when an interval begins; OverflowError if that cannot be written."""
        return from_micros(self.start + number * self.length)


def intervals(start: datetime, end: datetime, length: int) -> Intervals:
    """Return the intervals of some microseconds from a moment on that reach to another; the last may go beyond it."""
    first, last = to_micros(start), to_micros(end)
    return Intervals(first, length, min(-((first - last) // length), MOST) if last > first else 0)


def history(table: Table, body: Any, spans: Intervals, now: datetime) -> Transaction[list[HistoryInterval]]:
    """Return how many of the runs that a request matches are in which state, by interval."""
    found = [
        HistoryInterval(interval_start=spans.time(at), interval_end=spans.time(at + 1), states=[])
        for at in range(spans.number)
    ]
    if not found:
        return found
    where = Where({f"{table}.state_type"})
    condition = where.rows_of(table, body).replace(" where ", " and ", 1)
    statement = f"""select (expected_start_time - :start) / :length as bucket, state_type, state_name, count(*),
        cast(sum({RUN_TIME}) as bigint), cast(sum({LATENESS}) as bigint)
        from {table} where expected_start_time >= :start and expected_start_time < :until
        and state_type is not null{condition} group by bucket, state_type, state_name
        order by bucket, state_type, state_name"""
    until = spans.start + spans.number * spans.length
    ask = where.ask(
        f"{table}.history", statement, start=spans.start, length=spans.length, until=until, now=to_micros(now)
    )
    for bucket, state_type, state_name, number, run_time, lateness in (yield ask):
        state = HistoryState(
            state_type=state_type,
            state_name=state_name or "",
            count_runs=number,
            sum_estimated_run_time=run_time / 1e6,
            sum_estimated_lateness=lateness / 1e6,
        )
        found[bucket].states.append(state)
    return found


def average_lateness(body: Any, now: datetime) -> Transaction[float | None]:
    """Return by how many seconds the flow runs that a request matches are late on average, None without any."""
    where = Where()
    rows = where.rows_of("flow_run", body)
    statement = f"select count(*), cast(sum({LATENESS}) as bigint) from flow_run{rows}"
    ((number, lateness),) = yield where.ask("flow_run.lateness", statement, now=to_micros(now))
    return lateness / number / 1e6 if number else None
