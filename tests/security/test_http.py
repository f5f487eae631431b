"""Malformed, oversized and stalled HTTP, through raw sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.running import Server
from tests.security.asking import ask, raw


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    limits = {
        "PREFECT_SERVER_LIMITS_BODY_BYTES": "100000",
        "PREFECT_SERVER_LIMITS_HANDSHAKE_SECONDS": "1",
        "PREFECT_SERVER_LIMITS_STALLED_SECONDS": "1",
    }
    with Server(None, **limits) as running:
        yield running


GET = b"GET /api/hello HTTP/1.1\r\n"
POST = b"POST /api/flows/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
MALFORMED = {
    "no host": GET + b"\r\n",
    "two hosts": GET + b"Host: x\r\nHost: x\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a length that is none": POST + b"Content-Length: +2\r\n\r\n{}",
    "a negative length": POST + b"Content-Length: -2\r\n\r\n{}",
    "a length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a control character": GET + b"Host: x\r\nX-A: a\x01b\r\n\r\n",
    "a nul": GET + b"Host: x\r\nX-A: a\x00b\r\n\r\n",
    "a blank before the colon": GET + b"Host : x\r\n\r\n",
    "a folded header": GET + b"Host: x\r\nX-A: a\r\n b\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "another version": b"GET /api/hello HTTP/3.0\r\nHost: x\r\n\r\n",
    "letters beyond ASCII in the target": b"GET /api/\xe4 HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_one_400_and_the_end(server: Server, name: str) -> None:
    got = raw(server, MALFORMED[name] + GET + b"Host: x\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 400 "), got
    assert got.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in got.lower()


@pytest.mark.parametrize(
    "head",
    [
        GET + b"Host: x\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n",
        GET + b"Host: x\r\n" + b"X-Many: a\r\n" * 200 + b"\r\n",
        GET + b"Host: x\r\nX-Endless: " + b"a" * 400_000,
    ],
    ids=["long", "many", "endless"],
)
def test_a_head_that_is_too_large_is_refused(server: Server, head: bytes) -> None:
    assert raw(server, head).startswith(b"HTTP/1.1 431 ")


def test_an_absolute_target_lies_nowhere(server: Server) -> None:
    got = raw(server, b"GET http://x/api/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 404 ")


def test_a_body_that_is_too_large_is_refused(server: Server) -> None:
    told = ask(server, "POST", "/api/flows/", b'{"name":"' + b"a" * 100_000 + b'"}')
    assert told.status == 413
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    got = raw(server, POST + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 4)
    assert got.startswith(b"HTTP/1.1 413 ")
    assert ask(server, "POST", "/api/flows/", b'{"name":"' + b"a" * 4000 + b'"}').status == 201


def test_silence_and_stalled_uploads_end_and_disturb_nobody(server: Server) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(120)]
    for number, connection in enumerate(silent):
        connection.sendall([b"", b"GET /api/hel", POST + b'Content-Length: 10\r\n\r\n{"na'][number % 3])
    assert ask(server, "GET", "/api/health").status == 200
    assert ask(server, "POST", "/api/flows/filter", {}).status == 200
    for number, connection in enumerate(silent):
        answer = connection.recv(1000)
        assert answer == b"" if number % 3 < 2 else answer.startswith(b"HTTP/1.1 408 ")
        connection.close()


def test_answers_tell_browsers_to_be_careful(server: Server) -> None:
    for path in ("/api/hello", "/api/nowhere"):
        headers = ask(server, "GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    got = raw(server, GET + b"Host: x\r\n\r\n" + b"GET /api/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert got.count(b"HTTP/1.1 200 ") == 2
    assert got.index(b"\xf0\x9f\x91\x8b") < got.index(b'"0.8.4"')


def test_an_upload_that_waits_for_leave_gets_it(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 12\r\nConnection: close\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b'{"name":"g"}')
        assert connection.recv(10_000).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("begun", [b"GET /api/h", b"G", POST + b"X-A: "])
def test_a_further_request_that_stays_unfinished_is_ended_too(server: Server, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(GET + b"Host: x\r\n\r\n")
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200 ")
        connection.sendall(begun)
        assert connection.recv(10_000) == b""
