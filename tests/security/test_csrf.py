"""CSRF tokens, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.running import Server
from tests.security.asking import Answer, ask, basic

MISSING = {"detail": "Missing CSRF token."}
NO_CLIENT = {"detail": "Missing client identifier."}
INVALID = {"detail": "Invalid CSRF token or client identifier."}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    settings = {
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": "http://listed.example, http://other.example",
    }
    with Server(None, **settings) as running:
        yield running


def token(server: Server, client: str = "me") -> str:
    found: str = ask(server, "GET", f"/api/csrf-token?client={client}").json["token"]
    return found


def change(server: Server, path: str = "/api/flows/", **headers: str) -> Answer:
    return ask(server, "POST", path, {"name": "f"}, **headers)


def test_a_token_is_answered_as_the_contract_says(server: Server) -> None:
    first, second = (ask(server, "GET", "/api/csrf-token?client=shape").json for _ in range(2))
    assert set(first) == {"id", "created", "updated", "token", "client", "expiration"}
    assert first["id"] == second["id"]
    assert first["created"] == second["created"]
    assert first["token"] != second["token"]
    assert len(bytes.fromhex(first["token"])) == 32
    lasts = datetime.fromisoformat(first["expiration"]) - datetime.fromisoformat(first["updated"])
    assert lasts.total_seconds() == 3600
    assert ask(server, "GET", "/api/csrf-token?client=shape").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("query", ["", "?client=", "?client=" + "x" * 257, "?client=a%00b"])
def test_a_client_needs_a_name(server: Server, query: str) -> None:
    got = ask(server, "GET", f"/api/csrf-token{query}")
    assert got.status == 422
    assert got.json["exception_detail"][0]["loc"] == ["query", "client"]


def test_a_change_needs_a_token_and_its_client(server: Server) -> None:
    good = token(server)
    cases: list[tuple[dict[str, str], Any]] = [
        ({}, MISSING),
        ({"Prefect_Csrf_Client": "me"}, MISSING),
        ({"Prefect_Csrf_Token": good}, NO_CLIENT),
        ({"Prefect_Csrf_Token": ""}, NO_CLIENT),
        ({"Prefect_Csrf_Token": "", "Prefect_Csrf_Client": ""}, INVALID),
        ({"Prefect_Csrf_Token": "ab" * 32, "Prefect_Csrf_Client": "me"}, INVALID),
        ({"Prefect_Csrf_Token": good, "Prefect_Csrf_Client": "you"}, INVALID),
        ({"Prefect_Csrf_Token": "\xe4", "Prefect_Csrf_Client": "\xfc"}, INVALID),
    ]
    for headers, refused in cases:
        for path in ("/api/flows/", "/api/nowhere", "/elsewhere"):
            got = change(server, path, **headers)
            assert (got.status, got.json) == (403, refused), headers
    for _ in range(2):  # a token may be used again
        assert change(server, Prefect_Csrf_Token=good, Prefect_Csrf_Client="me").status in (200, 201)


def test_a_new_token_ends_the_old_one(server: Server) -> None:
    old, new = token(server, "again"), token(server, "again")
    assert change(server, Prefect_Csrf_Token=old, Prefect_Csrf_Client="again").json == INVALID
    assert change(server, Prefect_Csrf_Token=new, Prefect_Csrf_Client="again").status < 300


def test_reading_needs_none(server: Server) -> None:
    assert ask(server, "GET", "/api/hello").status == 200
    assert ask(server, "HEAD", "/api/health").status == 200


@pytest.mark.parametrize(("origin", "allowed"), [("http://listed.example", True), ("http://unlisted.example", False)])
def test_refusals_follow_the_cors_settings(server: Server, origin: str, allowed: bool) -> None:
    got = change(server, Origin=origin, Prefect_Csrf_Token="x", Prefect_Csrf_Client="y")
    assert got.status == 403
    assert got.headers.get("access-control-allow-origin") == (origin if allowed else None)


def test_an_expired_token_is_invalid_and_forgotten() -> None:
    with Server(
        PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED="true", PREFECT_SERVER_API_CSRF_TOKEN_EXPIRATION="00:00:00"
    ) as server:
        old = token(server)
        assert change(server, Prefect_Csrf_Token=old, Prefect_Csrf_Client="me").json == INVALID


def test_without_protection_there_are_no_tokens() -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:pass") as server:
        got = ask(server, "GET", "/api/csrf-token?client=me", **basic())
        assert (got.status, got.json) == (422, {"detail": "CSRF protection is disabled."})
        assert ask(server, "GET", "/api/csrf-token", **basic()).json["exception_detail"][0]["type"] == "missing"
        assert ask(server, "GET", "/api/csrf-token?client=me").status == 401
