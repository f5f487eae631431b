"""Paused flow runs go on, with the input that they wait for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Api

KEYS = {"base_key": "k", "schema": "k-schema", "response": "k-response"}
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "default": 3}},
    "required": ["name"],
}


def paused(api: Api, schema: Any = None, **details: Any) -> str:
    """Make a flow run that is paused; it waits for input where a schema is given."""
    run = api.flow_run("RUNNING")
    in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    said = {"pause_timeout": in_an_hour, "pause_key": str(uuid4()), **details}
    if schema is not None:
        said["run_input_keyset"] = KEYS
        api("POST", f"/flow_runs/{run}/input", {"key": "k-schema", "value": schema})
    body = {"state": {"type": "PAUSED", "state_details": said}, "force": True}
    assert api("POST", f"/flow_runs/{run}/set_state", body)[1]["status"] == "ACCEPT"
    return run


def history(api: Api, run: str) -> list[str]:
    return [state["name"] for state in api("GET", f"/flow_run_states/?flow_run_id={run}")[1]]


# what is said of the pause -> status, what came of it, the type of its details, the state after
PAUSES: dict[str, tuple[dict[str, Any], int, str, str, str]] = {
    "a pause": ({}, 201, "ACCEPT", "accept_details", "Running"),
    "run out": ({"pause_timeout": "2020-01-01T00:00:00Z"}, 201, "REJECT", "reject_details", "Failed"),
    "suspended, nowhere to run": ({"pause_reschedule": True}, 200, "REJECT", "reject_details", "Paused"),
}


@pytest.mark.parametrize("case", PAUSES)
def test_a_paused_run_goes_on(api: Api, case: str) -> None:
    details, status, outcome, kind, state = PAUSES[case]
    run = paused(api, **details)
    answered, result = api("POST", f"/flow_runs/{run}/resume", {})
    assert (answered, result["status"], result["details"]["type"]) == (status, outcome, kind)
    read = api("GET", f"/flow_runs/{run}")[1]
    assert read["state_name"] == state == history(api, run)[-1]
    if status == 201:
        assert result["state"] == read["state"]


def test_a_suspended_run_is_scheduled(api: Api) -> None:
    run = paused(api, pause_reschedule=True)
    deployed = api.flow_run("RUNNING", deployment_id=str(uuid4()))
    details = {"pause_reschedule": True, "pause_timeout": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    state = {"type": "PAUSED", "name": "Suspended", "state_details": {**details, "pause_key": "1"}}
    assert api("POST", f"/flow_runs/{deployed}/set_state", {"state": state})[1]["status"] == "ACCEPT"
    status, result = api("POST", f"/flow_runs/{deployed}/resume", None)
    assert (status, result["status"], result["state"]["name"]) == (201, "ACCEPT", "Resuming")
    assert result["state"]["state_details"]["scheduled_time"] == result["state"]["timestamp"]
    assert history(api, run) == ["Running", "Paused"]


def test_a_run_that_is_not_paused_stays_as_it_is(api: Api) -> None:
    run = api.flow_run("RUNNING")
    status, result = api("POST", f"/flow_runs/{run}/resume", {})
    assert (status, result["status"], result["state"]) == (200, "ABORT", None)
    assert history(api, run) == ["Running"]


def test_no_run_is_resumed(api: Api) -> None:
    nobody = uuid4()
    expected = {"exception_message": f"Flow run with id {nobody} not found"}
    assert api("POST", f"/flow_runs/{nobody}/resume", {}) == (404, expected)


def kind(name: str, **fields: Any) -> dict[str, Any]:
    return {"__prefect_kind": name, **fields}


# the input -> what is kept of it
TAKEN: dict[str, tuple[Any, Any]] = {
    "plain": ({"name": "a", "age": 4}, {"name": "a", "age": 4}),
    "more than asked": ({"name": "a", "more": [1]}, {"name": "a", "more": [1]}),
    "as JSON": ({"name": kind("json", value='"ä"')}, {"name": "ä"}),
    "left out": ({"name": "a", "age": kind("json")}, {"name": "a"}),
    "as it is": ({"name": kind("none", value="a")}, {"name": "a"}),
}


@pytest.mark.parametrize("case", TAKEN)
def test_input_that_fits_is_kept(api: Api, case: str) -> None:
    given, kept = TAKEN[case]
    run = paused(api, json.dumps(SCHEMA))
    status, result = api("POST", f"/flow_runs/{run}/resume", {"run_input": given})
    assert (status, result["status"]) == (201, "ACCEPT")
    read = api.http.get(f"/flow_runs/{run}/input/k-response")
    assert read.text == json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


# the schema, the input -> what the reason names
REFUSED: dict[str, tuple[str | None, Any, str]] = {
    "nothing": (json.dumps(SCHEMA), None, "name"),
    "empty": (json.dumps(SCHEMA), {}, "name"),
    "a wrong type": (json.dumps(SCHEMA), {"name": 3}, "name: "),
    "null": (json.dumps(SCHEMA), {"name": "a", "age": None}, "age: "),
    "malformed JSON": (json.dumps(SCHEMA), {"name": kind("json", value="{")}, "name: Invalid JSON"),
    "no such variable": (json.dumps(SCHEMA), {"name": kind("workspace_variable", variable_name="v")}, "'v'"),
    "a template": (json.dumps(SCHEMA), {"name": kind("jinja", template="{{ 1 / 0 }}")}, "division by zero"),
    "a variable": (json.dumps(SCHEMA), {"name": kind("workspace_variable", variable_name="none")}, "not found"),
    "no schema": (None, {"name": "a"}, "'k-schema'"),
    "a malformed schema": ("{", {"name": "a"}, "not a JSON object"),
    "a schema that is none": ("3", {"name": "a"}, "not a JSON object"),
    "a wrong schema": ('{"type": "nope"}', {"name": "a"}, "not valid"),
    "a schema elsewhere": ('{"$ref": "http://127.0.0.1:9/x"}', {"name": "a"}, "never fetched"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_input_that_does_not_fit_leaves_the_run_paused(api: Api, case: str) -> None:
    schema, given, named = REFUSED[case]
    run = paused(api, schema or "", run_input_keyset=KEYS)
    if schema is None:
        api("DELETE", f"/flow_runs/{run}/input/k-schema")
    status, result = api("POST", f"/flow_runs/{run}/resume", {"run_input": given})
    assert (status, result["status"], result["details"]["type"]) == (200, "REJECT", "abort_details")
    assert named in result["details"]["reason"]
    assert result["state"] == api("GET", f"/flow_runs/{run}")[1]["state"]
    assert history(api, run) == ["Running", "Paused"]
    assert api("GET", f"/flow_runs/{run}/input/k-response")[0] == 404
