"""Sign-ins of browsers, and the page they sign in on."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.running import Server
from tests.security.asking import SECRET, Answer, ask, basic

HTML = {"Accept": "text/html"}
SAME = {"Sec_Fetch_Site": "same-origin"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(PREFECT_SERVER_API_AUTH_STRING=SECRET, PREFECT_UI_SERVE_BASE="/orchestrator/") as running:
        yield running


def sign_in(server: Server, base: str = "/orchestrator") -> dict[str, str]:
    got = ask(server, "POST", f"{base}/api/session", **basic(), **SAME)
    assert (got.status, got.content) == (204, b"")
    return {"Cookie": got.headers["set-cookie"].partition(";")[0]}


def config(page: Answer) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="lictor-config">(.*?)</script>', page.content.decode())
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_a_session_is_a_cookie_that_no_script_reads(server: Server) -> None:
    got = ask(server, "POST", "/orchestrator/api/session", **basic())
    flags = got.headers["set-cookie"].split("; ")[1:]
    assert {"Path=/orchestrator", "HttpOnly", "SameSite=Lax"} <= set(flags)
    assert "Secure" not in flags
    assert SECRET not in got.headers["set-cookie"]


@pytest.mark.parametrize("headers", [{}, basic("admin:wrong"), {"Cookie": "lictor-session=x"}, {"Cookie": "a; =;;"}])
def test_without_credentials_there_is_no_session(server: Server, headers: dict[str, str]) -> None:
    got = ask(server, "POST", "/orchestrator/api/session", **headers)
    assert got.status == 401
    assert "set-cookie" not in got.headers


def test_a_session_reads_and_with_proof_of_origin_writes(server: Server) -> None:
    cookie = sign_in(server)
    assert ask(server, "GET", "/orchestrator/api/session", **cookie).json == {"name": "admin", "csrf": True}
    body = {"name": "by cookie"}
    assert ask(server, "POST", "/api/flows/", body, **cookie).status == 403
    assert ask(server, "POST", "/api/flows/", body, **cookie, Origin=server.origin).status == 403
    assert ask(server, "POST", "/api/flows/", body, **cookie, Sec_Fetch_Site="same-site").status == 403
    assert ask(server, "POST", "/api/flows/", body, **cookie, **SAME).status == 201
    token = ask(server, "GET", "/api/csrf-token?client=page", **cookie).json["token"]
    proof = {"Prefect_Csrf_Token": token, "Prefect_Csrf_Client": "page"}
    assert ask(server, "POST", "/api/flows/", body, **cookie, **proof).status == 200


def test_signing_out_ends_a_session_on_the_server(server: Server) -> None:
    cookie = sign_in(server)
    assert ask(server, "DELETE", "/orchestrator/api/session", **cookie).status == 403
    got = ask(server, "DELETE", "/orchestrator/api/session", **cookie, **SAME)
    assert got.status == 204
    assert "Max-Age=0" in got.headers["set-cookie"]
    assert ask(server, "GET", "/api/hello", **cookie).status == 401


def test_the_database_does_not_hold_what_opens_a_session(server: Server) -> None:
    token = sign_in(server)["Cookie"].partition("=")[2]
    with closing(sqlite3.connect(server.home / "lictor.db")) as db:
        held = db.execute("select digest, seal, name from session").fetchall()
    assert held
    assert token.encode() not in repr(held).encode()


@pytest.mark.parametrize(
    "ends",
    [
        {"PREFECT_SERVER_SESSION_IDLE_TIMEOUT": "PT0S"},
        {"PREFECT_SERVER_SESSION_ABSOLUTE_TIMEOUT": "PT0S"},
        {"PREFECT_SERVER_API_AUTH_STRING": "admin:changed"},
    ],
)
def test_a_session_outlives_a_restart_but_not_its_limits_or_its_auth_string(ends: dict[str, str]) -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING=SECRET) as first:
        cookie = sign_in(first, "")
        assert ask(first, "GET", "/api/hello", **cookie).status == 200
    with Server(first.home, PREFECT_SERVER_API_AUTH_STRING=SECRET) as second:
        assert ask(second, "GET", "/api/hello", **cookie).status == 200
    with Server(first.home, **{"PREFECT_SERVER_API_AUTH_STRING": SECRET, **ends}) as third:
        assert ask(third, "GET", "/api/hello", **cookie).status == 401


def test_a_session_ends_with_the_auth_string_that_opened_it() -> None:
    old, new = "admin:the old one", "admin:the new one"
    rotating = {"PREFECT_SERVER_API_AUTH_STRING": new, "PREFECT_SERVER_API_PREVIOUS_AUTH_STRING": old}
    with Server(None, **rotating) as first:
        cookies = []
        for text in (old, new):
            got = ask(first, "POST", "/api/session", **basic(text))
            cookies.append({"Cookie": got.headers["set-cookie"].partition(";")[0]})
        assert [ask(first, "GET", "/api/hello", **cookie).status for cookie in cookies] == [200, 200]
        again = ask(first, "POST", "/api/session", **cookies[0], **SAME)
        assert (again.status, "set-cookie" in again.headers) == (204, False)  # a cookie makes no other one
    with Server(first.home, PREFECT_SERVER_API_AUTH_STRING=new) as second:
        assert [ask(second, "GET", "/api/hello", **cookie).status for cookie in cookies] == [401, 200]


@pytest.mark.parametrize("prefix", ["/outside/orchestrator", "/outside"])
def test_a_proxys_prefix_may_have_the_base_in_it(prefix: str) -> None:
    settings = {
        "PREFECT_SERVER_API_AUTH_STRING": SECRET,
        "PREFECT_UI_SERVE_BASE": "/orchestrator",
        "PREFECT_SERVER_TRUSTED_PROXIES": "127.0.0.1",
    }
    seen = {"X_Forwarded_Prefix": prefix, "X_Forwarded_Host": "tools.example", **basic()}
    with Server(None, **settings) as server:
        page = ask(server, "GET", "/orchestrator/", **HTML, **seen)
        cookie = ask(server, "POST", "/orchestrator/api/session", **seen).headers["set-cookie"]
        for number in range(2):
            ask(server, "POST", "/api/flows/", {"name": f"f{number}"}, **basic())
        events = ask(server, "POST", "/orchestrator/api/events/filter", {"limit": 1}, **seen).json
    assert config(page)["base"] == "/outside/orchestrator"
    assert "; Path=/outside/orchestrator;" in cookie
    assert events["next_page"].startswith("http://tools.example/outside/orchestrator/api/events/filter/next?")


@pytest.mark.parametrize(("own", "opens"), [(True, True), (False, False), (None, False)])
def test_a_cookie_opens_sockets_for_own_pages_alone(server: Server, own: bool | None, opens: bool) -> None:
    origin = None if own is None else Origin(server.origin if own else "http://foreign.example")
    with connect(
        f"ws://127.0.0.1:{server.port}/orchestrator/api/events/out",
        origin=origin,
        additional_headers=sign_in(server),
        subprotocols=[Subprotocol("prefect")],
        proxy=None,
    ) as socket:
        socket.send('{"type":"auth","token":null}')
        if opens:
            assert socket.recv(timeout=60) == '{"type":"auth_success"}'
        else:
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=60)


def test_the_page_is_told_where_it_is(server: Server) -> None:
    for path in ("/orchestrator", "/orchestrator/", "/orchestrator/runs/flow-run/x"):
        page = ask(server, "GET", path, **HTML)
        assert page.status == 200
        assert config(page)["api_url"] == "/orchestrator/api"
        assert (config(page)["auth"], config(page)["signed_in"]) == ("BASIC", False)
        assert "'unsafe-inline'" not in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-cache"
    assert config(ask(server, "GET", "/orchestrator/", **HTML, **sign_in(server)))["signed_in"] is True
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.content.decode()):
        got = ask(server, "GET", asset, Accept_Encoding="gzip")
        assert got.status == 200
        assert "immutable" in got.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/", "/runs", "/openapi.json", "/docs", "/orchestratorx", "/orchestrator/assets/none.js", "/ui-settings"]
)
def test_outside_of_the_base_there_is_nothing(server: Server, path: str) -> None:
    got = ask(server, "GET", path, **HTML)
    assert (got.status, got.json) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/orchestrator/assets/../index.html", "/orchestrator/assets/%2e%2e/.built-from"])
def test_files_outside_of_the_bundle_are_not_served(server: Server, path: str) -> None:
    assert ask(server, "GET", path).status == 404


@pytest.mark.parametrize(
    ("settings", "api_url"),
    [
        ({}, None),
        ({"PREFECT_API_URL": "http://api.example/api"}, "http://api.example/api"),
        ({"PREFECT_API_URL": "http://a/api", "PREFECT_UI_API_URL": "https://b/api"}, "https://b/api"),
        ({"PREFECT_SERVER_API_BASE_PATH": "/v9"}, None),
        ({"PREFECT_SERVER_UI_ENABLED": "false"}, None),
    ],
)
def test_ui_settings_have_the_shape_that_pages_know(settings: dict[str, str], api_url: str | None) -> None:
    with OnAnotherPath(None, **settings) as server:
        told = ask(server, "GET", "/ui-settings").json
        assert told == {
            "api_url": api_url or server.url,
            "csrf_enabled": False,
            "auth": None,
            "flags": [],
            "default_ui": "v2",
            "available_uis": ["v2"],
            "v1_base_url": "/",
            "v2_base_url": "/",
        }
        page = ask(server, "GET", "/", **HTML)
        assert page.status == (404 if "PREFECT_SERVER_UI_ENABLED" in settings else 200)


class OnAnotherPath(Server):
    @property
    def url(self) -> str:
        return self.origin + self.settings.get("PREFECT_SERVER_API_BASE_PATH", "/api")
