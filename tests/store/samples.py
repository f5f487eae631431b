"""Resources that the tests of the store put in and look for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any
from lictor.store import flow, flow_run, task_run
from lictor.store.transaction import Query, Store, Transaction
from lictor.wire.types.event import ReceivedEvent
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import State, StateDetails, StateType
from lictor.wire.types.task_run import TaskRun

BY = "someone"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return a time some seconds after the tests' beginning."""
    return START + timedelta(seconds=seconds)


def a_flow(name: str = "flow", **fields: Any) -> Flow:
    """Return a flow."""
    return Flow(**{"id": uuid7(), "created": START, "updated": START, "name": name, **fields})


def a_state(kind: str = "PENDING", when: datetime = START, **fields: Any) -> State:
    """Return a state."""
    said = {"id": uuid7(), "type": StateType(kind), "name": kind.capitalize(), "timestamp": when}
    return State(**{**said, **fields})


def a_run(flow_id: UUID, name: str = "run", state: State | None = None, **fields: Any) -> FlowRun:
    """Return a flow run in a state."""
    told = {} if state is None else {"state_id": state.id, "state_type": state.type, "state_name": state.name}
    known = {"id": uuid7(), "created": START, "updated": START, "flow_id": flow_id, "name": name, "state": state}
    return FlowRun(**{**known, **told, **fields})


def a_task_run(flow_run_id: UUID | None, name: str = "task", state: State | None = None, **fields: Any) -> TaskRun:
    """Return a task run in a state; its keys come from its name."""
    told = {} if state is None else {"state_id": state.id, "state_type": state.type, "state_name": state.name}
    known = {
        "id": uuid7(),
        "created": START,
        "updated": START,
        "flow_run_id": flow_run_id,
        "name": name,
        "state": state,
    }
    return TaskRun(**{**known, "task_key": "key", "dynamic_key": name, **told, **fields})


def reported(run_id: UUID, flow_run_id: UUID | None, kind: str, seconds: float, **fields: Any) -> TaskRun:
    """Return a task run as a client reports it."""
    details = StateDetails(flow_run_id=flow_run_id, task_run_id=run_id)
    state = a_state(kind, at(seconds), state_details=details)
    return a_task_run(flow_run_id, fields.pop("name", "add"), state, id=run_id, created=None, updated=None, **fields)


def an_event(
    name: str = "it.happened", about: str = "thing.1", occurred: datetime = START, **fields: Any
) -> ReceivedEvent:
    """Return an event."""
    known = {"id": uuid7(), "resource": {"prefect.resource.id": about}, "received": occurred}
    return ReceivedEvent(**{**known, "event": name, "occurred": occurred, **fields})


async def add_flow(store: Store, name: str = "flow", **fields: Any) -> Flow:
    """Store a flow."""
    made = a_flow(name, **fields)
    await store.write(flow.get_or_create, made, BY)
    return made


async def add_run(store: Store, flow_id: UUID, name: str = "run", **fields: Any) -> FlowRun:
    """Store a flow run."""
    made = a_run(flow_id, name, **fields)
    await store.write(flow_run.insert, made, BY)
    return made


async def add_task_run(store: Store, flow_run_id: UUID | None, name: str = "task", **fields: Any) -> TaskRun:
    """Store a task run."""
    made = a_task_run(flow_run_id, name, **fields)
    await store.write(task_run.insert, made, BY)
    return made


def names(texts: list[str]) -> list[str]:
    """Return the names in JSON texts."""
    return [decode_any(text)["name"] for text in texts]


def rows(path: str, statement: str, *values: Any) -> list[Any]:
    """Return rows of a database file, read from outside."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(statement, values).fetchall()


async def look(store: Store, statement: str) -> list[Any]:
    """Return rows of a store's database, as they are in its tables."""

    def work() -> Transaction[list[Any]]:
        rows = yield Query("look", statement)()
        return [tuple(row) for row in rows]

    return await store.read(work)
