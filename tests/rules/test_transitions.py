"""Every pair of states, judged as the recorded table of the reference says."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any, encode
from lictor.orchestration.change_state import answer, judge_flow_run, judge_task_run, state_of
from lictor.rules.advance import advance_flow_run, advance_task_run
from lictor.rules.transition import Verdict, revise
from lictor.wire.types.flow_run import FlowRun, FlowRunPolicy
from lictor.wire.types.state import StateCreate, StateType
from lictor.wire.types.task_run import TaskRun, TaskRunPolicy
from tests.rules.record import states

TABLE: dict[str, list[Any]] = json.loads((Path(__file__).parent / "transitions.json").read_text())
CASE = re.compile(
    r"(?P<kind>flow|task) run(?: of a flow run (?P<parent>.+?)| (?P<alone>alone))?, "
    r"(?:(?P<retries>1) retry, )?(?P<first>.+) -> (?P<second>.+)"
)


def decoded(name: str) -> StateCreate:
    return msgspec.json.decode(json.dumps(states()[name]), type=StateCreate)


def flow_run(first: str | None, retries: int) -> FlowRun:
    begun = now() - timedelta(seconds=1)
    run = FlowRun(id=uuid7(), created=begun, updated=begun, flow_id=uuid4())
    run.empirical_policy = FlowRunPolicy(retries=retries, retry_delay=0)
    for state in [StateCreate(type=StateType.PENDING)] + ([decoded(first)] if first else []):
        advance_flow_run(run, state_of(state, begun))
    return run


def task_run(first: str | None, retries: int) -> TaskRun:
    begun = now() - timedelta(seconds=1)
    run = TaskRun(id=uuid7(), created=begun, updated=begun, task_key="key", dynamic_key="0")
    run.empirical_policy = TaskRunPolicy(retries=retries, retry_delay=0)
    for state in [StateCreate(type=StateType.PENDING)] + ([decoded(first)] if first else []):
        advance_task_run(run, state_of(state, begun))
    return run


def seen(verdict: Verdict, run: FlowRun | TaskRun, written: bool) -> list[Any]:
    result = json.loads(encode(answer(verdict)))
    state = run.state
    assert state is not None
    times = (run.start_time, run.end_time, run.next_scheduled_start_time, run.expected_start_time)
    policy = run.empirical_policy
    return [
        201 if written else 200,
        result["status"],
        verdict.state and verdict.state.type,
        verdict.state and verdict.state.name,
        result["details"]["type"],
        result["details"].get("delay_seconds"),
        run.state_type,
        run.state_name,
        run.run_count,
        *[time is not None for time in times],
        run.total_run_time > 0,
        state.state_details.scheduled_time is not None,
        decode_any(state.data),
        [getattr(policy, name, None) for name in ("pause_keys", "resuming", "retry_type")],
    ]


def judged(kind: str, first: str | None, second: str, retries: int, parent: str | None) -> list[Any]:
    if kind == "flow":
        flow, moment = flow_run(first, retries), now()
        verdict = judge_flow_run(flow, state_of(decoded(second), moment), moment)
        revise(flow, verdict)
        written = verdict.state is not flow.state
        if written and verdict.state is not None:
            advance_flow_run(flow, verdict.state)
        return seen(verdict, flow, written)
    task, above = task_run(first, retries), (flow_run(parent, 0) if parent else None)
    moment = now()
    verdict = judge_task_run(task, above, state_of(decoded(second), moment), moment)
    revise(task, verdict)
    written = verdict.state is not task.state
    if written and verdict.state is not None:
        advance_task_run(task, verdict.state)
    return seen(verdict, task, written)


@pytest.mark.parametrize("case", TABLE)
def test_a_transition_is_judged_as_recorded(case: str) -> None:
    matched = CASE.fullmatch(case)
    assert matched is not None
    parent = None if matched["alone"] else matched["parent"] or "running"
    first = None if matched["first"] == "None" else matched["first"]
    retries = int(matched["retries"] or 0)
    assert judged(matched["kind"], first, matched["second"], retries, parent) == TABLE[case]
