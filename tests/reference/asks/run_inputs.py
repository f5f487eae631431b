"""What is asked of the inputs, the resuming, the labels, the log and the graph of flow runs."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, delete, flow, get, moment, patch, post, propose, run, task
from tests.reference.telling import Story

INPUT = "/flow_runs/$run/input"
KEYS = ["", "a", "a-b", "1", "A", None, 3]
SOUGHT: list[dict[str, Any]] = [
    {"prefix": "a"},
    {"prefix": "a-"},
    {"prefix": ""},
    {"prefix": "a", "limit": 5},
    {"prefix": "a", "limit": 0},
    {"prefix": "a", "limit": 5, "exclude_keys": ["a-1"]},
    {"prefix": "none"},
    {"prefix": "%", "limit": 5},
    {"prefix": "a", "limit": "x"},
    {"limit": 5},
    {},
]
NAMED = {"prefix.resource": "x", "a": 1, "b": True, "c": 1.5, "d": "text"}
PAUSED = {"type": "PAUSED", "state_details": {"pause_timeout": moment(600), "pause_key": "p"}}
LINES = [
    {"name": "l", "level": 20, "message": text, "timestamp": moment(number), "flow_run_id": "$run"}
    for number, text in enumerate(["one", 'a "quoted", line', "two\nlines", "ünïcode"])
]

STORIES: dict[str, Story] = {
    "inputs": [
        flow(),
        run(),
        *(post(INPUT, {"key": f"a-{number}", "value": f"{number}"}) for number in range(3)),
        post(INPUT, {"key": "a-1", "value": "again"}),
        post(INPUT, {"key": "b", "value": "x", "sender": "prefect.flow-run.1"}),
        *(post(f"{INPUT}/filter", sought) for sought in SOUGHT),
        get(f"{INPUT}/a-1"),
        get(f"{INPUT}/none"),
        delete(f"{INPUT}/a-1"),
        delete(f"{INPUT}/a-1"),
        get(f"{INPUT}/a-1"),
        post(f"{INPUT}/filter", {"prefix": "", "limit": 9}),
    ],
    "keys of inputs": [flow(), run(), *(post(INPUT, {"key": key, "value": "v"}) for key in KEYS)],
    "inputs of no run": [
        post(f"/flow_runs/{NOBODY}/input", {"key": "a", "value": "v"}),
        post(f"/flow_runs/{NOBODY}/input/filter", {"prefix": "a"}),
        get(f"/flow_runs/{NOBODY}/input/a"),
        delete(f"/flow_runs/{NOBODY}/input/a"),
        get("/flow_runs/x/input/a"),
        post("/flow_runs/x/input", {"key": "a", "value": "v"}),
    ],
    "resumed": [
        flow(),
        run(),
        post("/flow_runs/$run/resume", {}),
        propose("flow_runs", "run", "RUNNING"),
        post("/flow_runs/$run/resume"),
        post("/flow_runs/$run/set_state", {"state": PAUSED}),
        post("/flow_runs/$run/resume", {"run_input": {"x": 1}}),
        post("/flow_runs/$run/resume", {"run_input": {"x": 1}}),
    ],
    "no run resumed": [post(f"/flow_runs/{NOBODY}/resume", {}), post("/flow_runs/x/resume", {})],
    "labels": [
        flow(),
        run(labels={"a": "before"}),
        patch("/flow_runs/$run/labels", NAMED),
        get("/flow_runs/$run"),
        patch("/flow_runs/$run/labels", {"a": "after"}),
        patch("/flow_runs/$run/labels", {}),
        get("/flow_runs/$run"),
        patch("/flow_runs/$run/labels", {"a": None}),
        patch("/flow_runs/$run/labels", {"a": [1]}),
        patch(f"/flow_runs/{NOBODY}/labels", {"a": 1}),
        patch("/flow_runs/x/labels", {"a": 1}),
    ],
    "log": [
        flow(),
        run(),
        get("/flow_runs/$run/logs/download"),
        post("/logs/", LINES),
        get("/flow_runs/$run/logs/download"),
        get(f"/flow_runs/{NOBODY}/logs/download"),
        get("/flow_runs/x/logs/download"),
    ],
    "graph": [
        flow(),
        run(),
        get("/flow_runs/$run/graph"),
        get("/flow_runs/$run/graph-v2"),
        task("first"),
        propose("task_runs", "first", "RUNNING"),
        propose("task_runs", "first", "COMPLETED"),
        task("second", task_inputs={"x": [{"input_type": "task_run", "id": "$first"}]}),
        propose("task_runs", "second", "RUNNING"),
        get("/flow_runs/$run/graph", unordered=True),
        get("/flow_runs/$run/graph-v2"),
        get("/flow_runs/$run/graph-v2?since=2020-01-01T00:00:00Z"),
        get("/flow_runs/$run/graph-v2?since=x"),
        get(f"/flow_runs/{NOBODY}/graph"),
        get(f"/flow_runs/{NOBODY}/graph-v2"),
        get("/flow_runs/x/graph"),
        get("/flow_runs/x/graph-v2"),
    ],
}
