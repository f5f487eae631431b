"""Flows, flow runs and task runs through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from lictor.server.dispatch import HANDLERS
from lictor.server.handlers import flow  # noqa: F401  # importing one registers all
from lictor.wire.operations import OPERATIONS
from tests.server.conftest import Api


def test_every_operation_has_its_handler() -> None:
    assert set(HANDLERS) == set(OPERATIONS)


def test_a_flow_is_made_once(api: Api) -> None:
    name = f"flow {uuid4()}"
    status, made = api("POST", "/flows/", {"name": name, "tags": ["a", "a"], "labels": {"x": 1}})
    assert (status, made["tags"], made["labels"]) == (201, ["a", "a"], {"x": 1})
    assert api("POST", "/flows/", {"name": name, "tags": ["other"]}) == (200, made)
    assert api("GET", f"/flows/{made['id']}") == (200, made)
    assert api("GET", f"/flows/name/{name}") == (200, made)
    assert api("POST", "/flows/", {"name": name.upper()})[0] == 201


@pytest.mark.parametrize("name", ["", "a/b", "100%", "a&b", "<b>", ">"])
def test_a_flow_name_is_refused(api: Api, name: str) -> None:
    status, content = api("POST", "/flows/", {"name": name})
    assert status == 422
    assert content["exception_detail"][0]["loc"] == ["body", "name"]


def test_a_flow_is_changed_and_deleted_with_its_runs(api: Api) -> None:
    made = api("POST", "/flows/", {"name": f"flow {uuid4()}", "tags": ["a"]})[1]
    run = api("POST", "/flow_runs/", {"flow_id": made["id"]})[1]
    assert api("PATCH", f"/flows/{made['id']}", {}) == (204, None)
    assert api("GET", f"/flows/{made['id']}")[1]["tags"] == ["a"]
    assert api("PATCH", f"/flows/{made['id']}", {"tags": ["b"]}) == (204, None)
    assert api("GET", f"/flows/{made['id']}")[1]["tags"] == ["b"]
    assert api("DELETE", f"/flows/{made['id']}") == (204, None)
    assert api("GET", f"/flows/{made['id']}")[0] == 404
    assert api("GET", f"/flow_runs/{run['id']}")[0] == 404
    assert api("DELETE", f"/flows/{made['id']}")[0] == 404


def test_a_flow_run_is_made(api: Api) -> None:
    made = api("POST", "/flows/", {"name": f"flow {uuid4()}", "labels": {"team": "data", "size": 2}})[1]
    body = {"flow_id": made["id"], "labels": {"size": 3}, "parameters": {"x": {"deep": [1, 2.5, None]}}, "tags": ["t"]}
    status, run = api("POST", "/flow_runs/", body)
    assert status == 201
    assert (run["state_type"], run["state_name"], run["run_count"]) == ("PENDING", "Pending", 0)
    assert run["labels"] == {"team": "data", "size": 3, "prefect.flow.id": made["id"]}
    assert run["parameters"] == {"x": {"deep": [1, 2.5, None]}}
    assert (run["job_variables"], run["context"], run["tags"]) == ({}, {}, ["t"])
    adjective, _, noun = run["name"].partition("-")
    assert adjective
    assert noun
    read = api("GET", f"/flow_runs/{run['id']}")[1]
    assert read["estimated_start_time_delta"] > 0
    assert {**read, "estimated_start_time_delta": 0.0} == run


def test_a_flow_run_is_made_once_for_an_idempotency_key(api: Api) -> None:
    flow_id, key = api.flow(), str(uuid4())
    status, run = api("POST", "/flow_runs/", {"flow_id": flow_id, "idempotency_key": key})
    assert status == 201
    status, again = api("POST", "/flow_runs/", {"flow_id": flow_id, "idempotency_key": key})
    assert (status, again["id"]) == (200, run["id"])
    other = api("POST", "/flows/", {"name": f"flow {uuid4()}"})[1]["id"]
    assert api("POST", "/flow_runs/", {"flow_id": other, "idempotency_key": key})[0] == 201


MISSING: dict[str, tuple[str, dict[str, Any], int]] = {
    "a flow": ("/flow_runs/", {"flow_id": str(uuid4())}, 409),
    "a parent": ("/flow_runs/", {"parent_task_run_id": str(uuid4())}, 409),
    "a pool": ("/flow_runs/", {"work_pool_name": "none"}, 404),
    "a flow run": ("/task_runs/", {"flow_run_id": str(uuid4()), "task_key": "k", "dynamic_key": "0"}, 409),
    "large": ("/flow_runs/", {"parameters": {"x": "y" * 600_000}}, 422),
}


@pytest.mark.parametrize("case", MISSING)
def test_a_run_that_builds_on_nothing_is_refused(api: Api, case: str) -> None:
    path, fields, status = MISSING[case]
    body = {"flow_id": api.flow(), **fields} if path == "/flow_runs/" else fields
    answered, content = api("POST", path, body)
    assert answered == status
    assert set(content) == {"detail"}


def test_a_flow_run_is_changed(api: Api) -> None:
    run = api.flow_run(tags=["a"], parameters={"x": 1})
    name = api("GET", f"/flow_runs/{run}")[1]["name"]
    assert api("PATCH", f"/flow_runs/{run}", {"name": "named", "infrastructure_pid": "host:1"}) == (204, None)
    read = api("GET", f"/flow_runs/{run}")[1]
    assert (read["name"], read["infrastructure_pid"], read["tags"]) == ("named", "host:1", ["a"])
    assert (read["parameters"], name) != ({}, "named")
    assert api("PATCH", f"/flow_runs/{run}", {"job_variables": {}})[0] == 400
    assert api("PATCH", f"/flow_runs/{run}", {"state": {}})[0] == 422


def test_a_task_run_is_made_once_for_its_keys(api: Api) -> None:
    run, task_id = api.flow_run("RUNNING"), str(uuid4())
    body = {"id": task_id, "flow_run_id": run, "task_key": "key", "dynamic_key": "0", "tags": ["t"]}
    status, made = api("POST", "/task_runs/", body)
    assert (status, made["id"], made["state_type"]) == (201, task_id, "PENDING")
    assert made["labels"] == {
        "prefect.flow.id": api("GET", f"/flow_runs/{run}")[1]["flow_id"],
        "prefect.flow-run.id": run,
    }
    assert api("POST", "/task_runs/", {**body, "id": str(uuid4())})[1]["id"] == task_id
    assert api("POST", "/task_runs/", {**body, "dynamic_key": "1"})[0] == 409
    assert api("PATCH", f"/task_runs/{task_id}", {"name": "named"}) == (204, None)
    assert api("GET", f"/task_runs/{task_id}")[1]["name"] == "named"
    assert api("DELETE", f"/task_runs/{task_id}") == (204, None)
    assert api("GET", f"/task_runs/{task_id}")[0] == 404


def test_a_subflow_is_mirrored_on_the_task_run_that_stands_for_it(api: Api) -> None:
    parent = api.flow_run("RUNNING")
    body = {"flow_run_id": parent, "task_key": "child", "dynamic_key": "0"}
    tracking = api("POST", "/task_runs/", body)[1]["id"]
    child = api.flow_run(parent_task_run_id=tracking)
    for state in ("RUNNING", "COMPLETED"):
        api("POST", f"/flow_runs/{child}/set_state", {"state": {"type": state}})
        mirrored = api("GET", f"/task_runs/{tracking}")[1]
        details = mirrored["state"]["state_details"]
        assert mirrored["state_type"] == state
        assert (details["child_flow_run_id"], details["task_run_id"]) == (child, tracking)
    assert mirrored["total_run_time"] > 0


def test_a_states_event_follows_the_one_before(api: Api) -> None:
    run = api.flow_run(tags=["b", "a"])
    for state in ("RUNNING", "COMPLETED"):
        api("POST", f"/flow_runs/{run}/set_state", {"state": {"type": state, "message": f"now {state}"}})
    wanted = {"resource": {"id": [f"prefect.flow-run.{run}"]}, "order": "ASC"}
    events = api("POST", "/events/filter", {"filter": wanted})[1]["events"]
    states = api("GET", f"/flow_run_states/?flow_run_id={run}")[1]
    assert [one["event"] for one in events] == [
        f"prefect.flow-run.{name}" for name in ("Pending", "Running", "Completed")
    ]
    assert [one["id"] for one in events] == [state["id"] for state in states]
    assert [one["follows"] for one in events] == [None, *[one["id"] for one in events[:-1]]]
    assert events[1]["resource"]["prefect.state-message"] == "now RUNNING"
    assert [related["prefect.resource.role"] for related in events[0]["related"]] == ["flow", "tag", "tag"]


def test_a_refused_transition_leaves_no_trace(api: Api) -> None:
    run = api.flow_run("RUNNING")
    before = api("GET", f"/flow_run_states/?flow_run_id={run}")[1]
    assert api("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}})[1]["status"] == "ABORT"
    assert api("GET", f"/flow_run_states/?flow_run_id={run}")[1] == before


def test_a_lease_on_limits_that_do_not_exist(api: Api) -> None:
    path = "/v2/concurrency_limits"
    status, lease = api("POST", f"{path}/increment-with-lease", {"names": ["tag:etl"], "slots": 1})
    assert (status, lease["limits"]) == (200, [])
    for _ in range(2):
        assert api("POST", f"{path}/decrement-with-lease", {"lease_id": lease["lease_id"]}) == (204, None)
    assert api("POST", f"{path}/increment-with-lease", {"names": ["x"], "slots": 0})[0] == 422


def test_a_proposal_may_say_from_which_state_it_goes_on(api: Api) -> None:
    run = api.flow_run()
    path, running = f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}}
    state = api("GET", f"/flow_runs/{run}")[1]["state"]["id"]
    status, answer = api("POST", path, running, headers={"Lictor-From-State": "none"})
    assert (status, answer["detail"]) == (422, "Lictor-From-State: give the id of a state.")
    assert api("POST", path, running, headers={"Lictor-From-State": str(uuid4())})[1]["status"] == "ABORT"
    assert api("POST", path, running, headers={"Lictor-From-State": state})[1]["status"] == "ACCEPT"
