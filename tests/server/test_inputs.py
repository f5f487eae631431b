"""Inputs of flow runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.conftest import Api

CREATIONS: dict[str, tuple[dict[str, Any], int, list[str] | None]] = {
    "plain": ({"key": "k-1", "value": '{"x": 1}'}, 201, None),
    "with a sender": ({"key": "k", "value": "v", "sender": "prefect.flow-run.x"}, 201, None),
    "no key": ({"key": "", "value": "v"}, 201, None),
    "an unknown field": ({"key": "k", "value": "v", "other": 1}, 201, None),
    "a taken key": ({"key": "taken", "value": "v"}, 409, None),
    "a space": ({"key": "a b", "value": "v"}, 422, ["body", "key"]),
    "a slash": ({"key": "a/b", "value": "v"}, 422, ["body", "key"]),
    "an underscore": ({"key": "a_b", "value": "v"}, 422, ["body", "key"]),
    "a capital": ({"key": "A", "value": "v"}, 422, ["body", "key"]),
    "a newline": ({"key": "a\n", "value": "v"}, 422, ["body", "key"]),
    "no text": ({"key": "k", "value": 1}, 422, ["body", "value"]),
    "nothing": ({}, 422, ["body", "key"]),
}


@pytest.mark.parametrize("case", CREATIONS)
def test_an_input_is_given(api: Api, case: str) -> None:
    body, expected, wrong = CREATIONS[case]
    path = f"/flow_runs/{api.flow_run()}/input"
    api("POST", path, {"key": "taken", "value": "first"})
    status, content = api("POST", path, body)
    assert status == expected
    if wrong is not None:
        assert content["exception_detail"][0]["loc"] == wrong
    if status == 201 and body["key"]:
        answer = api.http.get(f"{path}/{body['key']}")
        assert (answer.text, answer.headers["content-type"]) == (body["value"], "text/plain; charset=utf-8")
    assert api.http.get(f"{path}/taken").text == "first"


FOUND: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one by default": ({"prefix": "a"}, ["a-2"]),
    "all": ({"prefix": "", "limit": 10}, ["a-2", "b", "a-1", "a"]),
    "by prefix": ({"prefix": "a-", "limit": 10}, ["a-2", "a-1"]),
    "without": ({"prefix": "a", "limit": 10, "exclude_keys": ["a-2", "a"]}, ["a-1"]),
    "none": ({"prefix": "a", "limit": 0}, []),
    "no limit": ({"prefix": "a", "limit": -1}, ["a-2", "a-1", "a"]),
    "no such": ({"prefix": "z", "limit": 10}, []),
    "nulls": ({"prefix": "a", "limit": None, "exclude_keys": None}, ["a-2"]),
}


@pytest.fixture(scope="module")
def run(api: Api) -> str:
    run_id = api.flow_run()
    for key in ("a-2", "b", "a-1", "a"):
        assert api("POST", f"/flow_runs/{run_id}/input", {"key": key, "value": key.upper()})[0] == 201
    return run_id


@pytest.mark.parametrize("case", FOUND)
def test_inputs_are_found_oldest_first(api: Api, run: str, case: str) -> None:
    body, keys = FOUND[case]
    status, found = api("POST", f"/flow_runs/{run}/input/filter", body)
    assert (status, [each["key"] for each in found]) == (200, keys)
    for each in found:
        assert (each["value"], each["flow_run_id"], each["sender"]) == (each["key"].upper(), run, None)


def test_an_input_is_deleted_alone_and_with_its_run(api: Api) -> None:
    run_id = api.flow_run()
    path = f"/flow_runs/{run_id}/input"
    for key in ("a", "b"):
        api("POST", path, {"key": key, "value": "v"})
    assert api("DELETE", f"{path}/a") == (204, None)
    absent = (404, {"detail": "Flow run input not found"})
    assert api("DELETE", f"{path}/a") == absent
    assert api("GET", f"{path}/a") == absent
    assert api.http.get(f"{path}/b").text == "v"
    assert api("DELETE", f"/flow_runs/{run_id}")[0] == 204
    assert api("GET", f"{path}/b") == absent
    assert api("POST", path, {"key": "a", "value": "v"}) == (404, {"detail": "Flow run not found"})
    assert api("POST", f"{path}/filter", {"prefix": ""}) == (200, [])
