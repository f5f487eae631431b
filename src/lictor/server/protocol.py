"""HTTP/1.1 as this server speaks it: uvicorn's, with limits on what a client may send before it is known.

A request that is malformed, or that two readers could understand differently, is answered 400 and its connection
closed; a head that is too large is answered 431, one that does not come in time is closed.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from lictor.kit.json import encode
from lictor.server.reply import CLOSE

CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
DIGITS = re.compile(rb"[0-9]{1,18}")
REASONS = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class Cycle(RequestResponseCycle):
    """One request and its answer; an answer that is whole is sent as one piece, for two small packets cost twice."""

    held: Any
    streaming: bool

    async def send(self, message: Any) -> None:
        """Keep the head until the body is there; what comes in parts goes uvicorn's way."""
        if self.streaming or self.disconnected:
            await super().send(message)
        elif self.held is None:
            self.held = message
        elif message.get("more_body"):
            self.streaming = True
            await super().send(self.held)
            await super().send(message)
        else:
            if self.flow.write_paused:
                await self.flow.drain()
            self.send_whole(self.held, message["body"])

    def send_whole(self, start: Any, body: bytes) -> None:
        """Send an answer, and be done with the request."""
        lines = [*self.default_headers, *start["headers"]]
        if not self.keep_alive:
            lines.append(CLOSE)
        elif CLOSE in lines:
            self.keep_alive = False
        if CONTROL.search(b"".join([value for _, value in lines])):
            raise RuntimeError("A header of an answer has control characters.")
        head = b"".join([b"%b: %b\r\n" % line for line in lines])
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[start["status"]], head, body))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class Malformed(Exception):
    """A request cannot be taken; its connection ends with this status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def problem_of_length(lines: list[tuple[bytes, bytes]]) -> Malformed | None:
    """Return what is wrong with the headers that say how long a body is."""
    if len(lines) > 1:
        return Malformed("A request has one Content-Length or one Transfer-Encoding.")
    for name, value in lines:
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
    stalled_seconds: ClassVar[float] = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self.wrong: Malformed | None = None
        self.head_size, self.in_head = 0, True
        self.body_timer: asyncio.TimerHandle | None = None
        self.head_timer: asyncio.TimerHandle | None = self.loop.call_later(self.head_seconds, self.too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.end_head_timer()
        if self.body_timer is not None:
            self.body_timer.cancel()
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
        if self.body_timer is not None:
            self.body_timer.cancel()
            self.body_timer = None
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self.in_head:
            self.expect_body()
        elif self.head_size > self.header_bytes:
            self.refuse(Malformed("The request's head is too large.", 431))
        elif self.head_timer is None:  # a further request on this connection has begun
            self.head_timer = self.loop.call_later(self.head_seconds, self.too_slow)

    def expect_body(self) -> None:
        """Give an upload a time within which its next part must come."""
        cycle = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_complete:
            self.body_timer = self.loop.call_later(self.stalled_seconds, self.stalled)

    def stalled(self) -> None:
        """End an upload that has stalled, unless it waits for its turn here."""
        cycle, self.body_timer = self.cycle, None
        if self.transport.is_closing() or cycle.response_started or not cycle.more_body:
            return
        if self.flow.read_paused:
            self.expect_body()
            return
        cycle.disconnected = True
        cycle.message_event.set()
        self.refuse(Malformed(f"The body did not come within {self.stalled_seconds:g} seconds.", 408))

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
        names, values = [name for name, _ in self.headers], [value for _, value in self.headers]
        joined = b"".join(values)
        size = len(self.url) + len(joined) + sum(map(len, names)) + 4 * len(names)
        if size > self.header_bytes or len(names) > self.header_lines:
            return Malformed("The request's head is too large.", 431)
        if CONTROL.search(joined):
            return Malformed("A header has control characters.")
        hosts = names.count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            return Malformed("A request needs one Host header.")
        if not self.url.startswith(b"/") and self.url != b"*":
            self.url = b"/..absolute"  # a proxy's request: nothing lies there
        return problem_of_length([line for line in self.headers if line[0] in LENGTHS])

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
        cycle.__class__ = Cycle  # uvicorn makes its own kind by name
        cast("Cycle", cycle).held, cast("Cycle", cycle).streaming = None, False
        super()._start_asgi_task(cycle, app)
