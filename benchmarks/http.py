"""The lightest HTTP client there is: one socket, requests as bytes."""

from __future__ import annotations

import json
import socket
from typing import Any

HEADERS = (
    "Host: 127.0.0.1\r\nAccept: */*\r\nContent-Type: application/json\r\n"
    "X-PREFECT-API-VERSION: 0.8.4\r\nUser-Agent: benchmark\r\n"
)


class Connection:
    """One keep-alive connection to an API at `/api`; connects again when the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self.socket = self.connect()

    def connect(self) -> socket.socket:
        """Return a new socket."""
        opened = socket.create_connection(self.address)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request and return status and JSON of its answer."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /api{path} HTTP/1.1\r\n{HEADERS}Content-Length: {len(content)}\r\n\r\n"
        status, answer = self.exchange(head.encode() + content)
        return status, json.loads(answer) if answer else None

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send a request's bytes and return status and content of its answer."""
        try:
            self.socket.sendall(request)
            return self.answer()
        except (ConnectionError, EOFError):
            self.socket = self.connect()
            self.socket.sendall(request)
            return self.answer()

    def answer(self) -> tuple[int, bytes]:
        """Read an answer."""
        read = b""
        while b"\r\n\r\n" not in read:
            read += self.receive()
        head, _, content = read.partition(b"\r\n\r\n")
        lower = head.lower()
        status = int(lower[9:12])
        if status == 204:
            return status, b""
        if b"transfer-encoding: chunked" in lower:
            return status, self.chunks(content)
        length = int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(content) < length:
            content += self.receive()
        return status, content

    def chunks(self, read: bytes) -> bytes:
        """Read an answer that comes in chunks."""
        content = b""
        while True:
            while b"\r\n" not in read:
                read += self.receive()
            size, _, read = read.partition(b"\r\n")
            length = int(size, 16)
            while len(read) < length + 2:
                read += self.receive()
            content, read = content + read[:length], read[length + 2 :]
            if length == 0:
                return content

    def receive(self) -> bytes:
        """Return what has come."""
        part = self.socket.recv(1 << 20)
        if not part:
            raise EOFError
        return part
