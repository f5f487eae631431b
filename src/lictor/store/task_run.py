"""Task runs in the store."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.json import encode
from lictor.store.dialect import duration, key, micros, packed, text_list
from lictor.store.queries import queries
from lictor.store.run_row import (
    SLICE,
    Stored,
    blocks,
    change,
    counted,
    entries,
    entry,
    listed,
    paged,
    state_columns,
    stored_run,
    update,
)
from lictor.store.transaction import Ask, Each, Query, Transaction, many, maybe, one, write
from lictor.wire.types.task_run import ListedTaskRun, TaskRun, TaskRunSort

if TYPE_CHECKING:
    from lictor.wire.operations.task_run import CountTaskRuns, PageTaskRuns, ReadTaskRuns

SQL = queries("task_run")
ORDERS = {
    TaskRunSort.ID_DESC: "id desc",
    TaskRunSort.EXPECTED_START_TIME_ASC: "expected_start_time",
    TaskRunSort.EXPECTED_START_TIME_DESC: "expected_start_time desc",
    TaskRunSort.NAME_ASC: "name",
    TaskRunSort.NAME_DESC: "name desc",
    TaskRunSort.NEXT_SCHEDULED_START_TIME_ASC: "next_scheduled_start_time",
    TaskRunSort.END_TIME_DESC: "end_time desc",
    TaskRunSort.DURATION_DESC: "total_run_time desc",
    TaskRunSort.DURATION_ASC: "total_run_time",
}
COLUMNS = (
    "flow_run_id",
    "name",
    "state_id",
    "state_type",
    "state_name",
    "state_timestamp",
    "expected_start_time",
    "next_scheduled_start_time",
    "start_time",
    "end_time",
    "total_run_time",
    "tags",
)
decode = msgspec.json.Decoder(TaskRun).decode
decode_listed = msgspec.json.Decoder(ListedTaskRun).decode


class Known(msgspec.Struct, frozen=True, gc=False):
    """What recording must know of a run that is stored."""

    id: bytes
    key: bytes
    created: int
    stored: Stored


def insert(run: TaskRun, by: str) -> Transaction[None]:
    """Add a run and, if it has one, its first state."""
    yield SQL["insert"](created=created_micros(run), key=natural_key(run), **columns(run, by))
    if run.state is not None:
        yield entry("task_run", run.id, run.state, by)


def load(run_id: UUID) -> Transaction[tuple[TaskRun, Stored]]:
    """Return a run, and what a change of it must name."""
    return (yield from one(loaded, SQL["read_row"](id=run_id.bytes)))


def loaded(body: str, version: int, *values: Any) -> tuple[TaskRun, Stored]:
    """Read a stored run."""
    return decode(body), Stored(version, dict(zip(COLUMNS, values, strict=True)))


def text(run_id: UUID, now: datetime) -> Transaction[str]:
    """Return a run's JSON as it is at a moment."""
    return (yield from one(str, SQL["read_text"](id=run_id.bytes, now=to_micros(now))))


def exists(run_id: UUID) -> Transaction[bool]:
    """Tell whether there is such a run."""
    return bool((yield SQL["exists"](id=run_id.bytes)))


def find(flow_run_id: UUID | None, task_key: str, dynamic_key: str) -> Transaction[UUID | None]:
    """Return the id of the run with these keys; without a flow run they are unique too."""
    ask = SQL["find"](key=digest(flow_run_id, task_key, dynamic_key))
    return (yield from maybe(lambda found: UUID(bytes=found), ask))


def move(run: TaskRun, stored: Stored, by: str, *more: Ask | Each) -> Transaction[None]:
    """Keep a run that has got a new state, add that state to its history, and write what else belongs to it."""
    assert run.state is not None
    yield from write(update("task_run", stored, columns(run, by)), entry("task_run", run.id, run.state, by), *more)


def save(run: TaskRun, stored: Stored, by: str) -> Transaction[None]:
    """Keep what was changed of a run, its state left alone."""
    yield from write(update("task_run", stored, columns(run, by)))


def delete(run_id: UUID) -> Transaction[None]:
    """Delete a run, its states, its slots and its log lines."""
    yield from one(int, SQL["exists"](id=run_id.bytes))
    while not (yield from delete_some(run_id.bytes, SLICE)):
        pass


def delete_some(run_id: bytes, most: int) -> Transaction[bool]:
    """Delete a slice of what belongs to a run, at last the run; return whether that is gone."""
    if (yield SQL["delete_some_logs"](id=run_id, most=blocks(most))):
        return False
    yield SQL["delete_states"](id=run_id)
    yield SQL["delete_slots"](id=run_id)
    yield SQL["delete_cache"](id=run_id)
    yield SQL["delete"](id=run_id)
    return True


def texts(body: ReadTaskRuns, now: datetime) -> Transaction[list[str]]:
    """Return the JSON of the runs that a request matches."""
    return (yield from listed("task_run", body, ORDERS[body.sort], now, body.limit, body.offset))


def page(body: PageTaskRuns, limit: int, now: datetime) -> Transaction[tuple[list[str], int]]:
    """Return the JSON of the runs of a page, and the count of all."""
    found, total = yield from paged("task_run", body, ORDERS[body.sort], now, limit)
    return [encode(decode_listed(each)).decode() for each in found], total


def count(body: CountTaskRuns) -> Transaction[int]:
    """Return how many runs a request matches."""
    return (yield from counted("task_run", body))


def record(runs: list[TaskRun], received: datetime, by: str) -> Transaction[None]:
    """Store runs as clients reported them, each in the state that it was reported in.

    Reports may come in any order and more than once: a state is stored once, and a run is what its newest state says.
    """
    known = yield from read_known(runs)
    states: dict[bytes, dict[str, Any]] = {}
    newest: dict[bytes, TaskRun] = {}
    for run in runs:
        assert run.state is not None
        home = known[run.id.bytes]
        run_id = home if isinstance(home, bytes) else home.id
        states[run.state.id.bytes] = state_columns(run_id, run.state, by)
        if run_id not in newest or age(run) > age(newest[run_id]):
            newest[run_id] = run
    added: list[dict[str, Any]] = []
    changed: dict[Query, list[dict[str, Any]]] = {}
    for run_id, run in newest.items():
        home = known[run.id.bytes]
        run.id, run.updated = UUID(bytes=run_id), received
        if isinstance(home, bytes):
            run.created = received
            added.append({"created": to_micros(received), "key": natural_key(run), **columns(run, by)})
        elif age(run) > (home.stored.columns["state_timestamp"] or 0, home.stored.columns["state_id"] or b""):
            run.created = from_micros(home.created)
            query, values = change("task_run", home.stored, columns(run, by))
            changed.setdefault(query, []).append(values)
    yield SQL["insert"].each(added)
    for query, rows in changed.items():
        yield query.each(rows)
    yield entries(list(states.values()))


def read_known(runs: list[TaskRun]) -> Transaction[dict[bytes, Known | bytes]]:
    """Return, by the id that a run was reported with, what is stored of it, or else the id to store it with.

    A run that was stored or reported before with the same keys and another id keeps that other id.
    """
    found: dict[bytes, Known | bytes] = {}
    reported = {run.id.bytes: run for run in runs}
    for row in (yield from many(known_row, SQL["read_known"](ids=packed(reported)))):
        found[row.id] = row
    keys = {run_id: natural_key(run) for run_id, run in reported.items() if run_id not in found}
    if keys:
        rows = yield from many(known_row, SQL["read_known_by_key"](keys=packed(keys.values())))
        homes: dict[bytes, Known | bytes] = {row.key: row for row in rows}
        for run_id in sorted(keys):
            found[run_id] = homes.setdefault(keys[run_id], run_id)
    return found


def known_row(run_id: bytes, natural: bytes, created: int, version: int, *values: Any) -> Known:
    """Read what is known of a run."""
    return Known(run_id, natural, created, Stored(version, dict(zip(COLUMNS, values, strict=True))))


def age(run: TaskRun) -> tuple[int, bytes]:
    """Return what orders reports of one run: the time of the state, and its id where times are equal."""
    assert run.state is not None
    return to_micros(run.state.timestamp), run.state.id.bytes


def natural_key(run: TaskRun) -> bytes:
    """Return what is unique of a run beside its id."""
    return digest(run.flow_run_id, run.task_key, run.dynamic_key)


def digest(flow_run_id: UUID | None, task_key: str, dynamic_key: str) -> bytes:
    """Return 16 bytes that stand for a run's flow run, task key and dynamic key."""
    flow_run = b"" if flow_run_id is None else flow_run_id.bytes
    keys = f"{len(task_key)}:{task_key}{dynamic_key}".encode()
    return blake2b(keys, digest_size=16, key=flow_run).digest()


def created_micros(run: TaskRun) -> int:
    """Return when a run was created."""
    assert run.created is not None
    return to_micros(run.created)


def columns(run: TaskRun, by: str) -> dict[str, Any]:
    """Return a run's row, save what never changes of it."""
    return {
        "id": run.id.bytes,
        "flow_run_id": key(run.flow_run_id),
        "name": run.name,
        "state_id": key(run.state_id),
        "state_type": run.state_type,
        "state_name": run.state_name,
        "state_timestamp": None if run.state is None else to_micros(run.state.timestamp),
        "expected_start_time": micros(run.expected_start_time),
        "next_scheduled_start_time": micros(run.next_scheduled_start_time),
        "start_time": micros(run.start_time),
        "end_time": micros(run.end_time),
        "total_run_time": duration(run.total_run_time),
        "tags": text_list(run.tags),
        "body": stored_run(run),
        "by": by,
    }
