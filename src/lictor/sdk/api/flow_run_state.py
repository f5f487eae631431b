"""What clients ask about the states of flow runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lictor.engine.states import State
from lictor.wire.operation import Call
from lictor.wire.operations import flow_run_state as rows

READ, LIST = rows.READ.giving(State[Any]), rows.LIST.giving(list[State[Any]])


def read_flow_run_state(flow_run_state_id: UUID) -> Call[State[Any]]:
    """Return a state of a flow run; raise ObjectNotFound if there is none of this id."""
    return READ(id=flow_run_state_id)


def read_flow_run_states(flow_run_id: UUID) -> Call[list[State[Any]]]:
    """Return the states that a flow run was in, oldest first."""
    return LIST(query=rows.FlowRunStatesOf(flow_run_id=flow_run_id))
