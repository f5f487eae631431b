"""Histories of runs in the store, as they are read; what changes a run adds to them (`run_row.py`)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, one

Kind = Literal["flow_run", "task_run"]

SQL = queries("state")


def text(kind: Kind, state_id: UUID) -> Transaction[str]:
    """Return a state's JSON."""
    return (yield from one(str, SQL[f"read_{kind}_state"](id=state_id.bytes)))


def texts(kind: Kind, run_id: UUID) -> Transaction[list[str]]:
    """Return the JSON of a run's states, oldest first."""
    return (yield from many(str, SQL[f"read_{kind}_states"](run_id=run_id.bytes)))
