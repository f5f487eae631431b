"""What is asked of flow runs."""

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

OURS = {"name": {"any_": ["$story"]}}
ALL_FIELDS: dict[str, Any] = {
    "flow_version": "2.1",
    "parameters": {"a": [1, 2.5, None, {"b": "ü"}], "z": 2**53, "e": {}},
    "context": {"k": "v"},
    "empirical_policy": {
        "retries": 2,
        "retry_delay": 5,
        "pause_keys": ["k"],
        "resuming": True,
        "retry_type": "in_process",
    },
    "tags": ["b", "a", "b"],
    "labels": {"x": 1, "y": "z", "w": True, "v": 0.5},
    "idempotency_key": "key $story",
    "job_variables": {"cpu": 1, "env": {"A": "b"}},
}
STATES = [
    {"type": "SCHEDULED"},
    {"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": moment(-600)}},
    {"type": "SCHEDULED", "state_details": {"scheduled_time": moment(600)}, "message": "soon"},
    {"type": "PENDING", "message": "waits"},
    {"type": "RUNNING"},
    {"type": "COMPLETED", "data": {"type": "unpersisted"}},
    {"type": "FAILED", "name": "TimedOut"},
    {"type": "CANCELLED"},
    {"type": "CRASHED"},
    {"type": "PAUSED", "state_details": {"pause_timeout": moment(60), "pause_key": "p"}},
    {"type": "CANCELLING"},
]
MANY = [
    flow(),
    run(
        "late",
        state={"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": moment(-500)}},
        tags=["a", "b"],
    ),
    run("soon", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(900)}}, tags=["a"]),
    run("on", flow_version="2", idempotency_key="k $story"),
    propose("flow_runs", "on", "RUNNING", name="Retrying"),
    run("done", empirical_policy={"retries": 1}),
    propose("flow_runs", "done", "RUNNING"),
    propose("flow_runs", "done", "COMPLETED"),
    run("over", state={"type": "FAILED"}),
    run("bare"),
    task("parent", flow_run_id="$on"),
    task("other", flow_run_id="$on", tags=["q"]),
    run("child", parent_task_run_id="$parent"),
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"operator": "or_"},
    {"operator": "or_", "name": {"like_": "bare"}, "tags": {"all_": ["b"]}},
    {"id": {"any_": ["$late", "$on", NOBODY]}},
    {"id": {"any_": []}},
    {"id": {"not_any_": ["$late", "$on"]}},
    {"id": {"not_any_": []}},
    {"name": {"any_": ["on $story", "none"]}},
    {"name": {"any_": []}},
    {"name": {"like_": "ON"}},
    {"name": {"like_": "_n $story"}},
    {"name": {"like_": "s%n"}},
    {"tags": {"all_": ["a"]}},
    {"tags": {"all_": ["a", "b"]}},
    {"tags": {"all_": []}},
    {"tags": {"any_": ["b", "z"]}},
    {"tags": {"any_": []}},
    {"tags": {"is_null_": True}},
    {"tags": {"is_null_": False}},
    {"tags": {"operator": "or_", "all_": ["b"], "is_null_": True}},
    {"deployment_id": {}},
    {"deployment_id": {"any_": [NOBODY]}},
    {"deployment_id": {"is_null_": True}},
    {"deployment_id": {"is_null_": False}},
    {"deployment_id": {"operator": "or_", "any_": [NOBODY], "is_null_": True}},
    {"work_queue_name": {"any_": ["default"]}},
    {"work_queue_name": {"is_null_": True}},
    {"work_queue_name": {"is_null_": False}},
    {"state": {}},
    {"state": {"type": {"any_": ["SCHEDULED", "RUNNING"]}}},
    {"state": {"type": {"any_": []}}},
    {"state": {"type": {"not_any_": ["SCHEDULED"]}}},
    {"state": {"type": {"not_any_": []}}},
    {"state": {"type": {"any_": ["SCHEDULED", "RUNNING"], "not_any_": ["RUNNING"]}}},
    {"state": {"name": {"any_": ["Retrying", "Pending"]}}},
    {"state": {"name": {"any_": ["retrying"]}}},
    {"state": {"name": {"not_any_": ["Retrying"]}}},
    {"state": {"operator": "or_", "type": {"any_": ["COMPLETED"]}, "name": {"any_": ["Retrying"]}}},
    {"state": {"type": {"any_": ["COMPLETED"]}, "name": {"any_": ["Retrying"]}}},
    {"flow_version": {"any_": ["2"]}},
    {"flow_version": {"any_": []}},
    {"start_time": {"is_null_": True}},
    {"start_time": {"is_null_": False}},
    {"start_time": {"before_": moment(-100)}},
    {"start_time": {"after_": moment(500)}},
    {"start_time": {"after_": moment(-100), "before_": moment(800)}},
    {"start_time": {"after_": "2020-01-01T00:00:00"}},
    {"start_time": {"after_": "2020-01-01"}},
    {"start_time": {"after_": 0}},
    {"end_time": {"is_null_": True}},
    {"end_time": {"is_null_": False}},
    {"end_time": {"after_": moment(-100)}},
    {"end_time": {"before_": moment(-100)}},
    {"expected_start_time": {"after_": moment(500)}},
    {"expected_start_time": {"before_": moment(-100)}},
    {"next_scheduled_start_time": {"after_": moment(500)}},
    {"next_scheduled_start_time": {"before_": moment(-100)}},
    {"parent_flow_run_id": {"any_": ["$on"]}},
    {"parent_flow_run_id": {"any_": []}},
    {"parent_task_run_id": {"any_": ["$parent"]}},
    {"parent_task_run_id": {"is_null_": True}},
    {"parent_task_run_id": {"is_null_": False}},
    {"parent_task_run_id": {"operator": "or_", "any_": ["$parent"], "is_null_": True}},
    {"idempotency_key": {"any_": ["k $story"]}},
    {"idempotency_key": {"not_any_": ["k $story"]}},
    {"idempotency_key": {"not_any_": ["other"]}},
    {"created_by": {}},
    {"created_by": {"is_null_": True}},
    {"created_by": {"is_null_": False}},
    {"created_by": {"id_": [NOBODY]}},
    {"created_by": {"type_": ["DEPLOYMENT", "AUTOMATION"]}},
    {"created_by": {"operator": "or_", "type_": ["DEPLOYMENT"], "is_null_": True}},
    {"created_by": {"operator": "or_", "type_": ["DEPLOYMENT"], "id_": [NOBODY]}},
]
ACROSS: list[dict[str, Any]] = [
    {"task_runs": {}},
    {"task_runs": {"tags": {"all_": ["q"]}}},
    {"task_runs": {"name": {"any_": ["none"]}}},
    {"flows": {"tags": {"all_": ["none"]}}},
    {"flows": {"id": {"any_": ["$flow"]}}, "task_runs": {"name": {"like_": "other"}}},
    {"deployments": {}},
    {"deployments": {"id": {"any_": [NOBODY]}}},
    {"work_pools": {}},
    {"work_pools": {"name": {"any_": ["x"]}}},
    {"work_pool_queues": {}},
    {"work_pool_queues": {"name": {"any_": ["x"]}}},
]
SORTS = (
    "ID_DESC",
    "START_TIME_ASC",
    "START_TIME_DESC",
    "EXPECTED_START_TIME_ASC",
    "EXPECTED_START_TIME_DESC",
    "NAME_ASC",
    "NAME_DESC",
    "NEXT_SCHEDULED_START_TIME_ASC",
    "END_TIME_DESC",
)


def asked_both_ways(sought: dict[str, Any], **others: Any) -> list[Step]:
    """List and count what one filter finds among a story's runs."""
    wanted = {"flow_runs": sought, "flows": {"name": {"any_": ["$story"]}}, **others}
    return [post("/flow_runs/filter", {**wanted, "sort": "NAME_ASC"}), post("/flow_runs/count", wanted)]


def found(given: dict[str, Any]) -> Step:
    """List a story's runs in some way."""
    return post("/flow_runs/filter", {"flows": OURS, **given})


SCHEDULED, ENDED = {"state": {"type": {"any_": ["SCHEDULED"]}}}, {"end_time": {"is_null_": False}}
AMONG = {"NEXT_SCHEDULED_START_TIME_ASC": SCHEDULED, "END_TIME_DESC": ENDED}
"""Among which runs an order is looked at, where the others have nothing to be ordered by."""

UNSORTED = [replace(found(sort), unordered=True) for sort in ({}, {"sort": None}, {"sort": "ID_DESC"})]
STORIES: dict[str, Story] = {
    "made": [
        flow(),
        post("/flow_runs/", {"flow_id": "$flow"}, keep={"run": "id"}),
        get("/flow_runs/$run"),
        run(**ALL_FIELDS),
        get("/flow_runs/$run"),
        run("again", **ALL_FIELDS),
        run("parameters", parameters={}, context={}, tags=[], labels=None, job_variables=None),
        get("/flow_runs/$parameters"),
        post("/flow_runs/", {"flow_id": NOBODY}),
        run("orphan", parent_task_run_id=NOBODY),
        run("unnamed", name=None),
        run("empty", name=""),
        run("older", empirical_policy={"max_retries": 3, "retry_delay_seconds": 2}),
        run("policy", empirical_policy={"unknown": 1, "retries": None}),
    ],
    "made in a state": [flow(), *(step for state in STATES for step in (run(state=state), get("/flow_runs/$run")))],
    "large numbers": [flow(), run("large", parameters={"z": 10**20})],
    "delay": [flow(), run("half", empirical_policy={"max_retries": 3, "retry_delay_seconds": 1.5})],
    "data": [
        flow(),
        run("list", state={"type": "COMPLETED", "data": [1, "two", None]}),
        run("object", state={"type": "COMPLETED", "data": {"type": "reference", "storage_key": "k"}}),
    ],
    "document": [flow(), run("document", infrastructure_document_id=new_id())],
    "keys": [
        flow(),
        run("one", idempotency_key="k $story"),
        run("two", idempotency_key="k $story", tags=["other"]),
        flow("other $story"),
        run("three", idempotency_key="k $story"),
        run("four", idempotency_key=""),
        run("five", idempotency_key=""),
    ],
    "changed": [
        flow(),
        run(**ALL_FIELDS),
        patch("/flow_runs/$run", {"name": "new"}),
        patch("/flow_runs/$run", {"tags": ["q", "p"], "name": "new"}),
        get("/flow_runs/$run"),
        patch("/flow_runs/$run", {"flow_version": None, "name": "new", "parameters": {"only": 1}}),
        patch("/flow_runs/$run", {"empirical_policy": {"retries": 7}, "name": "new", "infrastructure_pid": "12:3"}),
        patch("/flow_runs/$run", {"job_variables": {"other": 2}, "name": "new"}),
        get("/flow_runs/$run"),
        patch("/flow_runs/$run", {}),
        get("/flow_runs/$run"),
        patch("/flow_runs/$run", {"name": None}),
        get("/flow_runs/$run"),
        patch("/flow_runs/$run", {"tags": None}),
        patch("/flow_runs/$run", {"flow_id": NOBODY}),
        patch("/flow_runs/$run", {"state": {"type": "RUNNING"}}),
        patch(f"/flow_runs/{NOBODY}", {"name": "x"}),
    ],
    "gone": [
        flow(),
        run(),
        task(),
        delete("/flow_runs/$run"),
        get("/flow_runs/$run"),
        get("/task_runs/$task"),
        delete("/flow_runs/$run"),
        patch("/flow_runs/$run", {"name": "x"}),
        propose("flow_runs", "run", "RUNNING"),
        get("/flow_run_states/?flow_run_id=$run"),
        post("/flow_runs/count", {"flows": OURS}),
    ],
    "ids that are none": [Step(method, f"/flow_runs/{x}") for x in NOT_IDS for method in ("GET", "DELETE")],
    "not there": [
        get(f"/flow_runs/{NOBODY}"),
        delete(f"/flow_runs/{NOBODY}"),
        post(f"/flow_runs/{NOBODY}/set_state", {"state": {"type": "RUNNING"}}),
        post(f"/flow_runs/{NOBODY}/set_state", {}),
        post("/flow_runs/x/set_state", {"state": {"type": "RUNNING"}}),
    ],
    "filtered": [*MANY, *(step for sought in FILTERS for step in asked_both_ways(sought))],
    "across": [*MANY, *(step for others in ACROSS for step in asked_both_ways({}, **others))],
    "sorted": [
        *MANY,
        *(found({"sort": sort, "flow_runs": AMONG.get(sort)}) for sort in SORTS if sort != "ID_DESC"),
        *UNSORTED,
    ],
    "paged": [
        *MANY,
        *(
            found({"limit": limit, "offset": offset, "sort": "NAME_ASC"})
            for limit, offset in [(2, 0), (2, 2), (2, 9), (0, 0), (None, 1), (200, 0), (201, 0), (-1, 0), (1, -1)]
        ),
        found({"unknown": 1, "limit": 0}),
        found({"flow_runs": {"unknown": 1}}),
        found({"sort": "NAME"}),
        found({"limit": "1", "sort": "NAME_ASC"}),
        found({"limit": "x"}),
        found({"limit": 1.0, "sort": "NAME_ASC"}),
        found({"limit": 1.5}),
        post("/flow_runs/count", {"flows": OURS, "limit": 1}),
        post("/flow_runs/filter", {"limit": 0}),
    ],
}
