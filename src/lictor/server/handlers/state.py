"""Answers about the states of runs: histories that only grow."""

from __future__ import annotations

from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, text, texts
from lictor.store import state
from lictor.wire.operations import flow_run_state, task_run_state


@answers(flow_run_state.READ)
async def read_flow_run_state(request: Request, body: None) -> Reply:
    """Answer a state of a flow run."""
    return text(await request.store.point(state.text, "flow_run", request.parameters["id"]))


@answers(flow_run_state.LIST)
async def list_flow_run_states(request: Request, body: None) -> Reply:
    """Answer a flow run's states, oldest first."""
    return texts(await request.store.read(state.texts, "flow_run", request.query.flow_run_id))


@answers(task_run_state.READ)
async def read_task_run_state(request: Request, body: None) -> Reply:
    """Answer a state of a task run."""
    return text(await request.store.point(state.text, "task_run", request.parameters["id"]))


@answers(task_run_state.LIST)
async def list_task_run_states(request: Request, body: None) -> Reply:
    """Answer a task run's states, oldest first."""
    return texts(await request.store.read(state.texts, "task_run", request.query.task_run_id))
