"""States of runs in the store: histories that only grow."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from lictor.kit.clock import to_micros
from lictor.kit.json import encode
from lictor.store.queries import queries
from lictor.store.transaction import Ask, Each, Transaction, many, one
from lictor.wire.types.state import State

Kind = Literal["flow_run", "task_run"]

SQL = queries("state")


def text(kind: Kind, state_id: UUID) -> Transaction[str]:
    """Return a state's JSON."""
    return (yield from one(str, SQL[f"read_{kind}_state"](id=state_id.bytes)))


def texts(kind: Kind, run_id: UUID) -> Transaction[list[str]]:
    """Return the JSON of a run's states, oldest first."""
    return (yield from many(str, SQL[f"read_{kind}_states"](run_id=run_id.bytes)))


def ask(kind: Kind, run_id: UUID, state: State, by: str) -> Ask:
    """Return what adds a state to a run's history."""
    return SQL[f"insert_{kind}_state"](**columns(run_id.bytes, state, by))


def record(rows: list[dict[str, Any]]) -> Each:
    """Return what adds states to task runs' histories, save those that are there."""
    return SQL["record_task_run_state"].each(rows)


def columns(run_id: bytes, state: State, by: str) -> dict[str, Any]:
    """Return a state's row."""
    return {
        "id": state.id.bytes,
        "run_id": run_id,
        "type": state.type,
        "name": state.name,
        "timestamp": to_micros(state.timestamp),
        "body": encode(state).decode(),
        "by": by,
    }
