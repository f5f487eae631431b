"""What is asked of task runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.reference.asks.steps import (
    NOBODY,
    NOT_IDS,
    delete,
    flow,
    get,
    moment,
    new_id,
    patch,
    post,
    propose,
    run,
    task,
)
from tests.reference.telling import Step, Story

ID = new_id()
ALL_FIELDS: dict[str, Any] = {
    "cache_key": "c",
    "cache_expiration": moment(3600),
    "task_version": "v",
    "empirical_policy": {"retries": 2, "retry_delay": [1, 2.5], "retry_jitter_factor": 0.5},
    "tags": ["b", "a", "b"],
    "labels": {"x": 1, "y": "z", "w": True, "v": 0.5},
    "task_inputs": {
        "x": [{"input_type": "task_run", "id": NOBODY}, {"input_type": "constant", "type": "int"}],
        "y": [{"input_type": "parameter", "name": "p"}, {"input_type": "flow_run", "id": NOBODY}],
        "z": [],
    },
}
MANY = [
    flow(),
    run(tags=["r"]),
    propose("flow_runs", "run", "RUNNING"),
    task("on", tags=["a", "b"]),
    propose("task_runs", "on", "RUNNING", name="Retrying"),
    task("done", tags=["a"]),
    propose("task_runs", "done", "RUNNING"),
    propose("task_runs", "done", "COMPLETED", data={"type": "unpersisted"}),
    task("over", state={"type": "FAILED"}),
    task("sooner", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(90)}}),
    task("bare"),
    task("parent"),
    task("waits", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(900)}}),
    run("child", parent_task_run_id="$parent"),
    task("alone", flow_run_id=None, dynamic_key="$story"),
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"operator": "or_"},
    {"operator": "or_", "id": {"any_": ["$bare"]}, "name": {"any_": ["on $story"]}},
    {"id": {"any_": ["$on", "$bare", NOBODY]}},
    {"id": {"any_": []}},
    {"name": {"any_": ["on $story"]}},
    {"name": {"any_": []}},
    {"name": {"like_": "ON"}},
    {"name": {"like_": "b_re"}},
    {"tags": {"all_": ["a"]}},
    {"tags": {"all_": ["a", "b"]}},
    {"tags": {"all_": []}},
    {"tags": {"is_null_": True}},
    {"tags": {"is_null_": False}},
    {"tags": {"operator": "or_", "all_": ["b"], "is_null_": True}},
    {"tags": {"any_": ["a"]}},
    {"state": {}},
    {"state": {"type": {"any_": ["RUNNING", "COMPLETED"]}}},
    {"state": {"type": {"any_": []}}},
    {"state": {"type": {"not_any_": ["RUNNING"]}}},
    {"state": {"name": {"any_": ["Retrying"]}}},
    {"state": {"operator": "or_", "type": {"any_": ["COMPLETED"]}, "name": {"any_": ["Retrying"]}}},
    {"start_time": {"is_null_": True}},
    {"start_time": {"is_null_": False}},
    {"start_time": {"before_": moment(-100)}},
    {"start_time": {"after_": moment(-100)}},
    {"end_time": {"is_null_": True}},
    {"end_time": {"is_null_": False}},
    {"end_time": {"after_": moment(-100)}},
    {"expected_start_time": {"after_": moment(500)}},
    {"expected_start_time": {"before_": moment(500)}},
    {"subflow_runs": {"exists_": True}},
    {"subflow_runs": {"exists_": False}},
    {"subflow_runs": {}},
    {"subflow_runs": None},
    {"flow_run_id": {}},
    {"flow_run_id": {"any_": ["$run"]}},
    {"flow_run_id": {"any_": []}},
    {"flow_run_id": {"is_null_": True}},
    {"flow_run_id": {"is_null_": False}},
    {"flow_run_id": {"is_null_": None}},
    {"flow_run_id": {"operator": "or_", "any_": ["$run"], "is_null_": True}},
]
ACROSS: list[dict[str, Any]] = [
    {"flow_runs": {}},
    {"flow_runs": {"tags": {"all_": ["r"]}}},
    {"flow_runs": {"tags": {"all_": ["none"]}}},
    {"flows": {}},
    {"flows": {"name": {"any_": ["$story"]}}},
    {"flows": {"name": {"any_": ["none"]}}},
    {"flows": {"name": {"any_": ["$story"]}}, "flow_runs": {"tags": {"all_": ["r"]}}},
    {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}},
    {"deployments": {}},
    {"deployments": {"name": {"any_": ["none"]}}},
    {"flows": None, "flow_runs": None},
]
SORTS = (
    "ID_DESC",
    "EXPECTED_START_TIME_ASC",
    "EXPECTED_START_TIME_DESC",
    "NAME_ASC",
    "NAME_DESC",
    "NEXT_SCHEDULED_START_TIME_ASC",
    "END_TIME_DESC",
)
MINE = ["$on", "$done", "$bare", "$parent", "$waits", "$alone", "$over", "$sooner"]


def asked_both_ways(sought: dict[str, Any], **others: Any) -> list[Step]:
    """List and count what one filter finds among a story's runs."""
    among: dict[str, Any] = {} if sought.get("operator") == "or_" and "id" in sought else {"name": {"like_": "$story"}}
    if sought == {"operator": "or_"} or "name" in sought:
        among = {"id": {"any_": MINE}}
    wanted = {"task_runs": {**among, **sought}, **others}
    return [post("/task_runs/filter", {**wanted, "sort": "NAME_ASC"}), post("/task_runs/count", wanted)]


def found(given: dict[str, Any]) -> Step:
    """List a story's runs in some way."""
    return post("/task_runs/filter", {"task_runs": {"id": {"any_": MINE}}, **given})


SCHEDULED, ENDED = {"state": {"type": {"any_": ["SCHEDULED"]}}}, {"end_time": {"is_null_": False}}
AMONG: dict[str, dict[str, Any]] = {"NEXT_SCHEDULED_START_TIME_ASC": SCHEDULED, "END_TIME_DESC": ENDED}
"""Among which runs an order is looked at, where the others have nothing to be ordered by."""

UNSORTED = [replace(found(sort), unordered=True) for sort in ({}, {"sort": None}, {"sort": "ID_DESC"})]
STORIES: dict[str, Story] = {
    "made": [
        flow(),
        run(),
        task(),
        get("/task_runs/$task"),
        task(name="changed"),
        task("full", **ALL_FIELDS),
        get("/task_runs/$full"),
        task("named", id=ID),
        task("named", id=ID),
        task("same id", id=ID, dynamic_key="third"),
        task("alone", flow_run_id=None, dynamic_key="$story"),
        task("alone again", flow_run_id=None, dynamic_key="again $story"),
        task("lost", flow_run_id=NOBODY),
        task("unnamed", name=None),
        task("empty", name="", dynamic_key="", task_key=""),
        task("older", empirical_policy={"max_retries": 3, "retry_delay_seconds": 1.5}),
        task("policy", empirical_policy={"unknown": 1, "retries": None}),
        task("delays", empirical_policy={"retries": 60, "retry_delay": [1] * 51}),
        task("labels", labels=None),
    ],
    "made in a state": [
        flow(),
        run(),
        *(
            step
            for kind in ("SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "PAUSED")
            for step in (task(kind, state={"type": kind}), get(f"/task_runs/${kind.lower()}"))
            if step.method == "POST"
        ),
        task("later", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(9000)}, "message": "m"}),
        get("/task_runs/$later"),
        task("late", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(-500)}}),
        get("/task_runs/$late"),
    ],
    "changed": [
        flow(),
        run(),
        task(),
        patch("/task_runs/$task", {"name": "new"}),
        get("/task_runs/$task"),
        patch("/task_runs/$task", {}),
        get("/task_runs/$task"),
        patch("/task_runs/$task", {"name": None}),
        patch("/task_runs/$task", {"tags": []}),
        patch(f"/task_runs/{NOBODY}", {"name": "x"}),
        get("/task_runs/$task"),
    ],
    "gone": [
        flow(),
        run(),
        task(),
        delete("/task_runs/$task"),
        get("/task_runs/$task"),
        delete("/task_runs/$task"),
        propose("task_runs", "task", "RUNNING"),
        get("/task_run_states/?task_run_id=$task"),
        task(),
    ],
    "ids that are none": [Step(method, f"/task_runs/{x}") for x in NOT_IDS for method in ("GET", "DELETE")],
    "not there": [
        get(f"/task_runs/{NOBODY}"),
        delete(f"/task_runs/{NOBODY}"),
        post(f"/task_runs/{NOBODY}/set_state", {"state": {"type": "RUNNING"}}),
        post(f"/task_runs/{NOBODY}/set_state", {}),
        post("/task_runs/x/set_state", {"state": {"type": "RUNNING"}}),
    ],
    "filtered": [*MANY, *(step for sought in FILTERS for step in asked_both_ways(sought))],
    "across": [*MANY, *(step for others in ACROSS for step in asked_both_ways({}, **others))],
    "sorted": [
        *MANY,
        *(
            found({"sort": sort, "task_runs": {"id": {"any_": MINE}, **AMONG.get(sort, {})}})
            for sort in SORTS
            if sort != "ID_DESC"
        ),
        *UNSORTED,
    ],
    "paged": [
        *MANY,
        *(
            found({"limit": limit, "offset": offset, "sort": "NAME_ASC"})
            for limit, offset in [(2, 0), (2, 2), (2, 9), (0, 0), (None, 1), (200, 0), (201, 0), (-1, 0), (1, -1)]
        ),
        found({"unknown": 1, "limit": 0}),
        found({"task_runs": {"unknown": 1}}),
        found({"sort": "START_TIME_ASC"}),
        post("/task_runs/count", {"task_runs": {"id": {"any_": MINE}}, "limit": 1}),
        post("/task_runs/filter", {"limit": 0}),
    ],
}
