"""What holds for every request, whatever it asks."""

from __future__ import annotations

import gzip
import http.client
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.server.conftest import Api

ID = "0197a2b4-0000-7000-8000-000000000000"

ANSWERS: list[tuple[str, str, int, Any]] = [
    ("GET", "/health", 200, True),
    ("HEAD", "/health", 200, None),
    ("HEAD", "/ready", 200, None),
    ("GET", "/ready", 200, {"message": "OK"}),
    ("GET", "/hello", 200, "\N{WAVING HAND SIGN}"),
    ("GET", "/version", 200, "0.8.4"),
    ("GET", "/admin/version", 200, "3.9.1"),
    ("GET", "/admin/storage", 200, {"default_result_storage_block_id": None}),
    ("GET", "/csrf-token?client=me", 422, {"detail": "CSRF protection is disabled."}),
    ("GET", "/nowhere", 404, {"detail": "Not Found"}),
    ("GET", "/flows/not-an-id", 404, {"detail": "Not Found"}),
    ("PUT", f"/flows/{ID}", 405, {"detail": "Method Not Allowed"}),
    ("GET", f"/flows/{ID}", 404, {"detail": "Flow not found"}),
    ("GET", f"/flow_runs/{ID}", 404, {"detail": "Flow run not found"}),
    ("DELETE", f"/flow_runs/{ID}", 404, {"detail": "Flow run not found"}),
    ("GET", f"/task_runs/{ID}", 404, {"detail": "Task run not found"}),
    ("GET", f"/flow_run_states/{ID}", 404, {"detail": "Flow run state not found"}),
    ("GET", f"/flow_run_states/?flow_run_id={ID}", 200, []),
    ("GET", "/flows/name/nobody", 404, {"detail": "Flow not found"}),
    ("GET", "/events/filter/next?page-token=abc", 403, {"detail": "The page token is not one of this server's."}),
]


@pytest.mark.parametrize(("method", "path", "status", "content"), ANSWERS)
def test_an_answer(api: Api, method: str, path: str, status: int, content: Any) -> None:
    assert api(method, path) == (status, content)


def test_a_proposal_for_an_unknown_run_says_which(api: Api) -> None:
    for kind, name in (("flow_runs", "Flow run"), ("task_runs", "Task run")):
        answered = api("POST", f"/{kind}/{ID}/set_state", {"state": {"type": "RUNNING"}})
        assert answered == (404, {"exception_message": f"{name} with id {ID} not found"})


def test_the_wrong_method_is_told_the_right_ones(api: Api) -> None:
    assert api.http.put(f"/flows/{ID}").headers["allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/flows?a=1", "/api/flows/?a=1"),
        ("/hello/", "/api/hello"),
        ("/flow_run_states?flow_run_id=x", "/api/flow_run_states/?flow_run_id=x"),
    ],
)
def test_a_missing_slash_is_redirected(api: Api, path: str, location: str) -> None:
    answer = api.http.request("POST" if path.startswith("/flows") else "GET", path, follow_redirects=False)
    told = answer.headers["location"]
    assert (answer.status_code, told.startswith("/")) == (307, False)
    assert urljoin(f"/api{path}", told) == location


def test_a_redirect_cannot_be_made_to_carry_a_header(api: Api) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api.server.port)
    connection.request("GET", "/api/flows/name/a%0d%0aSet-Cookie:%20x=1/")
    answer = connection.getresponse()
    assert answer.status == 307
    assert answer.getheader("set-cookie") is None
    assert answer.getheader("location") == "../a%0D%0ASet-Cookie%3A%20x%3D1"


VERSIONS = {"0.8.4": 200, "0.8.0": 200, "0.9.12": 200, "1.0.0": 200, "0.7.9": 400, "abc": 400, "0.8": 400, "0.8.x": 400}


@pytest.mark.parametrize("version", VERSIONS)
def test_only_clients_that_are_new_enough_are_served(api: Api, version: str) -> None:
    headers = {"X-PREFECT-API-VERSION": version}
    assert api.http.get("/hello", headers=headers).status_code == VERSIONS[version]
    assert api.http.get("/health", headers=headers).status_code == 200
    assert api.http.get("/version", headers=headers).status_code == 200


def test_long_answers_are_compressed_for_those_who_take_it(api: Api) -> None:
    run = api.flow_run(parameters={"x": "y" * 5000})
    connection = http.client.HTTPConnection("127.0.0.1", api.server.port)
    connection.request("GET", f"/api/flow_runs/{run}", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.getheader("content-encoding") == "gzip"
    assert b"yyyy" in gzip.decompress(answer.read())


def test_the_server_does_not_tell_its_version(api: Api) -> None:
    assert api.http.get("/health").headers["server"] == "lictor"


BODIES: dict[str, tuple[bytes, str, int]] = {
    "no content type": (b'{"name":"a flow"}', "", 200),
    "json": (b'{"name":"a flow"}', "application/json; charset=utf-8", 200),
    "a kind of json": (b'{"name":"a flow"}', "application/vnd.api+json", 200),
    "text": (b'{"name":"a flow"}', "text/plain", 422),
    "a form": (b"name=a", "application/x-www-form-urlencoded", 422),
    "nothing": (b"", "application/json", 422),
    "no json": (b"{name", "application/json", 422),
    "not utf-8": (b'{"name":"\xff"}', "application/json", 422),
    "too deep": (b"[" * 200_000, "application/json", 422),
    "an unknown field": (b'{"name":"a flow","colour":1}', "application/json", 422),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_is_understood_or_refused(api: Api, case: str) -> None:
    content, media, status = BODIES[case]
    answer = api.http.post("/flows/", content=content, headers={"content-type": media} if media else {})
    assert answer.status_code == status, answer.text
    if status == 422:
        assert set(answer.json()) == {"exception_message", "exception_detail", "request_body"}


def test_a_client_newer_than_the_contract_may_send_more(api: Api) -> None:
    body = {"name": "a flow", "colour": 1}
    for agent, status in (("prefect/3.9.2 (API 0.8.4)", 200), ("prefect/3.9.1 (API 0.8.4)", 422), ("x", 422)):
        assert api("POST", "/flows/", body, headers={"user-agent": agent})[0] == status


@pytest.mark.parametrize("path", ["/flows/filter", "/flow_runs/filter", "/task_runs/filter", "/logs/filter"])
def test_lists_are_bounded(api: Api, path: str) -> None:
    above = {"detail": "Invalid limit: must be less than or equal to 200."}
    below = {"detail": "Invalid limit: must be greater than or equal to 0."}
    assert api("POST", path, {"limit": 201}) == (422, above)
    assert api("POST", path, {"limit": -1}) == (422, below)
    assert api("POST", path, {"limit": 0}) == (200, [])
    assert api("POST", path, {"limit": None})[0] == 200
    assert api("POST", path, {"offset": -1})[0] == 422


def test_nothing_belongs_to_deployments_as_long_as_there_are_none(api: Api) -> None:
    for sought in ({}, {"name": {"any_": ["x"]}}):
        assert api("POST", "/flow_runs/filter", {"deployments": sought}) == (200, [])
        assert api("POST", "/flows/count", {"deployments": sought}) == (200, 0)
