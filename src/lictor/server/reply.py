"""What a handler answers, and the refusals that it raises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lictor.kit.json import encode

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
