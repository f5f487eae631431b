"""What is asked of artifacts."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, flow, get, patch, post, run, task
from tests.reference.telling import Step, Story

PATH = "/artifacts"
LONG = {"short": "x", "long": "y" * 501}


def make(keep: str = "artifact", **body: Any) -> Step:
    """Make an artifact."""
    return post(f"{PATH}/", body, keep={keep: "id"})


def found(sought: Any, **body: Any) -> list[Step]:
    """List and count artifacts, and the latest of their keys; ids of the reference are in no order."""
    return [
        post(f"{PATH}{kind}/{verb}", {"artifacts": sought, "sort": "CREATED_DESC", **body})
        for kind in ("", "/latest")
        for verb in ("filter", "count")
    ]


def keys(*names: str) -> dict[str, Any]:
    """Look for artifacts of these keys alone."""
    return {"key": {"any_": [*names]}}


def latest(key: str) -> list[Step]:
    """Read the latest artifact of a key in each way."""
    return [
        get(f"{PATH}/{key}/latest"),
        post(f"{PATH}/latest/filter", {"artifacts": keys(key)}),
        post(f"{PATH}/latest/count", {"artifacts": keys(key)}),
    ]


DATA: tuple[Any, ...] = ("text", 1, None, True, 1.5, [1, {"a": None}], {"a": [1]}, "")

STORIES: dict[str, Story] = {
    "made, changed and removed": [
        make(),
        get(f"{PATH}/$artifact"),
        make(key="made-one", type="markdown", description="d", data="# text", metadata_=LONG),
        get(f"{PATH}/$artifact"),
        patch(f"{PATH}/$artifact", {"data": {"a": 1}, "description": None}),
        get(f"{PATH}/$artifact"),
        patch(f"{PATH}/$artifact", {"metadata_": LONG}),
        patch(f"{PATH}/$artifact", {"data": None}),
        patch(f"{PATH}/$artifact", {}),
        get(f"{PATH}/$artifact"),
        *latest("made-one"),
        delete(f"{PATH}/$artifact"),
        delete(f"{PATH}/$artifact"),
        get(f"{PATH}/$artifact"),
        patch(f"{PATH}/$artifact", {"data": 1}),
        *latest("made-one"),
        *[step for data in DATA for step in (make(data=data), get(f"{PATH}/$artifact"))],
    ],
    "the latest of a key": [
        make("first", key="versions", type="table", data=1, description="one"),
        *latest("versions"),
        make("second", key="versions", data=2, flow_run_id=NOBODY),
        make("third", key="versions", type="markdown", data=3, task_run_id=NOBODY, metadata_={"a": "b"}),
        *latest("versions"),
        patch(f"{PATH}/$third", {"data": 33}),
        patch(f"{PATH}/$second", {"data": 22}),
        *latest("versions"),
        delete(f"{PATH}/$third"),
        *latest("versions"),
        delete(f"{PATH}/$first"),
        *latest("versions"),
        delete(f"{PATH}/$second"),
        *latest("versions"),
        make("fourth", key="versions"),
        *latest("versions"),
    ],
    "wrong": [
        make(key="A"),
        make(key="a_b"),
        make(key="a b"),
        make(key=""),
        make(key="é"),
        make(more=1),
        make(metadata_={"a": 1}),
        make(metadata_=[]),
        make(flow_run_id="x"),
        make(type=1),
        patch(f"{PATH}/$artifact", {"key": "other"}),
        patch(f"{PATH}/{NOBODY}", {"metadata_": {"a": 1}}),
        get(f"{PATH}/none-such/latest"),
        post(f"{PATH}/filter", {"limit": 201}),
        post(f"{PATH}/filter", {"offset": -1}),
        post(f"{PATH}/filter", {"sort": "NAME_ASC"}),
        post(f"{PATH}/latest/filter", {"limit": 201}),
        post(f"{PATH}/latest/filter", {"artifacts": {"id": {"any_": []}}}),
        post(f"{PATH}/filter", {"artifacts": {"latest_id": {"any_": []}}}),
        *[step for wrong in NOT_IDS if wrong != "null" for step in (get(f"{PATH}/{wrong}"), delete(f"{PATH}/{wrong}"))],
    ],
    "listed": [
        flow(),
        run(),
        task(),
        make("bare", flow_run_id="$run"),
        make("b_one", key="listed-b", type="markdown", flow_run_id="$run", task_run_id="$task"),
        make("a", key="listed-a", type="table", flow_run_id=NOBODY),
        make("b_two", key="listed-b", type="link"),
        patch(f"{PATH}/$a", {"data": 1}),
        *[
            step
            for way in ("CREATED_DESC", "UPDATED_DESC", "KEY_DESC", "KEY_ASC", "other")
            for step in found(keys("listed-a", "listed-b"), sort=way)
        ],
        *found(keys("listed-a", "listed-b"), limit=1, offset=1),
        *found({"key": {"like_": "LISTED_"}}),
        *found({"key": {"any_": []}}),
        *found({**keys("listed-a"), "type": {"any_": ["table"]}}),
        *found({**keys("listed-a", "listed-b"), "type": {"not_any_": ["table", "link"]}}),
        *found({"key": {"exists_": False}, "flow_run_id": {"any_": ["$run"]}}),
        *found({"key": {"exists_": True}, "flow_run_id": {"any_": ["$run"]}}),
        *found({"flow_run_id": {"any_": ["$run"]}}),
        *found({"task_run_id": {"any_": ["$task"]}}),
        *found({"operator": "or_", **keys("listed-a"), "task_run_id": {"any_": ["$task"]}}),
        post(f"{PATH}/filter", {"artifacts": {"id": {"any_": ["$a", "$bare"]}}, "sort": "CREATED_DESC"}),
        post(
            f"{PATH}/latest/filter",
            {"artifacts": {"latest_id": {"any_": ["$a", "$b_one", "$b_two"]}}, "sort": "KEY_ASC"},
        ),
        *found(None, flow_runs={"id": {"any_": ["$run"]}}),
        *found(None, flows={"name": {"any_": ["$story"]}}),
        *found(None, flows={"name": {"any_": ["$story"]}}, task_runs={"id": {"any_": ["$task"]}}),
        *found(None, task_runs={"id": {"any_": ["$task"]}}),
        *found(keys("listed-a", "listed-b"), flow_runs={}),
        *found(keys("listed-a", "listed-b"), task_runs={}),
        *found(keys("listed-a", "listed-b"), deployments={"name": {"any_": ["none"]}}),
    ],
    "in the graph of a flow run": [
        flow(),
        run(),
        task(state={"type": "RUNNING"}),
        make("one", key="graph-a", type="markdown", data="x", flow_run_id="$run"),
        make("two", key="graph-b", type="progress", data=5, flow_run_id="$run", task_run_id="$task"),
        make("three", key="graph-b", type="progress", data=6, flow_run_id="$run", task_run_id="$task"),
        make("four", type="result", flow_run_id="$run", task_run_id="$task"),
        make("five", flow_run_id="$run"),
        make("six", type="link", flow_run_id="$run", task_run_id="$task"),
        get("/flow_runs/$run/graph-v2"),
    ],
}
