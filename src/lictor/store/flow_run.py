"""Flow runs in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.clock import to_micros
from lictor.store.dialect import duration, ids, key, micros, text_list
from lictor.store.queries import queries
from lictor.store.run_row import (
    SLICE,
    STATE_SQL,
    Stored,
    blocks,
    counted,
    entry,
    listed,
    paged,
    some_of,
    state_columns,
    stored_run,
    update,
)
from lictor.store.transaction import Ask, Each, Transaction, many, maybe, one, write
from lictor.wire.types.flow_run import FlowRun, FlowRunSort

if TYPE_CHECKING:
    from lictor.wire.filters import FlowRunFilter
    from lictor.wire.operations.flow_run import CountFlowRuns, PageFlowRuns, ReadFlowRuns

SQL = queries("flow_run")
ORDERS = {
    FlowRunSort.ID_DESC: "id desc",
    FlowRunSort.START_TIME_ASC: "start_or_expected",
    FlowRunSort.START_TIME_DESC: "start_or_expected desc",
    FlowRunSort.EXPECTED_START_TIME_ASC: "expected_start_time",
    FlowRunSort.EXPECTED_START_TIME_DESC: "expected_start_time desc",
    FlowRunSort.NAME_ASC: "name",
    FlowRunSort.NAME_DESC: "name desc",
    FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC: "next_scheduled_start_time",
    FlowRunSort.END_TIME_DESC: "end_time desc",
}
COLUMNS = (
    "name",
    "state_type",
    "state_name",
    "state_timestamp",
    "deployment_id",
    "work_queue_id",
    "work_queue_name",
    "flow_version",
    "idempotency_key",
    "parent_task_run_id",
    "expected_start_time",
    "next_scheduled_start_time",
    "start_time",
    "start_or_expected",
    "end_time",
    "total_run_time",
    "tags",
)
decode = msgspec.json.Decoder(FlowRun).decode


def insert(run: FlowRun, by: str) -> Transaction[None]:
    """Add a run and, if it has one, its first state."""
    yield SQL["insert"](**columns(run, by))
    if run.state is not None:
        yield entry("flow_run", run.id, run.state, by)


def plan(runs: Sequence[FlowRun], by: str) -> Transaction[int]:
    """Add runs that schedules ask for, save those whose flow has one with their key; return how many were added."""
    yield SQL["plan"].each([columns(run, by) for run in runs])
    found = yield from many(bytes, SQL["planned"](ids=ids(run.id for run in runs)))
    added = {*found}
    states = [(run.id.bytes, run.state) for run in runs if run.id.bytes in added and run.state is not None]
    yield STATE_SQL["insert_flow_run_state"].each([state_columns(run_id, state, by) for run_id, state in states])
    return len(added)


def upcoming(deployment_ids: Iterable[UUID], since: datetime) -> Transaction[dict[bytes, set[str]]]:
    """Return the idempotency keys of deployments' runs that are scheduled for a moment or later."""
    found: dict[bytes, set[str]] = {}
    for deployment_id, key_of in (yield SQL["upcoming"](deployments=ids(deployment_ids), since=to_micros(since))):
        found.setdefault(deployment_id, set()).add(key_of)
    return found


def load(run_id: UUID) -> Transaction[tuple[FlowRun, Stored]]:
    """Return a run, and what a change of it must name."""
    return (yield from one(loaded, SQL["read_row"](id=run_id.bytes)))


def loaded(
    body: str, version: int, flow_name: str | None, deployment_name: str | None, pool_type: str | None, *values: Any
) -> tuple[FlowRun, Stored]:
    """Read a stored run."""
    columns = dict(zip(COLUMNS, values, strict=True))
    return decode(body), Stored(version, columns, flow_name or "", deployment_name or "", pool_type or "")


def name(run_id: UUID) -> Transaction[str]:
    """Return a run's name."""
    return (yield from one(str, SQL["read_name"](id=run_id.bytes)))


def text(run_id: UUID, now: datetime) -> Transaction[str]:
    """Return a run's JSON as it is at a moment."""
    return (yield from one(str, SQL["read_text"](id=run_id.bytes, now=to_micros(now))))


def find(flow_id: UUID, idempotency_key: str) -> Transaction[UUID | None]:
    """Return the id of a flow's run with an idempotency key."""
    ask = SQL["find"](flow_id=flow_id.bytes, idempotency_key=idempotency_key)
    return (yield from maybe(lambda found: UUID(bytes=found), ask))


def move(run: FlowRun, stored: Stored, by: str, *more: Ask | Each) -> Transaction[None]:
    """Keep a run that has got a new state, add that state to its history, and write what else belongs to it."""
    assert run.state is not None
    yield from write(update("flow_run", stored, columns(run, by)), entry("flow_run", run.id, run.state, by), *more)


def save(run: FlowRun, stored: Stored, by: str) -> Transaction[None]:
    """Keep what was changed of a run, its state left alone."""
    yield from write(update("flow_run", stored, columns(run, by)))


def must_exist(run_id: UUID) -> Transaction[None]:
    """Raise NotFound unless there is such a run."""
    yield from one(int, SQL["read_version"](id=run_id.bytes))


def delete(run_id: UUID) -> Transaction[None]:
    """Delete a run, its states, its task runs and theirs, and its log lines."""
    yield from must_exist(run_id)
    while not (yield from delete_some(run_id.bytes, SLICE)):
        pass


def delete_some(run_id: bytes, most: int) -> Transaction[bool]:
    """Delete a slice of what belongs to a run, at last the run; return whether that is gone."""
    yield SQL["delete_some_task_run_states"](id=run_id, most=most)
    yield SQL["delete_some_slots"](id=run_id, most=most)
    yield SQL["delete_some_cache"](id=run_id, most=most)
    if (yield SQL["delete_some_task_runs"](id=run_id, most=most)):
        return False
    if (yield SQL["delete_some_logs"](id=run_id, most=blocks(most))):
        return False
    yield SQL["delete_states"](id=run_id)
    yield SQL["delete_inputs"](id=run_id)
    yield SQL["delete_signs"](id=run_id)
    yield SQL["delete_slots"](id=run_id)
    yield SQL["delete"](id=run_id)
    return True


def texts(body: ReadFlowRuns, now: datetime) -> Transaction[list[str]]:
    """Return the JSON of the runs that a request matches."""
    return (yield from listed("flow_run", body, ORDERS[body.sort], now, body.limit, body.offset))


def page(body: PageFlowRuns, limit: int, now: datetime) -> Transaction[tuple[list[str], int]]:
    """Return the JSON of the runs of a page, and the count of all."""
    return (yield from paged("flow_run", body, ORDERS[body.sort], now, limit))


def some(sought: FlowRunFilter | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of some of the runs that a filter matches."""
    return (yield from some_of("flow_run", sought, limit))


def count(body: CountFlowRuns) -> Transaction[int]:
    """Return how many runs a request matches."""
    return (yield from counted("flow_run", body))


def columns(run: FlowRun, by: str) -> dict[str, Any]:
    """Return a run's row."""
    start, expected = micros(run.start_time), micros(run.expected_start_time)
    return {
        "id": run.id.bytes,
        "flow_id": run.flow_id.bytes,
        "name": run.name,
        "state_type": run.state_type,
        "state_name": run.state_name,
        "state_timestamp": None if run.state is None else to_micros(run.state.timestamp),
        "deployment_id": key(run.deployment_id),
        "work_queue_id": key(run.work_queue_id),
        "work_queue_name": run.work_queue_name,
        "flow_version": run.flow_version,
        "idempotency_key": run.idempotency_key,
        "parent_task_run_id": key(run.parent_task_run_id),
        "expected_start_time": expected,
        "next_scheduled_start_time": micros(run.next_scheduled_start_time),
        "start_time": start,
        "start_or_expected": expected if start is None else start,
        "end_time": micros(run.end_time),
        "total_run_time": duration(run.total_run_time),
        "tags": text_list(run.tags),
        "body": stored_run(run),
        "by": by,
    }
