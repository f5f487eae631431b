"""The rules answer every proposal, and the longer cases that no table has."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lictor.kit.clock import now
from lictor.kit.json import NULL, raw
from lictor.rules import flow_run, task_run
from lictor.rules.transition import ANY, Rules, Transition, decide
from lictor.wire.types.flow_run import FlowRun, FlowRunPolicy
from lictor.wire.types.state import FINAL, State, StateDetails, StateType
from lictor.wire.types.task_run import TaskRun, TaskRunPolicy

NOW = now()
MOMENTS = st.none() | st.sampled_from([NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)])
IDS = st.none() | st.sampled_from([UUID(int=1), UUID(int=2)])
DETAILS = st.builds(
    StateDetails,
    scheduled_time=MOMENTS,
    pause_timeout=MOMENTS,
    pause_reschedule=st.booleans(),
    pause_key=st.sampled_from([None, "a", "b"]),
    retriable=st.sampled_from([None, True, False]),
    transition_id=IDS,
)
NAMES = st.sampled_from(["Late", "AwaitingRetry", "Running", ""])
DATA = st.sampled_from([NULL, raw({"type": "result"})])
FLOW_POLICIES = st.builds(
    FlowRunPolicy,
    retries=st.sampled_from([None, 0, 3]),
    retry_delay=st.sampled_from([None, 0, 3]),
    pause_keys=st.sampled_from([None, [], ["a"]]),
    resuming=st.sampled_from([None, True, False]),
)
TASK_POLICIES = st.builds(
    TaskRunPolicy,
    retries=st.sampled_from([None, 0, 3]),
    retry_delay=st.sampled_from([None, 0.0, 3.0, [], [1.0, 2.0]]),
    retry_jitter_factor=st.sampled_from([None, 0.0, 0.5, 4.0]),
)
EDGES = [(leaving, entering) for leaving in ANY for entering in StateType]
FLOW_RUNS = st.builds(
    FlowRun,
    id=st.just(uuid4()),
    created=st.just(NOW),
    updated=st.just(NOW),
    flow_id=st.just(uuid4()),
    deployment_id=IDS,
    empirical_policy=FLOW_POLICIES,
    run_count=st.integers(0, 5),
    parameters=st.just(NULL),
    context=st.just(NULL),
    job_variables=st.just(NULL),
    labels=st.just({}),
    created_by=st.none(),
    state=st.none(),
)
TASK_RUNS = st.builds(
    TaskRun,
    id=st.just(uuid4()),
    created=st.just(NOW),
    updated=st.just(NOW),
    task_key=st.just("key"),
    dynamic_key=st.just("0"),
    empirical_policy=TASK_POLICIES,
    run_count=st.integers(0, 5),
    flow_run_run_count=st.integers(0, 2),
    labels=st.just({}),
    task_inputs=st.just({}),
    state=st.none(),
)


def states(kind: StateType) -> st.SearchStrategy[State]:
    return st.builds(State, type=st.just(kind), name=NAMES, data=DATA, state_details=DETAILS, message=st.none())


@pytest.mark.parametrize(("rules", "runs"), [(flow_run.RULES, FLOW_RUNS), (task_run.RULES, TASK_RUNS)])
@given(st.data())
def test_every_proposal_is_answered(
    rules: Rules, runs: st.SearchStrategy[FlowRun | TaskRun], data: st.DataObject
) -> None:
    leaving, entering = data.draw(st.sampled_from(sorted(EDGES, key=str)))
    current = None if leaving is None else data.draw(states(leaving))
    above = data.draw(st.none() | st.sampled_from(sorted(StateType)).flatmap(states))
    run = data.draw(runs)
    transition = Transition(
        current=current, proposed=data.draw(states(entering)), run=run, now=NOW, flow_run_state=above
    )
    verdict = decide(rules, transition)
    assert verdict.status in {"ACCEPT", "REJECT", "WAIT", "ABORT"}
    if verdict.status in {"WAIT", "ABORT"}:
        assert verdict.state is current
    if verdict.status == "ACCEPT":
        assert verdict.state is not None
        assert verdict.state.type == entering
    if verdict.status == "WAIT":
        assert verdict.delay_seconds > 0
    if current is not None and current.type == StateType.COMPLETED and current.data != NULL:
        assert verdict.state is current or (verdict.state is not None and verdict.state.type in FINAL)


@given(
    st.sampled_from([[], [10.0], [10.0, 20.0]]),
    st.integers(1, 5),
    st.sampled_from([None, 0.5]),
)
def test_a_task_waits_as_long_as_its_attempt_says(delays: list[float], run_count: int, jitter: float | None) -> None:
    run = TaskRun(id=uuid4(), created=NOW, updated=NOW, task_key="key", dynamic_key="0", run_count=run_count)
    run.empirical_policy = TaskRunPolicy(retries=9, retry_delay=delays, retry_jitter_factor=jitter)
    current, failed = State(id=uuid4(), type=StateType.RUNNING), State(id=uuid4(), type=StateType.FAILED)
    verdict = decide(task_run.RULES, Transition(current=current, proposed=failed, run=run, now=NOW))
    assert verdict.state is not None
    due = verdict.state.state_details.scheduled_time
    assert due is not None
    expected = delays[min(run_count, len(delays)) - 1] if delays else 0.0
    assert (due - NOW).total_seconds() == pytest.approx(expected, rel=jitter or 1e-9)


@pytest.mark.parametrize("policy", [FlowRunPolicy, TaskRunPolicy])
@pytest.mark.parametrize(
    ("given_policy", "retries", "delay"),
    [
        ({}, None, None),
        ({"max_retries": 2, "retry_delay_seconds": 4.0}, 2, 4),
        ({"max_retries": 2, "retry_delay_seconds": 4.0, "retries": 1, "retry_delay": 3}, 1, 3),
        ({"max_retries": 2, "retries": 0}, 2, None),
        ({"retries": 0, "retry_delay": 0}, 0, 0),
    ],
)
def test_older_names_of_a_policy_count_where_the_newer_say_nothing(
    policy: type[FlowRunPolicy] | type[TaskRunPolicy],
    given_policy: dict[str, float],
    retries: int | None,
    delay: float | None,
) -> None:
    made = policy(**given_policy)  # type: ignore[arg-type]
    made.fill()
    assert (made.retries, made.retry_delay) == (retries, delay)
