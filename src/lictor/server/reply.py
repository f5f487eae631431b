"""What a handler answers, and the refusals that it raises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lictor.kit.json import encode

if TYPE_CHECKING:
    from starlette.types import Send

JSON = (b"content-type", b"application/json")


class Reply:
    """One HTTP answer: status, body, and headers beside the content type."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, content: bytes, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = (JSON,)) -> None:
        self.content, self.status, self.headers = content, status, headers


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


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer that a guard gives, as it is."""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.content))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.content})
