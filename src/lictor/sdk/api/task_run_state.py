"""What clients ask about the states of task runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lictor.engine.states import State
from lictor.wire.operation import Call
from lictor.wire.operations import task_run_state as rows

READ, LIST = rows.READ.giving(State[Any]), rows.LIST.giving(list[State[Any]])


def read_task_run_state(task_run_state_id: UUID) -> Call[State[Any]]:
    """Return a state of a task run; raise ObjectNotFound if there is none of this id."""
    return READ(id=task_run_state_id)


def read_task_run_states(task_run_id: UUID) -> Call[list[State[Any]]]:
    """Return the states that a task run was in, oldest first."""
    return LIST(query=rows.TaskRunStatesOf(task_run_id=task_run_id))
