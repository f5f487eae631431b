"""What pages of other origins may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running import Server
from tests.security.asking import ask, basic

LISTED, OTHER = "http://listed.example", "http://unlisted.example"
ALL_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


@pytest.fixture(scope="module")
def usual() -> Iterator[Server]:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:pass") as running:
        yield running


@pytest.fixture(scope="module")
def strict() -> Iterator[Server]:
    settings = {
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f" {LISTED} ,https://second.example",
        "PREFECT_SERVER_API_CORS_ALLOWED_METHODS": "GET, POST",
        "PREFECT_SERVER_API_CORS_ALLOWED_HEADERS": "X-One, x-two",
    }
    with Server(None, **settings) as running:
        yield running


def preflight(server: Server, path: str = "/api/flows/", origin: str = LISTED, method: str = "POST", **more: str):  # type: ignore[no-untyped-def]
    return ask(server, "OPTIONS", path, Origin=origin, Access_Control_Request_Method=method, **more)


@pytest.mark.parametrize("path", ["/api/health", "/api/flows/", "/api/nowhere"])
def test_by_default_every_page_may_read(usual: Server, path: str) -> None:
    got = ask(usual, "GET", path, Origin=OTHER)
    assert got.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in got.headers
    assert "access-control-allow-origin" not in ask(usual, "GET", path).headers


@pytest.mark.parametrize("path", ["/api/flows/", "/api/nowhere", "/runs", "/"])
def test_a_preflight_is_answered_before_credentials_are_asked_for(usual: Server, path: str) -> None:
    got = preflight(usual, path, Access_Control_Request_Headers="Authorization,X-Any")
    assert (got.status, got.content) == (200, b"OK")
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["access-control-allow-methods"] == ALL_METHODS
    assert got.headers["access-control-allow-headers"] == "Authorization,X-Any"
    assert got.headers["access-control-max-age"] == "600"


def test_options_that_ask_for_nothing_are_closed_too(usual: Server) -> None:
    assert ask(usual, "OPTIONS", "/api/flows/").status == 401
    assert ask(usual, "OPTIONS", "/api/flows/", Origin=OTHER, **basic()).status == 405


@pytest.mark.parametrize(
    ("origin", "told"),
    [(LISTED, LISTED), ("https://second.example", "https://second.example"), (OTHER, None), (LISTED.upper(), None)],
)
def test_a_list_is_kept_to(strict: Server, origin: str, told: str | None) -> None:
    got = ask(strict, "GET", "/api/hello", Origin=origin)
    assert got.status == 200
    assert got.headers.get("access-control-allow-origin") == told
    assert got.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("origin", "method", "headers", "wrong"),
    [
        (LISTED, "POST", "x-one, X-TWO, content-type", None),
        (LISTED, "GET", None, None),
        (OTHER, "POST", None, "origin"),
        ("null", "POST", None, "origin"),
        (LISTED, "DELETE", None, "method"),
        (LISTED, "POST", "x-three", "headers"),
        (OTHER, "PATCH", "x-three", "origin, method, headers"),
    ],
)
def test_a_preflight_is_judged(
    strict: Server, origin: str, method: str, headers: str | None, wrong: str | None
) -> None:
    more = {} if headers is None else {"Access_Control_Request_Headers": headers}
    got = preflight(strict, origin=origin, method=method, **more)
    expected = (200, "OK") if wrong is None else (400, f"Disallowed CORS {wrong}")
    assert (got.status, got.content.decode()) == expected
    assert set(got.headers["access-control-allow-headers"].split(", ")) >= {"X-One", "x-two", "Content-Type", "Accept"}
