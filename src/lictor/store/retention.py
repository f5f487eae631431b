"""What is too old or belongs to nothing, and its removal in transactions so short that no writer waits for them long.

Age counts from when the server got a row: positions, numbers and `created` follow that time, and a run's `updated` is
when its last change came in. Clocks of clients play no part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from lictor.kit.clock import to_micros
from lictor.store import artifact, flow_run, task_run
from lictor.store.queries import queries
from lictor.store.transaction import Query, Transaction
from lictor.wire.types.common import DateTime
from lictor.wire.types.state import FINAL

SQL = queries("retention")
FIRST_ROWS = 4
AT_ONCE = 200
FINISHED = frozenset(state.value for state in FINAL)

EVENTS, LOGS = SQL["events"], SQL["logs"]
DELETE_EVENT, DELETE_LOG = SQL["delete_event"], SQL["delete_log"]
RUNS_OF_ARTIFACTS = SQL["runs_of_artifacts"]
RUNS_OF_TASK_RUNS, RUNS_OF_LOGS, TASK_RUNS_OF_LOGS = (
    SQL["runs_of_task_runs"],
    SQL["runs_of_logs"],
    SQL["task_runs_of_logs"],
)


class Found(NamedTuple):
    """Keys of what is to be removed, where the search for more begins, and whether it may find any."""

    keys: list[Any]
    cursor: Any
    more: bool


class Run(NamedTuple):
    """A run to be removed, unless it has changed since."""

    id: bytes
    version: int


class Removed(NamedTuple):
    """How many of the given keys are dealt with, and how long that took in the database."""

    keys: int
    seconds: float


class Space(NamedTuple):
    """The pages of a database file; none where the database sees to them by itself."""

    returns: bool
    free: int
    all: int


class Times(msgspec.Struct):
    """When the server got a run, and its last change."""

    created: DateTime
    updated: DateTime


times_of = msgspec.json.Decoder(Times).decode


class Pace:
    """Says how large the next step of a transaction may be, from how long those before took."""

    def __init__(self, most_seconds: float) -> None:
        self.began, self.most_seconds = monotonic(), most_seconds
        self.rows, self.done = FIRST_ROWS, 0

    @property
    def seconds(self) -> float:
        """How long the transaction has taken."""
        return monotonic() - self.began

    def goes_on(self, rows: int) -> bool:
        """Count rows as done; tell whether there is time for more, and set how many."""
        self.done += rows
        left = self.most_seconds - self.seconds
        each = self.seconds / max(self.done, 1)
        self.rows = max(1, min(2 * self.rows, int(left / each / 2) if each > 0 else 2 * self.rows))
        return left > 0


def received(query: Query, after: int, before: datetime, most: int) -> Transaction[Found]:
    """Find the first rows after a position that came in before a moment."""
    rows = yield query(after=after, most=most)
    limit = to_micros(before)
    old: list[int] = []
    for position, came_in in rows:
        if came_in >= limit:
            return Found(old, after, False)
        old.append(position)
    return Found(old, old[-1] if old else after, len(rows) == most)


def events_named(name: str, after: int, before: datetime, most: int) -> Transaction[Found]:
    """Find some events of a name that came in before a moment; `after` counts nothing, for those found are removed."""
    limit = to_micros(before)
    rows = yield SQL["events_named"](name=name, before=limit, most=most)
    return Found([position for (position,) in rows], after, len(rows) == most)


def flow_runs(after: int, before: datetime, most: int) -> Transaction[Found]:
    """Find finished flow runs that last changed before a moment and that no run started which is still there."""
    rows = yield SQL["flow_runs"](after=after, most=most)
    old: list[Run] = []
    for number, run_id, version, state_type, body, on_top in rows:
        times = times_of(body)
        if times.created >= before:
            return Found(old, after, False)
        after = number
        if on_top and state_type in FINISHED and times.updated < before:
            old.append(Run(run_id, version))
    return Found(old, after, len(rows) == most)


def task_runs_alone(after: tuple[int, int], before: datetime, most: int) -> Transaction[Found]:
    """Find finished task runs without a flow run that last changed before a moment."""
    rows = yield SQL["task_runs_alone"](created=after[0], number=after[1], most=most)
    old: list[Run] = []
    for created, number, run_id, version, state_type, body in rows:
        if created >= to_micros(before):
            return Found(old, after, False)
        after = created, number
        if state_type in FINISHED and times_of(body).updated < before:
            old.append(Run(run_id, version))
    return Found(old, after, len(rows) == most)


def missing(query: Query, after: bytes, before: datetime, most: int) -> Transaction[Found]:
    """Find ids after one by which rows name runs that are not there."""
    rows = yield query(after=after, most=most)
    return Found(
        [(name, before) for name, there in rows if not there], rows[-1][0] if rows else after, len(rows) == most
    )


def remove(query: Query, keys: Sequence[int], seconds: float) -> Transaction[Removed]:
    """Remove rows by primary key, as many as there is time for."""
    pace, done = Pace(seconds), 0
    while done < len(keys):
        some = keys[done : done + pace.rows]
        yield query.each([{"key": key} for key in some])
        done += len(some)
        if not pace.goes_on(len(some)):
            break
    return Removed(done, pace.seconds)


def remove_flow_runs(runs: Sequence[Run], seconds: float) -> Transaction[Removed]:
    """Remove flow runs with all that belongs to them, as many as there is time for; the last may be left half."""
    return (yield from remove_runs(SQL["flow_run_version"], flow_run.delete_some, runs, seconds))


def remove_task_runs(runs: Sequence[Run], seconds: float) -> Transaction[Removed]:
    """Remove task runs with all that belongs to them, as many as there is time for; the last may be left half."""
    return (yield from remove_runs(SQL["task_run_version"], task_run.delete_some, runs, seconds))


def remove_runs(
    version: Query, delete_some: Callable[[bytes, int], Transaction[bool]], runs: Sequence[Run], seconds: float
) -> Transaction[Removed]:
    """Remove runs, a slice after the other; those that changed since they were found are left alone."""
    pace = Pace(seconds)
    for done, run in enumerate(runs):
        gone = [tuple(row) for row in (yield version(id=run.id))] != [(run.version,)]
        while not gone:
            gone = yield from delete_some(run.id, pace.rows)
            if not pace.goes_on(pace.rows):
                return Removed(done + gone, pace.seconds)
    return Removed(len(runs), pace.seconds)


def remove_task_runs_of(keys: Sequence[tuple[bytes, datetime]], seconds: float) -> Transaction[Removed]:
    """Remove task runs of a flow run that is not there, if they were made before a moment."""
    pace = Pace(seconds)
    run_id, before = keys[0]
    rows = yield SQL["task_runs_of"](id=run_id, before=to_micros(before), most=AT_ONCE)
    for (task_run_id,) in rows:
        gone = False
        while not gone:
            gone = yield from task_run.delete_some(task_run_id, pace.rows)
            if not pace.goes_on(pace.rows):
                return Removed(0, pace.seconds)
    return Removed(int(len(rows) < AT_ONCE), pace.seconds)


def remove_logs_of_run(keys: Sequence[tuple[bytes, datetime]], seconds: float) -> Transaction[Removed]:
    """Remove the log lines of a flow run that is not there, if they came in before a moment."""
    return (yield from remove_found(SQL["logs_of_run"], *keys[0], seconds))


def remove_logs_of_task_run(keys: Sequence[tuple[bytes, datetime]], seconds: float) -> Transaction[Removed]:
    """Remove the log lines of a task run that is not there, if they name no flow run and came in before a moment."""
    return (yield from remove_found(SQL["logs_of_task_run"], *keys[0], seconds))


def remove_artifacts_of(keys: Sequence[tuple[bytes, datetime]], seconds: float) -> Transaction[Removed]:
    """Remove the artifacts of a flow run that is not there, if they were made before a moment."""
    pace = Pace(seconds)
    run_id, before = keys[0]
    rows = yield SQL["artifacts_of"](id=run_id, before=to_micros(before), most=AT_ONCE)
    for done, (artifact_id,) in enumerate(rows, 1):
        yield from artifact.discard(artifact_id)
        if not pace.goes_on(1):
            return Removed(int(done == len(rows) < AT_ONCE), pace.seconds)
    return Removed(int(len(rows) < AT_ONCE), pace.seconds)


def remove_found(query: Query, run_id: bytes, before: datetime, seconds: float) -> Transaction[Removed]:
    """Remove the blocks of log lines that a query finds."""
    rows = yield query(id=run_id, before=to_micros(before), most=AT_ONCE)
    removed = yield from remove(DELETE_LOG, [position for (position,) in rows], seconds)
    return Removed(int(removed.keys == len(rows) < AT_ONCE), removed.seconds)


def space() -> Transaction[Space]:
    """Tell how many pages of the file are free."""
    ((mode, free, pages),) = yield SQL["space"]()
    return Space(bool(mode), free, pages)


def give_back(pages: int, seconds: float) -> Transaction[Removed]:
    """Give free pages back to the system, as many as there is time for."""
    pace, done = Pace(seconds), 0
    while done < pages:
        yield SQL["give_back"]()
        done += 1
        if not pace.goes_on(1):
            break
    return Removed(done, pace.seconds)
