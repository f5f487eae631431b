"""Asks a server over plain HTTP and raw sockets, where a client library would hide or mend what is sent."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from typing import Any, NamedTuple

from tests.running import Server

SECRET = "admin:pass"


def basic(text: str = SECRET) -> dict[str, str]:
    """Return the header that carries an auth string."""
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


class Answer(NamedTuple):
    """What came back; `headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)


def ask(server: Server, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """Ask for a path of the server; `Some_Header` is sent as `Some-Header`, a body as JSON unless it is bytes."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    if content is not None and not isinstance(body, bytes):
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, content, sent)
        got = connection.getresponse()
        return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
    finally:
        connection.close()


def raw(server: Server, *parts: bytes) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
        chunks = []
        try:
            while chunk := connection.recv(65536):
                chunks.append(chunk)
        except ConnectionResetError:
            pass
        return b"".join(chunks)
