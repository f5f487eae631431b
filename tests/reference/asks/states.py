"""What is asked of states: every type after every other, by proposal and by force, and their histories."""

from __future__ import annotations

from tests.reference.asks.steps import NOBODY, NOT_IDS, flow, get, moment, new_id, post, propose, run, task
from tests.reference.telling import Story

TYPES = ("SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "PAUSED", "CANCELLING")
ONE, TWO = new_id(), new_id()
DETAILS = {
    "flow_run_id": NOBODY,
    "scheduled_time": moment(60),
    "cache_key": "k",
    "cache_expiration": moment(70),
    "untrackable_result": True,
    "pause_timeout": moment(80),
    "pause_key": "p",
    "run_input_keyset": {"a": "b"},
    "refresh_cache": True,
    "retriable": True,
    "transition_id": new_id(),
    "task_parameters_id": new_id(),
    "traceparent": "t",
    "unknown": 1,
}


def pairs(kind: str, who: str, first: str) -> Story:
    """Put a run into a state by force and propose each state to it in turn; then each of them by force too."""
    made = [flow(), run(), *([propose("flow_runs", "run", "RUNNING"), task()] if who == "task" else [])]
    steps = [*made]
    for second in TYPES:
        steps += [propose(kind, who, first, force=True), propose(kind, who, second)]
    for second in TYPES:
        steps += [propose(kind, who, first, force=True), propose(kind, who, second, force=True)]
    return [*steps, get(f"/{kind}/${who}"), get(f"/{kind[:-1]}_states/?{kind[:-1]}_id=${who}", keep={"one": "1.id"})]


STORIES: dict[str, Story] = {
    **{f"flow run, {first} ->": pairs("flow_runs", "run", first) for first in TYPES},
    **{f"task run, {first} ->": pairs("task_runs", "task", first) for first in TYPES},
    "fields": [
        flow(),
        run(),
        propose("flow_runs", "run", "PENDING", name="Mine", message="m", data={"a": 1}, state_details=DETAILS),
        propose("flow_runs", "run", "RUNNING", name="", message="", data=None, state_details={}),
        propose("flow_runs", "run", "COMPLETED", name="Cached(type=COMPLETED)", data="text"),
        get("/flow_runs/$run"),
        task(state_details=None),
        task(),
        propose("task_runs", "task", "RUNNING", name="Mine", message="m", data={"a": 1}, state_details=DETAILS),
        get("/task_runs/$task"),
    ],
    "transition ids": [
        flow(),
        run(),
        propose("flow_runs", "run", "PENDING", state_details={"transition_id": ONE}),
        propose("flow_runs", "run", "PENDING", state_details={"transition_id": ONE}),
        propose("flow_runs", "run", "RUNNING", state_details={"transition_id": TWO}),
        propose("flow_runs", "run", "RUNNING", state_details={"transition_id": TWO}),
        propose("flow_runs", "run", "RUNNING", state_details={"transition_id": ONE}),
    ],
    "retries": [
        flow(),
        run(empirical_policy={"retries": 1, "retry_delay": 0}),
        propose("flow_runs", "run", "RUNNING"),
        propose("flow_runs", "run", "FAILED", message="broken", data={"type": "unpersisted"}),
        propose("flow_runs", "run", "RUNNING"),
        propose("flow_runs", "run", "FAILED"),
        get("/flow_runs/$run"),
        get("/flow_run_states/?flow_run_id=$run"),
    ],
    "history": [
        flow(),
        run(),
        get("/flow_run_states/?flow_run_id=$run", keep={"first": "0.id"}),
        get("/flow_run_states/$first"),
        propose("flow_runs", "run", "RUNNING"),
        propose("flow_runs", "run", "RUNNING"),
        propose("flow_runs", "run", "COMPLETED", message="done"),
        get("/flow_run_states/?flow_run_id=$run"),
        task(state={"type": "PENDING"}),
        propose("task_runs", "task", "RUNNING"),
        get("/task_run_states/?task_run_id=$task", keep={"second": "0.id"}),
        get("/task_run_states/$second"),
        get("/task_run_states/$first"),
        get("/flow_run_states/$second"),
        get("/flow_run_states/?flow_run_id=$task"),
        get(f"/flow_run_states/?flow_run_id={NOBODY}"),
        get(f"/task_run_states/?task_run_id={NOBODY}"),
        get("/flow_run_states/"),
        get("/task_run_states/"),
        get("/flow_run_states/?flow_run_id="),
        get("/flow_run_states/?flow_run_id=$run&flow_run_id=$run&more=1"),
        get(f"/flow_run_states/{NOBODY}"),
        get(f"/task_run_states/{NOBODY}"),
    ],
    "ids that are none": [
        step
        for x in NOT_IDS
        for step in (
            get(f"/flow_run_states/{x}"),
            get(f"/task_run_states/{x}"),
            get(f"/flow_run_states/?flow_run_id={x}"),
            get(f"/task_run_states/?task_run_id={x}"),
        )
    ],
    "wrong": [
        flow(),
        run(),
        post("/flow_runs/$run/set_state", {"state": {"type": "RUNNING"}, "force": None}),
        post("/flow_runs/$run/set_state", {"state": {"type": "running"}}),
        post("/flow_runs/$run/set_state", {"state": {}}),
        post("/flow_runs/$run/set_state", {"state": None}),
        post("/flow_runs/$run/set_state", {"state": {"type": "RUNNING", "timestamp": moment(0)}}),
        post("/flow_runs/$run/set_state", {"state": {"type": "RUNNING", "id": NOBODY}}),
        post("/flow_runs/$run/set_state", {"state": {"type": "RUNNING", "unknown": 1}}),
        post("/flow_runs/$run/set_state", {"state": {"type": "RUNNING"}, "unknown": 1}),
        post("/flow_runs/$run/set_state", {"type": "RUNNING"}),
    ],
}
