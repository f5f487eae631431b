"""Task runs in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros, to_micros
from lictor.store import state
from lictor.store.columns import duration, key, micros, stored_run, text_list, whole
from lictor.store.dialect import packed
from lictor.store.queries import queries
from lictor.store.transaction import Ask, Each, Transaction, many, maybe, one, write
from lictor.store.where import Where
from lictor.wire.types.task_run import TaskRun, TaskRunSort

if TYPE_CHECKING:
    from lictor.wire.operations.task_run import CountTaskRuns, ReadTaskRuns

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
decode = msgspec.json.Decoder(TaskRun).decode


class Known(msgspec.Struct, frozen=True, gc=False):
    """What recording must know of a run that is stored."""

    id: bytes
    key: bytes
    created: int
    state_timestamp: int | None
    state_id: bytes | None


def insert(run: TaskRun, by: str) -> Transaction[None]:
    """Add a run and, if it has one, its first state."""
    yield SQL["insert"](created=created_micros(run), key=natural_key(run), **columns(run, by))
    if run.state is not None:
        yield state.ask("task_run", run.id, run.state, by)


def load(run_id: UUID) -> Transaction[tuple[TaskRun, int]]:
    """Return a run and the version that a change of it must name."""
    return (yield from one(loaded, SQL["read_body"](id=run_id.bytes)))


def loaded(body: str, version: int) -> tuple[TaskRun, int]:
    """Read a stored run."""
    return decode(body), version


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


def move(run: TaskRun, version: int, by: str, *more: Ask | Each) -> Transaction[None]:
    """Keep a run that has got a new state, add that state to its history, and write what else belongs to it."""
    assert run.state is not None
    guard = SQL["update"](version=version, **changes(run, by))
    yield from write(guard, state.ask("task_run", run.id, run.state, by), *more)


def save(run: TaskRun, version: int, by: str) -> Transaction[None]:
    """Keep what was changed of a run, its state left alone."""
    yield from write(SQL["update"](version=version, **changes(run, by)))


def delete(run_id: UUID) -> Transaction[None]:
    """Delete a run, its states and its log lines."""
    yield from one(bytes, SQL["delete"](id=run_id.bytes))
    yield SQL["delete_states"](id=run_id.bytes)
    yield SQL["delete_logs"](id=run_id.bytes)


def texts(body: ReadTaskRuns, now: datetime) -> Transaction[list[str]]:
    """Return the JSON of the runs that a request matches."""
    where = Where()
    rows = where.rows_of("task_run", body)
    statement = f"select {{live}} from task_run{rows} order by {ORDERS[body.sort]} limit :limit offset :offset"
    limit = -1 if body.limit is None else body.limit
    ask = where.ask("task_run.texts", statement, now=to_micros(now), limit=limit, offset=whole(body.offset))
    return (yield from many(str, ask))


def count(body: CountTaskRuns) -> Transaction[int]:
    """Return how many runs a request matches."""
    where = Where()
    rows = where.rows_of("task_run", body)
    return (yield from one(int, where.ask("task_run.count", f"select count(*) from task_run{rows}")))


def record(runs: list[TaskRun], received: datetime, by: str) -> Transaction[None]:
    """Store runs as clients reported them, each in the state that it was reported in.

    Reports may come in any order and more than once: a state is stored once, and a run is what its newest state says.
    """
    newest: dict[bytes, TaskRun] = {}
    for run in runs:
        other = newest.get(run.id.bytes)
        if other is None or age(run) > age(other):
            newest[run.id.bytes] = run
    known = yield from read_known(newest)
    states, rows = {}, []
    for run in runs:
        assert run.state is not None
        home = known.get(run.id.bytes)
        states[run.state.id] = state.columns(run.id.bytes if home is None else home.id, run.state, by)
    for run_id, run in newest.items():
        home = known.get(run_id)
        if home is None:
            run.created = received
        elif age(run) <= (home.state_timestamp or 0, home.state_id or b""):
            continue
        else:
            run.id, run.created = UUID(bytes=home.id), from_micros(home.created)
        run.updated = received
        rows.append({"key": natural_key(run), "created": created_micros(run), **columns(run, by)})
    yield SQL["record"].each(rows)
    yield state.record(list(states.values()))


def read_known(newest: dict[bytes, TaskRun]) -> Transaction[dict[bytes, Known]]:
    """Return what is known of reported runs, by the id they were reported with; their keys find them too."""
    rows = yield from many(Known, SQL["read_known"](ids=packed(newest)))
    known = {row.id: row for row in rows}
    keys = {natural_key(run): run_id for run_id, run in newest.items() if run_id not in known}
    if keys:
        for row in (yield from many(Known, SQL["read_known_by_key"](keys=packed(keys)))):
            known[keys[row.key]] = row
    return known


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
    return {"flow_run_id": key(run.flow_run_id), **changes(run, by)}


def changes(run: TaskRun, by: str) -> dict[str, Any]:
    """Return what may change of a run's row, and its id."""
    return {
        "id": run.id.bytes,
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
