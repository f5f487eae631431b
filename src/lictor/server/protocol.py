"""HTTP/1.1 as this server speaks it: uvicorn's, with limits on what a client may send before it is known.

A request that is malformed, or that two readers could understand differently, is answered 400 and its connection
closed; a head that is too large is answered 431, one that does not come in time is closed.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from lictor.kit.json import encode

CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
DIGITS = re.compile(rb"[0-9]{1,18}")
CONTINUE = b"HTTP/1.1 100"
REASONS = {400: b"Bad Request", 431: b"Request Header Fields Too Large"}


class Corked:
    """A transport that sends an answer's head and body as one: two small packets cost twice."""

    __slots__ = ("held", "transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.held: bytes | None = None

    def write(self, data: bytes) -> None:
        """Keep the head until something follows."""
        if self.held is not None:
            self.transport.write(self.held + data)
            self.held = None
        elif data.startswith(b"HTTP/1.1 ") and not data.startswith(CONTINUE):
            self.held = data
        else:
            self.transport.write(data)

    def flush(self) -> None:
        """Send what is kept."""
        if self.held is not None:
            self.transport.write(self.held)
            self.held = None

    def close(self) -> None:
        """Send what is kept, and close."""
        self.flush()
        self.transport.close()

    def is_closing(self) -> bool:
        """Tell whether the connection is ending."""
        return self.transport.is_closing()


class Malformed(Exception):
    """A request cannot be taken; its connection ends with this status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def problem_of(name: bytes, value: bytes) -> Malformed | None:
    """Return what is wrong with one header."""
    if CONTROL.search(value):
        return Malformed("A header has control characters.")
    if name == b"content-length" and DIGITS.fullmatch(value) is None:
        return Malformed("Content-Length must be a number.")
    if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
        return Malformed("Transfer-Encoding can only be chunked.")
    return None


class Protocol(HttpToolsProtocol):
    """One connection. The limits are the server's settings, set once before it listens."""

    header_bytes: ClassVar[int] = 65536
    header_lines: ClassVar[int] = 200
    head_seconds: ClassVar[float] = 10.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self.cork: Corked | None = None
        self.wrong: Malformed | None = None
        self.head_size, self.in_head = 0, True
        self.head_timer: asyncio.TimerHandle | None = self.loop.call_later(self.head_seconds, self.too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.end_head_timer()
        super().connection_lost(exc)

    def too_slow(self) -> None:
        """End a connection whose request's head does not come."""
        self.head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def end_head_timer(self) -> None:
        """Wait for no head any more."""
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def data_received(self, data: bytes) -> None:
        """Read what came, within the limits."""
        if self.in_head:
            self.head_size += len(data)
        super().data_received(data)
        if self.transport.is_closing() or not self.in_head:
            return
        if self.head_size > self.header_bytes:
            self.refuse(Malformed("The request's head is too large.", 431))
        elif self.head_size and self.head_timer is None:
            self.head_timer = self.loop.call_later(self.head_seconds, self.too_slow)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.in_head = True

    def on_headers_complete(self) -> None:
        """Check the head before anything is made of it."""
        self.in_head, self.head_size = False, 0
        self.end_head_timer()
        wrong = self.problem()
        if wrong is not None:
            self.wrong = wrong
            raise wrong
        super().on_headers_complete()

    def problem(self) -> Malformed | None:
        """Return what is wrong with a head, None if it will do."""
        size = len(self.url) + sum([len(name) + len(value) + 4 for name, value in self.headers])
        if size > self.header_bytes or len(self.headers) > self.header_lines:
            return Malformed("The request's head is too large.", 431)
        names = [name for name, _ in self.headers]
        hosts, lengths, codings = (names.count(name) for name in (b"host", b"content-length", b"transfer-encoding"))
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            return Malformed("A request needs one Host header.")
        if lengths > 1 or codings > 1 or (lengths and codings):
            return Malformed("A request has one Content-Length or one Transfer-Encoding.")
        if not self.url.startswith(b"/") and self.url != b"*":
            self.url = b"/..absolute"  # a proxy's request: nothing lies there
        return next((wrong for name, value in self.headers if (wrong := problem_of(name, value))), None)

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be parsed."""
        self.refuse(self.wrong or Malformed("The request is not HTTP/1.1."))

    def refuse(self, wrong: Malformed) -> None:
        """Answer a malformed request and close the connection."""
        self.end_head_timer()
        content = encode({"detail": wrong.message})
        head = (
            b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\n"
            b"cache-control: no-store\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head % (wrong.status, REASONS[wrong.status], len(content)) + content)
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.cork = Corked(self.transport)
        cycle.transport = cast("asyncio.Transport", self.cork)
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Send the rest, and be ready for the next request."""
        if self.cork is not None:
            self.cork.flush()
        super().on_response_complete()
