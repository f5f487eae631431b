"""What a handler answers, and the refusals that it raises."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

from lictor.kit.json import encode

if TYPE_CHECKING:
    from starlette.types import Scope, Send

JSON = (b"content-type", b"application/json")
CLOSE = (b"connection", b"close")
GZIP_FROM = 1024
BODILESS = (204, 304)


class Reply:
    """One HTTP answer: status, body, and headers beside the content type."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, content: bytes, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = (JSON,)) -> None:
        self.content, self.status, self.headers = content, status, headers


class Stream(Reply):
    """An answer that is sent as it is made, piece by piece."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: AsyncIterator[bytes], headers: tuple[tuple[bytes, bytes], ...]) -> None:
        super().__init__(b"", 200, headers)
        self.pieces = pieces


NOTHING = Reply(b"", 204, ())


def json(value: Any, status: int = 200) -> Reply:
    """Answer a value as JSON."""
    return Reply(encode(value), status)


def text(body: str, status: int = 200) -> Reply:
    """Answer JSON that is already text."""
    return Reply(body.encode(), status)


def texts(bodies: Iterable[str]) -> Reply:
    """Answer a list whose items are already JSON text."""
    return Reply(f"[{','.join(bodies)}]".encode())


def paged(bodies: Iterable[str], count: int, limit: int, page: int) -> Reply:
    """Answer a page of a list whose items are already JSON text; a page of no items has no number of pages."""
    pages = -(-count // limit) if limit else 0
    results = ",".join(bodies)
    return text(f'{{"results":[{results}],"count":{count},"limit":{limit},"pages":{pages},"page":{page}}}')


def detail(message: str, status: int, *headers: tuple[bytes, bytes]) -> Reply:
    """Answer a refusal as `{detail}`."""
    return Reply(encode({"detail": message}), status, (JSON, *headers))


def problem(message: str, status: int) -> Reply:
    """Answer a refusal as `{exception_message}`."""
    return Reply(encode({"exception_message": message}), status)


class Refusal(Exception):
    """A request is refused with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Disconnected(Exception):
    """The client went away before its request was whole, or before it was answered."""


async def deliver(reply: Reply, scope: Scope, send: Send) -> None:
    """Send an answer with the headers that its request asks for, compressed where that pays and the client takes it."""
    if isinstance(reply, Stream):
        await deliver_stream(reply, scope, send)
        return
    content, extra = reply.content, reply.headers
    if len(content) >= GZIP_FROM and JSON in extra and b"gzip" in scope["given"].get(b"accept-encoding", b""):
        content = gzip.compress(content, 1)
        extra = (*extra, (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding"))
    start = [*extra, *scope["answer_headers"]]
    if reply.status not in BODILESS:
        start.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": reply.status, "headers": start})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


async def deliver_stream(reply: Stream, scope: Scope, send: Send) -> None:
    """Send an answer as it is made; its length is not known before."""
    headers = [*reply.headers, *scope["answer_headers"]]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    async for piece in reply.pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
