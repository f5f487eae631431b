"""Whatever is proposed in whatever order, a run's history stays sound."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.clock import now
from lictor.kit.json import NULL
from lictor.orchestration.change_state import judge_flow_run, judge_task_run, state_of
from lictor.rules.advance import advance_flow_run, advance_task_run
from lictor.rules.transition import Verdict
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, State, StateType
from lictor.wire.types.task_run import TaskRun
from tests.rules.record import states
from tests.rules.test_transitions import decoded, flow_run, task_run

PROPOSALS = st.lists(st.sampled_from(sorted(states())), max_size=12)
STILL_LEFT = {
    ("flow", StateType.CANCELLED): {StateType.RUNNING, *FINAL} - {StateType.CRASHED},
    ("flow", StateType.COMPLETED): {StateType.PENDING, StateType.RUNNING, *FINAL} - {StateType.CRASHED},
    ("flow", StateType.FAILED): {StateType.PENDING, StateType.RUNNING, *FINAL} - {StateType.CRASHED},
    ("flow", StateType.CRASHED): {StateType.PENDING, StateType.RUNNING, *FINAL} - {StateType.CRASHED},
}
"""Where a flow run without a deployment may still go once it has ended."""

History = list[State]


def lived(names: list[str], step: Callable[[str, datetime], Verdict], run: FlowRun | TaskRun) -> History:
    """Propose one state after another and return the history."""
    assert run.state is not None
    history, moment = [run.state], now()
    for name in names:
        moment += timedelta(seconds=1)
        before = list(history)
        verdict = step(name, moment)
        if verdict.state is not None and verdict.state is not history[-1]:
            history.append(verdict.state)
        assert history[: len(before)] == before
        assert run.state is history[-1]
        assert run.state_type == history[-1].type
        assert (run.end_time is not None) == (history[-1].type in FINAL)
    return history


@given(PROPOSALS)
def test_a_flow_runs_history_only_grows(names: list[str]) -> None:
    run = flow_run(None, 1)

    def step(name: str, moment: datetime) -> Verdict:
        verdict = judge_flow_run(run, state_of(decoded(name), moment), moment)
        if verdict.state is not None and verdict.state is not run.state:
            advance_flow_run(run, verdict.state)
        return verdict

    history = lived(names, step, run)
    for left, taken in itertools.pairwise(history):
        if left.type in FINAL:
            assert taken.type in STILL_LEFT["flow", left.type]
        if left.type == StateType.COMPLETED and left.data != NULL:
            assert taken.type in FINAL


@given(PROPOSALS)
def test_a_task_runs_history_only_grows(names: list[str]) -> None:
    run, parent = task_run(None, 1), flow_run("running", 0)

    def step(name: str, moment: datetime) -> Verdict:
        verdict = judge_task_run(run, parent, state_of(decoded(name), moment), moment)
        if verdict.state is not None and verdict.state is not run.state:
            advance_task_run(run, verdict.state)
        return verdict

    history = lived(names, step, run)
    for left, taken in itertools.pairwise(history):
        if left.type == StateType.COMPLETED and left.data != NULL:
            raise AssertionError(f"a stored result was left for {taken.type}")
