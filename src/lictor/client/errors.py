"""What can go wrong between a client and its server."""

from __future__ import annotations

EXCERPT = 500
ABSENT = frozenset({502, 503, 504})
"""Statuses that say that there is no server behind what answers, or that it takes nothing now."""


class ClientError(Exception):
    """A request to the server did not succeed."""


class ServerUnreachable(ClientError):
    """No server answers at the API's address."""

    def __init__(self, address: str, reason: object = "") -> None:
        self.address, self.reason = address, reason
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"no server answers at {address}{because}; start one with `lictor server start` or set PREFECT_API_URL"
        )


class HTTPStatusError(ClientError):
    """The server answered that it does not take the request."""

    def __init__(self, method: str, url: str, status: int, body: str, retry_after: float | None = None) -> None:
        self.method, self.url, self.status, self.body, self.retry_after = method, url, status, body, retry_after
        excerpt = body if len(body) <= EXCERPT else body[:EXCERPT] + "…"
        hint = "; set PREFECT_API_AUTH_STRING or PREFECT_API_KEY to what the server asks for" if status == 401 else ""
        super().__init__(f"{method} {url} was answered with {status}: {excerpt}{hint}")


class NotFound(HTTPStatusError):
    """What the request names does not exist."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the server is away, and nothing of what it was asked."""
    return isinstance(error, ServerUnreachable) or (isinstance(error, HTTPStatusError) and error.status in ABSENT)
