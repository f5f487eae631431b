"""Sockets whose callers say nothing, or too much, or are too many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.running import Server
from tests.security.asking import SECRET, ask


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    settings = {
        "PREFECT_SERVER_API_AUTH_STRING": SECRET,
        "PREFECT_SERVER_LIMITS_HANDSHAKE_SECONDS": "2",
        "PREFECT_SERVER_LIMITS_SOCKETS": "120",
    }
    with Server(None, **settings) as running:
        yield running


def opened(server: Server) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{server.port}/api/logs/out", subprotocols=[Subprotocol("prefect")], proxy=None, open_timeout=60
    )


def closed(socket: ClientConnection) -> Any:
    with pytest.raises(ConnectionClosed) as ended:
        socket.recv(timeout=60)
    return ended.value.rcvd


def test_a_hundred_silent_sockets_disturb_nobody_and_are_closed(server: Server) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(opened(server)) for _ in range(110)]
        assert ask(server, "GET", "/api/health").status == 200
        with opened(server) as talking:
            talking.send('{"type":"auth","token":"' + SECRET + '"}')
            assert talking.recv(timeout=60) == '{"type":"auth_success"}'
        assert {closed(socket).code for socket in silent} == {1008}


def test_a_first_frame_has_its_limit(server: Server) -> None:
    with opened(server) as socket:
        socket.send('{"type":"auth","token":"' + "x" * 70_000 + '"}')
        got = closed(socket)
    assert got.code == 1009
    assert len(got.reason.encode()) <= 123


def test_more_sockets_than_allowed_are_told_to_try_again(server: Server) -> None:
    with ExitStack() as stack:
        for number in range(121):
            socket = stack.enter_context(opened(server))
            socket.send('{"type":"auth","token":"' + SECRET + '"}')
            if number < 120:
                assert socket.recv(timeout=60) == '{"type":"auth_success"}'
        assert closed(socket).code == 1013
