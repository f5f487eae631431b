"""Changes of many runs and flows at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Api


def runs_of(api: Api, number: int, state: str = "SCHEDULED") -> tuple[str, list[str]]:
    """Make a flow with some runs."""
    flow_id = api("POST", "/flows/", {"name": f"bulk {uuid4()}"})[1]["id"]
    body = {"flow_id": flow_id, "state": {"type": state}}
    return flow_id, [api("POST", "/flow_runs/", body)[1]["id"] for _ in range(number)]


LIMITS: dict[str, tuple[str, dict[str, Any]]] = {
    f"{path}, limit {limit}": (path, {"limit": limit, **fields})
    for path, fields in (
        ("/flows/bulk_delete", {"flows": {"id": {"any_": [str(uuid4())]}}}),
        ("/flow_runs/bulk_delete", {"flow_runs": {"id": {"any_": [str(uuid4())]}}}),
        ("/flow_runs/bulk_set_state", {"state": {"type": "PENDING"}, "flow_runs": {"id": {"any_": [str(uuid4())]}}}),
    )
    for limit in (0, 51, "x", None)
}


@pytest.mark.parametrize("case", LIMITS)
def test_one_request_changes_at_most_fifty(api: Api, case: str) -> None:
    path, body = LIMITS[case]
    status, content = api("POST", path, body)
    if body["limit"] is None:
        assert (status, list(content.values())) == (200, [[]])
    else:
        assert (status, content["exception_detail"][0]["loc"]) == (422, ["body", "limit"])


def test_a_state_is_proposed_for_each_run(api: Api) -> None:
    _, runs = runs_of(api, 4)
    api("POST", f"/flow_runs/{runs[0]}/set_state", {"state": {"type": "COMPLETED", "data": {"x": 1}}})
    asked = {"flow_runs": {"id": {"any_": runs}}, "state": {"type": "PENDING", "message": "all"}}
    status, content = api("POST", "/flow_runs/bulk_set_state", asked)
    results = {each["flow_run_id"]: each for each in content["results"]}
    assert (status, set(results)) == (200, set(runs))
    assert [results[run]["status"] for run in runs] == ["REJECT", "ACCEPT", "ACCEPT", "ACCEPT"]
    for run in runs:
        read = api("GET", f"/flow_runs/{run}")[1]
        history = api("GET", f"/flow_run_states/?flow_run_id={run}")[1]
        assert [state["type"] for state in history] == ["SCHEDULED", "COMPLETED" if run == runs[0] else "PENDING"]
        assert history[-1] == read["state"]
        assert read["state"]["state_details"]["flow_run_id"] == run
        if run != runs[0]:
            assert results[run]["state"] == read["state"]


def test_a_forced_state_is_taken_by_each_run(api: Api) -> None:
    _, runs = runs_of(api, 2, "RUNNING")
    body = {"flow_runs": {"id": {"any_": runs}}, "state": {"type": "PENDING"}, "force": True}
    assert [each["status"] for each in api("POST", "/flow_runs/bulk_set_state", body)[1]["results"]] == ["ACCEPT"] * 2


def test_some_flow_runs_are_deleted(api: Api) -> None:
    flow_id, runs = runs_of(api, 3)
    task = api("POST", "/task_runs/", {"flow_run_id": runs[0], "task_key": "k", "dynamic_key": "0"})[1]["id"]
    chosen = {"flow_runs": {"id": {"any_": runs}}}
    status, first = api("POST", "/flow_runs/bulk_delete", {**chosen, "limit": 2})
    assert (status, len(first["deleted"])) == (200, 2)
    rest = api("POST", "/flow_runs/bulk_delete", chosen)[1]["deleted"]
    assert {*first["deleted"], *rest} == set(runs)
    assert api("POST", "/flow_runs/bulk_delete", chosen)[1] == {"deleted": []}
    assert api("GET", f"/task_runs/{task}")[0] == 404
    assert api("POST", "/flow_runs/count", {"flows": {"id": {"any_": [flow_id]}}})[1] == 0


def test_some_flows_are_deleted_with_their_runs(api: Api) -> None:
    flow_id, runs = runs_of(api, 2)
    _, kept = runs_of(api, 1)
    assert api("POST", "/flows/bulk_delete", {"flows": {"id": {"any_": [flow_id]}}}) == (200, {"deleted": [flow_id]})
    assert api("GET", f"/flows/{flow_id}")[0] == 404
    assert [api("GET", f"/flow_runs/{run}")[0] for run in [*runs, *kept]] == [404, 404, 200]


LABELS: dict[str, tuple[Any, list[Any] | None]] = {
    "new": ({"a": 1, "b": "x", "c": True, "d": 1.5}, None),
    "none": ({}, None),
    "null": ({"a": None}, ["body", "a"]),
    "a list": ({"a": [1]}, ["body", "a"]),
    "an object": ({"a": {}}, ["body", "a"]),
    "no object": ([], ["body"]),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_are_laid_over_those_of_a_run(api: Api, case: str) -> None:
    labels, wrong = LABELS[case]
    run = api.flow_run(labels={"a": 0, "kept": "k"})
    before = api("GET", f"/flow_runs/{run}")[1]["labels"]
    status, content = api("PATCH", f"/flow_runs/{run}/labels", labels)
    if wrong is not None:
        assert (status, content["exception_detail"][0]["loc"]) == (422, wrong)
        labels = {}
    else:
        assert (status, content) == (204, None)
    assert api("GET", f"/flow_runs/{run}")[1]["labels"] == {**before, **labels}


def test_labels_of_no_run(api: Api) -> None:
    nobody = uuid4()
    expected = {"exception_message": f"Flow run with id {nobody} not found"}
    assert api("PATCH", f"/flow_runs/{nobody}/labels", {"a": 1}) == (404, expected)
