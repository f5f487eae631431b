"""Decides what to send for a call and what to make of the answer; knows nothing of how requests travel.

`Exchanges.carry` is a generator: it yields a `Send` and is sent an `Answer`, or has a `ConnectionLost` thrown in; it
yields a `Pause` before it repeats a request. The clients drive it, one in the calling thread, one on the event loop.
"""

from __future__ import annotations

import base64
import logging
import random
import time
from collections.abc import Generator, Mapping, Set
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

import msgspec

from lictor import __version__
from lictor.client.errors import HTTPStatusError, NotFound, ServerUnreachable
from lictor.kit.backoff import delays
from lictor.kit.clock import now
from lictor.settings import Settings, table
from lictor.wire.operation import Call
from lictor.wire.operations import csrf_token

R = TypeVar("R")

API_VERSION = "0.8.4"
USER_AGENT = f"lictor/{__version__} (API {API_VERSION})"
DEFAULT_URL = "http://127.0.0.1:4200/api"
RETRIED = frozenset({408, 429, 502, 503})
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROTECTED = frozenset({"user-agent", "prefect-csrf-token", "prefect-csrf-client"})
LONGEST_PAUSE = 60.0

logger = logging.getLogger("lictor.client")


class Send(NamedTuple):
    """A request to send."""

    method: str
    url: str
    content: bytes | None
    headers: dict[str, str]


class Pause(NamedTuple):
    """Seconds to let pass."""

    seconds: float


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class ConnectionLost(Exception):
    """A request found no server, or its answer did not arrive; `refused` says that nothing was sent."""

    def __init__(self, reason: object, refused: bool) -> None:
        super().__init__(str(reason))
        self.refused = refused


Steps = Generator[Send | Pause, Any, R]


class Exchanges:
    """The exchanges of one client with one API: its address, headers, CSRF token and patience."""

    def __init__(self, settings: Settings, address: str | None = None) -> None:
        self.address = (address or settings[table.API_URL] or DEFAULT_URL).rstrip("/")
        self.headers = own_headers(settings)
        self.most_retries = settings[table.CLIENT_MAX_RETRIES]
        self.jitter = settings[table.CLIENT_RETRY_JITTER_FACTOR]
        self.retried: Set[int] = {*RETRIED, *settings[table.CLIENT_RETRY_EXTRA_CODES]}
        self.reached = False
        self.csrf_client = str(uuid4())
        self.csrf_wanted = settings[table.CLIENT_CSRF_SUPPORT_ENABLED]
        self.csrf: tuple[str, datetime] | None = None

    def carry(self, call: Call[R], retries: int | None = None) -> Steps[R]:
        """Send a call until it is answered for good, and return its result."""
        patience = self.most_retries if retries is None else retries
        pauses = delays(1.0, LONGEST_PAUSE, self.jitter, random.random)
        method = call.operation.method
        answer = None
        for attempt in range(patience + 1):
            try:
                answer = yield from self.renew_token(method)
                if answer is None:
                    answer = yield self.request(method, call.url, call.content)
            except ConnectionLost as lost:
                if attempt == patience or not self.reached:
                    raise ServerUnreachable(self.address, lost) from None
                yield Pause(next(pauses))
                continue
            self.reached = True
            if not self.again(answer) or attempt == patience:
                break
            told, usual = seconds_of(answer.headers.get("retry-after")), next(pauses)
            yield Pause(usual if told is None else told)
        assert answer is not None
        return self.result(call, answer)

    def request(self, method: str, url: str, content: bytes | None) -> Send:
        """Return a request with its headers."""
        headers = self.headers
        if self.csrf is not None and method in CHANGING:
            headers = headers | {"Prefect-Csrf-Token": self.csrf[0], "Prefect-Csrf-Client": self.csrf_client}
        if content is not None:
            headers = headers | {"Content-Type": "application/json"}
        return Send(method, self.address + url, content, headers)

    def again(self, answer: Answer) -> bool:
        """Whether a request may succeed when it is repeated."""
        if answer.status == 403 and b"Invalid CSRF token" in answer.content:
            self.csrf = None
            return True
        return answer.status in self.retried

    def renew_token(self, method: str) -> Steps[Answer | None]:
        """Get a CSRF token before a change, if the server has such tokens and ours is missing or too old.

        An answer that is neither a token nor says that there are none is returned.
        """
        if not self.csrf_wanted or method not in CHANGING or (self.csrf is not None and now() < self.csrf[1]):
            return None
        call = csrf_token.READ(query=csrf_token.TokenFor(client=self.csrf_client))
        answer: Answer = yield self.request("GET", call.url, None)
        self.reached = True
        if answer.status == 404 or (answer.status == 422 and b"CSRF protection is disabled." in answer.content):
            self.csrf_wanted = False
        elif answer.status == 200:
            token = call.read(answer.content)
            self.csrf = (token.token, token.expiration)
        else:
            return answer
        return None

    def result(self, call: Call[R], answer: Answer) -> R:
        """Return an answer's result, or raise what it says."""
        if 200 <= answer.status < 300:
            try:
                return call.read(answer.content)
            except msgspec.MsgspecError as wrong:
                raise HTTPStatusError(
                    call.operation.method, self.address + call.url, answer.status, f"not as expected: {wrong}"
                ) from None
        kind = NotFound if answer.status == 404 else HTTPStatusError
        body = answer.content.decode("utf-8", "replace")
        after = seconds_of(answer.headers.get("retry-after"))
        raise kind(call.operation.method, self.address + call.url, answer.status, body, after)


def own_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every request."""
    headers = {"User-Agent": USER_AGENT, "X-PREFECT-API-VERSION": API_VERSION}
    auth, key = settings[table.API_AUTH_STRING], settings[table.API_KEY]
    if auth:
        headers["Authorization"] = "Basic " + base64.b64encode(auth.reveal().encode()).decode()
    elif key:
        headers["Authorization"] = "Bearer " + key.reveal()
    for name, value in settings[table.CLIENT_CUSTOM_HEADERS].items():
        if name.lower() in PROTECTED:
            logger.warning("The custom header '%s' is left out: this header is Lictor's own.", name)
        else:
            headers[name] = value
    return headers


def seconds_of(retry_after: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # servers send seconds

    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time())
