"""The gate: every route and every socket is closed without credentials, and open with them."""

from __future__ import annotations

import base64
import http.client
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lictor.wire.channels import CHANNELS, Channel
from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from tests.running import Server

SECRET = "admin:Grüße:mit Doppelpunkt"  # a colon and letters beyond ASCII are part of it
GOOD = "Basic " + base64.b64encode(SECRET.encode()).decode()
OPEN = {("GET", "/health"), ("GET", "/ready"), ("HEAD", "/health"), ("HEAD", "/ready")}
NOBODY = "0197a2b4-0000-7000-8000-000000000000"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OTHER_PATHS = ("/nowhere", "/health/", "/x-health", "/redoc", "//health")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(PREFECT_SERVER_API_AUTH_STRING=SECRET) as running:
        yield running


def ask(server: Server, method: str, path: str, *authorization: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest(method, path)
    for value in authorization:
        connection.putheader("Authorization", value)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    answer = connection.getresponse()
    try:
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def path_of(row: Operation[Any, Any] | Channel) -> str:
    return re.sub(r"\{\w+\}", NOBODY, row.path)


@pytest.mark.parametrize("path", sorted({path_of(row) for row in OPERATIONS} | set(OTHER_PATHS)))
def test_every_route_is_closed_without_credentials(server: Server, path: str) -> None:
    for method in METHODS:
        status, headers, content = ask(server, method, f"/api{path}")
        if (method, path) in OPEN:
            assert status == 200
        else:
            assert status == 401, f"{method} {path}"
            assert "www-authenticate" not in headers
            assert method == "HEAD" or json.loads(content) == {"exception_message": "Unauthorized"}


WRONG = {
    "no scheme": [base64.b64encode(SECRET.encode()).decode()],
    "another secret": ["Basic " + base64.b64encode(b"admin:wrong").decode()],
    "a bearer": ["Bearer " + SECRET.encode("ascii", "ignore").decode()],
    "in clear": ["Basic admin:pass"],
    "junk in the base64": ["Basic " + GOOD[6:10] + "*" + GOOD[10:]],
    "a cut secret": ["Basic " + base64.b64encode(SECRET.encode()[:-1]).decode()],
    "another encoding": ["Basic " + base64.b64encode(SECRET.encode("latin-1")).decode()],
    "nothing": ["Basic "],
    "nothing at all": [""],
    "two headers, one good": [GOOD, "Basic eDp5"],
    "two good headers": [GOOD, GOOD],
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_credentials_are_refused(server: Server, case: str) -> None:
    status, _, content = ask(server, "GET", "/api/hello", *WRONG[case])
    assert (status, json.loads(content)) == (401, {"exception_message": "Unauthorized"})


@pytest.mark.parametrize("header", [GOOD, GOOD.replace("Basic", "bASIC"), GOOD.replace(" ", "   ")])
def test_good_credentials_are_let_in(server: Server, header: str) -> None:
    assert ask(server, "GET", "/api/hello", header)[0] == 200
    assert ask(server, "GET", "/api/nowhere", header)[0] == 404


def open_socket(server: Server, path: str, *protocols: str) -> Any:
    names = [Subprotocol(name) for name in protocols] or None
    return connect(f"ws://127.0.0.1:{server.port}/api{path}", subprotocols=names, open_timeout=60, proxy=None)


def closed_with(server: Server, path: str, frame: str | bytes) -> tuple[int, str]:
    with open_socket(server, path, "prefect") as socket:
        socket.send(frame)
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=60)
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


REFUSED = {
    '{"type":"auth","token":null}': (1008, "Auth required but no token provided"),
    '{"type":"auth"}': (1008, "Auth required but no token provided"),
    '{"type":"auth","token":""}': (1008, "Auth required but no token provided"),
    '{"type":"auth","token":"admin:wrong"}': (1008, "Invalid token"),
    '{"type":"auth","token":"\\ud800"}': (1008, None),
    '{"type":"auth","token":7}': (1008, "Expected 'auth' message"),
    '{"type":"filter"}': (1008, "Expected 'auth' message"),
    "[]": (1008, "Expected 'auth' message"),
    "no json": (1008, "Expected 'auth' message"),
    "[" * 50_000: (1008, "Expected 'auth' message"),
}


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.path)
class TestSockets:
    @pytest.mark.parametrize("frame", REFUSED, ids=lambda frame: frame[:40])
    def test_a_socket_is_closed_without_credentials(self, server: Server, channel: Channel, frame: str) -> None:
        code, reason = REFUSED[frame]
        got = closed_with(server, path_of(channel), frame)
        assert got[0] == code
        assert reason is None or got[1] == ("authentication_failed" if channel.strict else reason)

    def test_a_binary_frame_is_refused(self, server: Server, channel: Channel) -> None:
        assert closed_with(server, path_of(channel), b'{"type":"auth","token":null}')[0] == 1003

    def test_a_socket_without_the_subprotocol_is_refused(self, server: Server, channel: Channel) -> None:
        for protocols in ((), ("other",)):
            with pytest.raises(InvalidStatus) as refused:
                open_socket(server, path_of(channel), *protocols)
            assert refused.value.response.status_code == 403

    def test_a_socket_opens_with_credentials(self, server: Server, channel: Channel) -> None:
        with open_socket(server, path_of(channel), "other", "prefect") as socket:
            assert socket.subprotocol == "prefect"
            socket.send(json.dumps({"type": "auth", "token": SECRET}))
            assert json.loads(socket.recv(timeout=60)) == {"type": "auth_success"}


def test_an_unknown_socket_is_refused(server: Server) -> None:
    for path in ("/nowhere", "/flows/", "/events/in/"):
        with pytest.raises(InvalidStatus) as refused:
            open_socket(server, path, "prefect")
        assert refused.value.response.status_code == 403


def test_no_secret_reaches_the_log(server: Server) -> None:
    assert SECRET not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
