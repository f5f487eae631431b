"""What can go wrong between a client and its server."""

from __future__ import annotations

from typing import Any

from lictor.kit.errors import LictorException
from lictor.kit.json import decode_any

EXCERPT = 500
ABSENT = frozenset({502, 503, 504})
"""Statuses that say that there is no server behind what answers, or that it takes nothing now."""


class ClientError(LictorException):
    """A request to the server did not succeed."""


class ServerUnreachable(ClientError):
    """No server answers at the API's address."""

    def __init__(self, address: str, reason: object = "") -> None:
        self.address, self.reason = address, reason
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"no server answers at {address}{because}; start one with `lictor server start` or set PREFECT_API_URL"
        )


class NoServer(ServerUnreachable):
    """There is no API's address, no server of this home folder, and none could be started."""

    def __init__(self, message: str) -> None:
        ClientError.__init__(self, message)
        self.address, self.reason = "", message


class Response:
    """What was answered, for those who look at an answer itself."""

    def __init__(self, status_code: int, text: str) -> None:
        self.status_code, self.text = status_code, text

    def json(self) -> Any:
        """Return the body, read as JSON."""
        return decode_any(self.text)

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"


class HTTPStatusError(ClientError):
    """The server answered that it does not take the request."""

    def __init__(self, method: str, url: str, status: int, body: str, retry_after: float | None = None) -> None:
        self.method, self.url, self.status, self.body, self.retry_after = method, url, status, body, retry_after
        excerpt = body if len(body) <= EXCERPT else body[:EXCERPT] + "…"
        hint = "; set PREFECT_API_AUTH_STRING or PREFECT_API_KEY to what the server asks for" if status == 401 else ""
        super().__init__(f"{method} {url} was answered with {status}: {excerpt}{hint}")

    @property
    def response(self) -> Response:
        """The answer: its `status_code`, `text` and `json()`."""
        return Response(self.status, self.body)


class ObjectNotFound(HTTPStatusError):
    """What the request names does not exist."""


class ObjectAlreadyExists(HTTPStatusError):
    """There is already what the request was to make."""


KINDS = {404: ObjectNotFound, 409: ObjectAlreadyExists}
"""The errors of statuses that have their own."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the server is away, and nothing of what it was asked."""
    return isinstance(error, ServerUnreachable) or (isinstance(error, HTTPStatusError) and error.status in ABSENT)
