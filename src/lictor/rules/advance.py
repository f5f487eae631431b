"""What an accepted state changes on its run; the server and the SDK both call it."""

from __future__ import annotations

from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, State, StateType
from lictor.wire.types.task_run import TaskRun

RUNNING, SCHEDULED = StateType.RUNNING, StateType.SCHEDULED


def advance_flow_run(run: FlowRun, state: State) -> None:
    """Put a flow run into a state, in place."""
    advance(run, state)


def advance_task_run(run: TaskRun, state: State) -> None:
    """Put a task run into a state, in place."""
    advance(run, state)


def advance(run: FlowRun | TaskRun, state: State) -> None:
    """Put a run into a state: its times, counts and the copies of the state's type and name."""
    left, kind, moment = run.state, state.type, state.timestamp
    if left is not None and left.type == RUNNING:
        run.total_run_time += (moment - left.timestamp).total_seconds()
    if kind == RUNNING:
        run.run_count += 1
    if run.start_time is None and (kind == RUNNING or kind in FINAL):
        run.start_time = moment
    run.end_time = moment if kind in FINAL else None
    if kind == SCHEDULED:
        run.next_scheduled_start_time = state.state_details.scheduled_time
        if run.expected_start_time is None:
            run.expected_start_time = state.state_details.scheduled_time
    else:
        run.next_scheduled_start_time = None
        if run.expected_start_time is None:
            run.expected_start_time = moment
    run.state, run.state_id, run.state_type, run.state_name = state, state.id, kind, state.name
