"""What pages of the UI ask for."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.many_runs import MANY, RUNS
from tests.reference.asks.steps import NOBODY, get, moment, post
from tests.reference.telling import Step, Story

LISTS: list[Any] = [[], [NOBODY], ["x"], "x", None, [NOBODY] * 201]
SCHEMA = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "string"}}},
}
VALUES: list[Any] = [{}, {"a": 1}, {"a": "x"}, {"a": 1, "b": ["x", 1]}, {"a": None, "b": 3}, {"a": 1, "c": 1}]
AFTER = {"start_time": {"after_": moment(-3600)}}


def about(path: str, name: str, known: str) -> list[Step]:
    """Ask about things by their ids."""
    return [*(post(path, {name: ids}) for ids in LISTS), post(path, {}), post(path, {name: [known, known, NOBODY]})]


STORIES: dict[str, Story] = {
    "deployments of flows": [*MANY, *about("/ui/flows/count-deployments", "flow_ids", "$flow")],
    "next runs": [*MANY, *about("/ui/flows/next-runs", "flow_ids", "$flow")],
    "task runs of runs": [*MANY, *about("/ui/flow_runs/count-task-runs", "flow_run_ids", "$done")],
    "points of runs": [
        *MANY,
        post("/ui/flow_runs/history", {"flow_runs": {"id": {"any_": [NOBODY]}}}),
        post("/ui/flow_runs/history", {**RUNS, "limit": 1, "sort": "NAME_ASC"}, only_refusals=True),
        *(post("/ui/flow_runs/history", {**RUNS, "limit": limit}, only_refusals=True) for limit in (0, 1001, -1, "x")),
        post("/ui/flow_runs/history", {**RUNS, "offset": -1}),
        post("/ui/flow_runs/history", {**RUNS, "sort": "NONE"}),
    ],
    "counts of task runs": [
        *MANY,
        post("/ui/task_runs/count", RUNS),
        post("/ui/task_runs/count", {"flow_runs": {"id": {"any_": [NOBODY]}}}),
        post("/ui/task_runs/count", {"flow_runs": {"id": 1}}),
        post("/ui/task_runs/dashboard/counts", {**RUNS, "task_runs": {}}),
        post("/ui/task_runs/dashboard/counts", {**RUNS, "task_runs": AFTER}),
        post("/ui/task_runs/dashboard/counts", RUNS),
    ],
    "a task run": [
        *MANY,
        get("/ui/task_runs/$two"),
        get(f"/ui/task_runs/{NOBODY}"),
        get("/ui/task_runs/x"),
    ],
    "values": [
        *(post("/ui/schemas/validate", {"schema": SCHEMA, "values": values}) for values in VALUES),
        post("/ui/schemas/validate", {"schema": SCHEMA}),
        post("/ui/schemas/validate", {"values": {}}),
        post("/ui/schemas/validate", {"schema": {}, "values": {}}),
        post("/ui/schemas/validate", {"schema": {"type": "nothing"}, "values": {}}),
    ],
}
