"""What strangers and browsers are answered is what the reference answers, save the faults that `docs/security.md` lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.reference.conftest import Pair, both
from tests.running import Server
from tests.security.asking import SECRET, ask, basic

SEEN = ("access-control-allow-origin", "access-control-max-age", "access-control-allow-credentials", "www-authenticate")
LISTED, OTHER = "http://listed.example", "http://other.example"
JSON = {"Content_Type": "application/json"}
ASKS = {"Access_Control_Request_Method": "POST"}


@pytest.fixture(scope="module")
def strict(reference_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    settings = {
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"{LISTED},http://second.example",
        "PREFECT_SERVER_API_CORS_ALLOWED_METHODS": "GET,POST",
        "PREFECT_SERVER_API_CORS_ALLOWED_HEADERS": "X-One",
    }
    with ExitStack() as stack:
        yield both(reference_python, tmp_path_factory, stack, **settings)


def told(server: Server, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    """Return what counts of an answer: status, body, and what it says to browsers."""
    got = ask(server, method, path, body, **headers)
    shown = {name: got.headers[name] for name in SEEN if name in got.headers}
    methods = got.headers.get("access-control-allow-methods", "").replace(", QUERY", "")
    return got.status, got.content if method != "HEAD" else b"", shown, methods


CLOSED: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/api/health", {}),
    ("GET", "/api/health", basic("admin:wrong")),
    ("POST", "/api/health", {}),
    ("OPTIONS", "/api/health", {}),
    ("GET", "/api/health/", {}),
    ("GET", "/api/x-health", {}),
    ("GET", "/api/hello", {}),
    ("GET", "/api/hello", basic()),
    ("GET", "/api/hello", basic("admin:wrong")),
    ("GET", "/api/hello", {"Authorization": "Bearer " + SECRET}),
    ("GET", "/api/hello", {"Authorization": basic()["Authorization"] + " more"}),
    ("GET", "/api/hello", {"Authorization": "Basic"}),
    ("GET", "/api/hello", {"Authorization": ""}),
    ("GET", "/api/hello", {"Authorization": "Basic   " + basic()["Authorization"][6:]}),
    ("GET", "/api/nowhere", {}),
    ("GET", "/api/nowhere", basic()),
    ("GET", "/api/docs", {}),
    ("GET", "/api/openapi.json", {}),
    ("GET", "/api/csrf-token?client=a", {}),
    ("GET", "/api/csrf-token?client=a", basic()),
    ("GET", "/api/version", {}),
    ("GET", "/api/admin/version", {}),
    ("GET", "/api/hello", {"Origin": OTHER}),
    ("OPTIONS", "/api/hello", {"Origin": OTHER, **ASKS}),
    ("OPTIONS", "/api/nowhere", {"Origin": OTHER, **ASKS, "Access_Control_Request_Headers": "X-A, x-b"}),
    ("DELETE", "/api/hello", basic()),
]

STRICT: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/api/hello", {"Origin": LISTED}),
    ("GET", "/api/hello", {"Origin": OTHER}),
    ("GET", "/api/hello", {"Origin": LISTED.upper()}),
    ("GET", "/api/hello", {"Origin": "null"}),
    ("OPTIONS", "/api/flows/", {"Origin": LISTED, **ASKS}),
    ("OPTIONS", "/api/flows/", {"Origin": LISTED, **ASKS, "Access_Control_Request_Headers": "x-one, accept"}),
    ("OPTIONS", "/api/flows/", {"Origin": LISTED, **ASKS, "Access_Control_Request_Headers": "x-two"}),
    ("OPTIONS", "/api/flows/", {"Origin": OTHER, **ASKS}),
    ("OPTIONS", "/api/flows/", {"Origin": OTHER, "Access_Control_Request_Method": "PUT"}),
    ("POST", "/api/flows/", JSON),
    ("POST", "/api/nowhere", JSON),
    ("PUT", "/elsewhere", JSON),
    ("DELETE", "/api/flows/x", {}),
    ("POST", "/api/flows/", {**JSON, "Prefect_Csrf_Token": "x"}),
    ("POST", "/api/flows/", {**JSON, "Prefect_Csrf_Client": "x"}),
    ("GET", "/api/hello", {"Prefect_Csrf_Token": "x", "Prefect_Csrf_Client": "y"}),
]


@pytest.mark.parametrize(("method", "path", "headers"), CLOSED, ids=[f"{m} {p} {h}" for m, p, h in CLOSED])
def test_a_closed_server_answers_the_same(closed: Pair, method: str, path: str, headers: dict[str, str]) -> None:
    ours, theirs = (told(server, method, path, None, headers) for server in closed)
    assert ours == theirs


@pytest.mark.parametrize(("method", "path", "headers"), STRICT, ids=[f"{m} {p} {h}" for m, p, h in STRICT])
def test_a_strict_server_answers_the_same(strict: Pair, method: str, path: str, headers: dict[str, str]) -> None:
    body = b"{}" if headers.get("Content_Type") else None
    ours, theirs = (told(server, method, path, body, headers) for server in strict)
    assert ours == theirs


def test_a_token_serves_on_both_servers(strict: Pair) -> None:
    for server in strict:
        token = ask(server, "GET", "/api/csrf-token?client=me").json
        assert set(token) == {"id", "created", "updated", "token", "client", "expiration"}
        proof = {"Prefect_Csrf_Token": token["token"], "Prefect_Csrf_Client": "me"}
        assert ask(server, "POST", "/api/flows/", {"name": "f"}, **proof).status == 201
        wrong = ask(server, "POST", "/api/flows/", {"name": "f"}, **{**proof, "Prefect_Csrf_Client": "you"})
        assert (wrong.status, wrong.json) == (403, {"detail": "Invalid CSRF token or client identifier."})
