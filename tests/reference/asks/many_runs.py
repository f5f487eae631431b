"""What is asked of many flows and runs at once: pages, counts by time and state, and changes of all that a filter finds."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, flow, get, moment, post, propose, run, task
from tests.reference.telling import Step, Story

OURS = {"flows": {"name": {"like_": "$story"}}}
RUNS = {"flow_runs": {"id": {"any_": ["$late", "$done", "$soon"]}}}
PAGES: list[dict[str, Any]] = [
    {},
    {"limit": 2},
    {"limit": 2, "page": 2},
    {"limit": 2, "page": 9},
    {"limit": 0},
    {"limit": 201},
    {"limit": -1},
    {"limit": None},
    {"page": 0},
    {"page": -1},
    {"page": None},
    {"page": "x"},
    {"offset": 1},
    {"sort": "NONE"},
]
LATE = {"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": moment(-500)}}
MANY = [
    flow(),
    run("late", state=LATE),
    run("done"),
    propose("flow_runs", "done", "RUNNING"),
    propose("flow_runs", "done", "COMPLETED"),
    run("soon", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(500)}}),
    task("one", flow_run_id="$done"),
    task("two", flow_run_id="$done", state={"type": "RUNNING"}),
    task("three", flow_run_id="$done", state={"type": "COMPLETED"}),
]
BOUNDS = {
    "history_start": "2020-01-01T00:00:00Z",
    "history_end": "2060-01-01T00:00:00Z",
    "history_interval_seconds": 10**9,
}
WRONG_BOUNDS: list[dict[str, Any]] = [
    {"history_interval_seconds": 0},
    {"history_interval_seconds": 0.5},
    {"history_interval_seconds": -1},
    {"history_interval_seconds": "x"},
    {"history_start": "x"},
    {"history_start": "2070-01-01T00:00:00Z"},
    {"history_end": "2020-01-01T00:00:00Z"},
    {"history_end": None},
]
BULKS = ({"limit": 0}, {"limit": 51}, {"limit": -1}, {"limit": "x"}, {"unknown": 1})


def histories(path: str) -> list[Step]:
    """Ask for counts by time, with good bounds and with wrong ones, and without each of them."""
    wrong = [{**BOUNDS, **RUNS, **bound} for bound in WRONG_BOUNDS]
    lacking = [{name: value for name, value in BOUNDS.items() if name != left} for left in BOUNDS]
    return [post(path, {**BOUNDS, **RUNS}), *(post(path, body) for body in (*wrong, *lacking))]


STORIES: dict[str, Story] = {
    "pages of flows": [
        flow("b $story", "b", tags=["x"]),
        flow("a $story", "a"),
        flow("c $story", "c"),
        *(post("/flows/paginate", {**OURS, "sort": "NAME_DESC", **page}) for page in PAGES),
        post("/flows/paginate", {"flows": {"id": {"any_": [NOBODY]}}}),
        post("/flows/paginate", {"flows": {"name": {"like_": "$story"}, "tags": {"all_": ["x"]}}}),
    ],
    "pages of flow runs": [
        *MANY,
        *(post("/flow_runs/paginate", {**RUNS, "sort": "NAME_ASC", **page}) for page in PAGES),
        post("/flow_runs/paginate", {"flow_runs": {"id": {"any_": [NOBODY]}}}),
        post("/flow_runs/paginate", {**OURS, "flow_runs": {"state": {"name": {"any_": ["Late"]}}}}),
    ],
    "pages of task runs": [
        *MANY,
        *(post("/task_runs/paginate", {**RUNS, "sort": "NAME_ASC", **page}) for page in PAGES),
        post("/task_runs/paginate", {"task_runs": {"id": {"any_": [NOBODY]}}}),
    ],
    "history of flow runs": [*MANY, *histories("/flow_runs/history")],
    "history of task runs": [*MANY, *histories("/task_runs/history")],
    "lateness": [
        *MANY,
        post("/flow_runs/lateness", {"flow_runs": {"id": {"any_": [NOBODY]}}}),
        post("/flow_runs/lateness", {"flow_runs": {"id": {"any_": ["$soon"]}}}),
        post("/flow_runs/lateness", {"flow_runs": {"id": 1}}),
        post("/flow_runs/lateness", {"unknown": 1}, only_refusals=True),
        post("/flow_runs/lateness", RUNS, only_refusals=True),
    ],
    "flows deleted": [
        flow("b $story", "b"),
        flow("a $story", "a"),
        *(post("/flows/bulk_delete", {"flows": {"id": {"any_": [NOBODY]}}, **bulk}) for bulk in BULKS),
        post("/flows/bulk_delete", {"flows": {"id": {"any_": [NOBODY]}}}),
        post("/flows/bulk_delete", {"flows": {"id": {"any_": ["$a"]}}}),
        post("/flows/bulk_delete", {"flows": {"id": {"any_": ["$a"]}}}),
        get("/flows/$a"),
        get("/flows/$b"),
    ],
    "flow runs deleted": [
        *MANY,
        *(post("/flow_runs/bulk_delete", {**RUNS, **bulk}) for bulk in BULKS[:-1]),
        post("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": [NOBODY]}}}),
        post("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": ["$done"]}}}),
        post("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": ["$done"]}}}),
        get("/flow_runs/$done"),
        get("/task_runs/$one"),
        get("/flow_runs/$late"),
    ],
    "flow runs set": [
        *MANY,
        *(post("/flow_runs/bulk_set_state", {**RUNS, "state": {"type": "RUNNING"}, **bulk}) for bulk in BULKS[:-1]),
        post("/flow_runs/bulk_set_state", RUNS),
        post("/flow_runs/bulk_set_state", {**RUNS, "state": {"type": "NONE"}}),
        post("/flow_runs/bulk_set_state", {"flow_runs": {"id": {"any_": [NOBODY]}}, "state": {"type": "RUNNING"}}),
        post("/flow_runs/bulk_set_state", {"flow_runs": {"id": {"any_": ["$late"]}}, "state": {"type": "CANCELLED"}}),
        post("/flow_runs/bulk_set_state", {"flow_runs": {"id": {"any_": ["$done"]}}, "state": {"type": "RUNNING"}}),
        post(
            "/flow_runs/bulk_set_state",
            {"flow_runs": {"id": {"any_": ["$done"]}}, "state": {"type": "RUNNING"}, "force": True},
        ),
        get("/flow_runs/$late"),
        get("/flow_runs/$done"),
    ],
}
