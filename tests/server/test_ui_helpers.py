"""What pages of the UI ask beside the resources themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Api

NOBODY = str(uuid4())


class Seeded:
    """A flow with two scheduled runs and a running one that has a task run, and one that stands for a subflow run."""

    def __init__(self, api: Api) -> None:
        self.flow: str = api("POST", "/flows/", {"name": f"ui {uuid4()}"})[1]["id"]

        def run(name: str, state: str, at: str | None = None, **fields: Any) -> str:
            details = {"scheduled_time": at} if at else {}
            body = {"flow_id": self.flow, "name": name, "state": {"type": state, "state_details": details}, **fields}
            run_id: str = api("POST", "/flow_runs/", body)[1]["id"]
            return run_id

        self.later = run("a later", "SCHEDULED", "2040-01-02T00:00:00Z")
        self.next = run("b next", "SCHEDULED", "2040-01-01T00:00:00Z")
        self.running = run("c running", "RUNNING")
        self.tasks = [
            api("POST", "/task_runs/", {"flow_run_id": self.running, "task_key": "k", "dynamic_key": str(at)})[1]["id"]
            for at in range(4)
        ]
        for task, state in zip(self.tasks, ("COMPLETED", "FAILED", "CRASHED"), strict=False):
            for kind in ("RUNNING", state):
                api("POST", f"/task_runs/{task}/set_state", {"state": {"type": kind}})
        self.child = run("d child", "PENDING", parent_task_run_id=self.tasks[3])


@pytest.fixture(scope="module")
def seeded(api: Api) -> Seeded:
    return Seeded(api)


def test_deployments_of_flows_are_counted(api: Api, seeded: Seeded) -> None:
    asked = {"flow_ids": [seeded.flow, NOBODY]}
    assert api("POST", "/ui/flows/count-deployments", asked) == (200, {seeded.flow: 0, NOBODY: 0})


def test_the_next_run_of_each_flow(api: Api, seeded: Seeded) -> None:
    status, found = api("POST", "/ui/flows/next-runs", {"flow_ids": [NOBODY, seeded.flow]})
    assert (status, list(found), found[NOBODY]) == (200, [NOBODY, seeded.flow], None)
    assert found[seeded.flow] == {
        "id": seeded.next,
        "flow_id": seeded.flow,
        "name": "b next",
        "state_name": "Scheduled",
        "state_type": "SCHEDULED",
        "next_scheduled_start_time": "2040-01-01T00:00:00Z",
    }


def test_task_runs_are_counted_without_those_of_subflows(api: Api, seeded: Seeded) -> None:
    asked = {"flow_run_ids": [seeded.running, seeded.next, NOBODY]}
    expected = {seeded.running: 3, seeded.next: 0, NOBODY: 0}
    assert api("POST", "/ui/flow_runs/count-task-runs", asked) == (200, expected)


def test_flow_runs_are_points(api: Api, seeded: Seeded) -> None:
    asked = {"flows": {"id": {"any_": [seeded.flow]}}}
    status, found = api("POST", "/ui/flow_runs/history", asked)
    assert (status, [each["id"] for each in found[:2]]) == (200, [seeded.later, seeded.next])
    read = api("GET", f"/flow_runs/{seeded.running}")[1]
    point = next(each for each in found if each["id"] == seeded.running)
    assert (point["state_type"], point["timestamp"]) == ("RUNNING", read["start_time"])
    assert point["duration"] == pytest.approx(read["estimated_run_time"], abs=5)
    by_name = api("POST", "/ui/flow_runs/history", {**asked, "sort": "NAME_ASC", "limit": 2, "offset": 1})[1]
    assert [each["id"] for each in by_name] == [seeded.next, seeded.running]


def test_task_runs_are_counted_by_state(api: Api, seeded: Seeded) -> None:
    status, found = api("POST", "/ui/task_runs/count", {"flow_runs": {"id": {"any_": [seeded.running]}}})
    counted = {"COMPLETED": 1, "FAILED": 1, "CRASHED": 1, "PENDING": 1}
    zeros = dict.fromkeys(("RUNNING", "CANCELLED", "PAUSED", "CANCELLING", "SCHEDULED"), 0)
    assert (status, found) == (200, {**zeros, **counted})


@pytest.mark.parametrize("until", [None, timedelta(hours=1), timedelta(days=400)])
def test_outcomes_of_task_runs_are_counted_in_twenty_parts(api: Api, seeded: Seeded, until: timedelta | None) -> None:
    now = datetime.now(UTC)
    times = {"after_": (now - timedelta(hours=1)).isoformat()}
    if until is not None:
        times["before_"] = (now + until).isoformat()
    asked = {"flow_runs": {"id": {"any_": [seeded.running]}}, "task_runs": {"start_time": times}}
    status, found = api("POST", "/ui/task_runs/dashboard/counts", asked)
    assert (status, len(found)) == (200, 20)
    assert [sum(each[name] for each in found) for name in ("completed", "failed")] == [1, 2]
    where = [at for at, each in enumerate(found) if each["failed"]]
    assert set(where) <= ({19} if until is None else {9, 10} if until < timedelta(days=1) else {0})


def test_outcomes_of_no_time(api: Api, seeded: Seeded) -> None:
    times = {"after_": "2030-01-02T00:00:00Z", "before_": "2030-01-01T00:00:00Z"}
    found = api("POST", "/ui/task_runs/dashboard/counts", {"task_runs": {"start_time": times}})[1]
    assert found == [{"completed": 0, "failed": 0}] * 20


def test_a_task_run_with_its_flow_runs_name(api: Api, seeded: Seeded) -> None:
    status, found = api("GET", f"/ui/task_runs/{seeded.tasks[0]}")
    read = api("GET", f"/task_runs/{seeded.tasks[0]}")[1]
    assert (status, found) == (200, {**read, "flow_run_name": "c running"})
    alone = api("POST", "/task_runs/", {"task_key": "k", "dynamic_key": str(uuid4())})[1]["id"]
    assert api("GET", f"/ui/task_runs/{alone}")[1]["flow_run_name"] is None
    assert api("GET", f"/ui/task_runs/{NOBODY}") == (404, {"detail": "Task not found"})


MANY = [NOBODY] * 201
WRONG: dict[str, tuple[str, dict[str, Any], list[str] | None]] = {
    "too many flows": ("/ui/flows/next-runs", {"flow_ids": MANY}, ["body", "flow_ids"]),
    "no flows": ("/ui/flows/count-deployments", {}, ["body", "flow_ids"]),
    "no id": ("/ui/flows/count-deployments", {"flow_ids": ["x"]}, ["body", "flow_ids", 0]),  # type: ignore[list-item]
    "too many flow runs": ("/ui/flow_runs/count-task-runs", {"flow_run_ids": MANY}, ["body", "flow_run_ids"]),
    "too many points": ("/ui/flow_runs/history", {"limit": 1001}, ["body", "limit"]),
    "fewer than no points": ("/ui/flow_runs/history", {"limit": -1}, None),
    "no task runs": ("/ui/task_runs/dashboard/counts", {}, ["body", "task_runs"]),
    "no beginning": ("/ui/task_runs/dashboard/counts", {"task_runs": {}}, None),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_answered_is_refused(api: Api, case: str) -> None:
    path, body, place = WRONG[case]
    status, content = api("POST", path, body)
    assert status == 422
    if place is None:
        assert set(content) == {"detail"}
    else:
        assert content["exception_detail"][0]["loc"] == place


FORM = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "of": {"type": "array", "items": {"type": "string"}}},
    "required": ["x"],
}
# values -> what is wrong; reasons are not compared
COMPARED: dict[str, tuple[dict[str, Any], Any]] = {
    "valid": ({"x": 1, "of": ["a"]}, []),
    "missing": ({}, [{"property": "x", "errors": ["?"]}]),
    "an item": ({"x": 1, "of": ["a", 2]}, [{"property": "of", "errors": [{"index": 1, "errors": ["?"]}]}]),
    "made of JSON": ({"x": {"__prefect_kind": "json", "value": "1"}}, []),
    "of malformed JSON": ({"x": {"__prefect_kind": "json", "value": "{"}}, [{"property": "x", "errors": ["?"]}]),
    "a template": ({"x": {"__prefect_kind": "jinja", "template": "{{ y }}"}}, []),
}


@pytest.mark.parametrize("case", COMPARED)
def test_values_of_a_form_are_compared_with_its_schema(api: Api, case: str) -> None:
    def without_reasons(errors: list[Any]) -> list[Any]:
        return ["?" if isinstance(e, str) else {**e, "errors": without_reasons(e["errors"])} for e in errors]

    values, expected = COMPARED[case]
    status, found = api("POST", "/ui/schemas/validate", {"schema": FORM, "values": values})
    assert (status, without_reasons(found["errors"]), found["valid"]) == (200, expected, not expected)


def test_a_wrong_schema_is_refused(api: Api) -> None:
    status, content = api("POST", "/ui/schemas/validate", {"schema": {"type": "nope"}, "values": {}})
    assert status == 422
    assert content["detail"].startswith("Invalid schema: ")
