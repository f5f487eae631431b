"""Decides what to send for a call and what to make of the answer; knows nothing of how requests travel.

`Exchanges.carry` is a generator: it yields a `Send` and is sent an `Answer`, or has a `ConnectionLost` thrown in; it
yields a `Pause` before it repeats a request, and a `Find` where the settings name no server: it is sent the server, or
has a `NoServer` thrown in. The clients drive it, one in the calling thread, one on the event loop.
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
from lictor.client.errors import ABSENT, KINDS, HTTPStatusError, NoServer, ServerUnreachable
from lictor.client.presence import Presence
from lictor.kit.backoff import delays
from lictor.kit.clock import now
from lictor.kit.server_file import Running
from lictor.settings import Settings, table
from lictor.wire.operation import Call
from lictor.wire.operations import csrf_token

R = TypeVar("R")

API_VERSION = "0.8.4"
USER_AGENT = f"lictor/{__version__} (API {API_VERSION})"
RETRIED = frozenset({408, 429, 502, 503})
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROTECTED = frozenset({"user-agent", "prefect-csrf-token", "prefect-csrf-client"})
WAITED = RETRIED | ABSENT
FEW_TRIES, MANY_TRIES = (1.0, 60.0), (0.25, 5.0)
"""The least and most seconds between two tries, where they are numbered, and where they go on for long."""

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


class Find(NamedTuple):
    """The server of the home folder is wanted; `gone` is the one that does not answer any more."""

    gone: Running | None


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class ConnectionLost(Exception):
    """A request found no server, or its answer did not arrive; `refused` says that nothing was sent."""

    def __init__(self, reason: object, refused: bool) -> None:
        super().__init__(str(reason))
        self.refused, self.address = refused, ""


Step = Send | Pause | Find
Steps = Generator[Step, Any, R]


class Exchanges:
    """The exchanges of one client with one API: its address, headers, CSRF token and patience.

    Without an address they go to the server of the home folder, whichever that is by then.
    """

    def __init__(self, settings: Settings, address: str | None = None, presence: Presence | None = None) -> None:
        self.presence = presence
        given = address or settings[table.API_URL]
        self.server = Running(url=given.rstrip("/")) if given else None
        self.named = self.server is not None
        self.headers = own_headers(settings)
        self.most_retries = settings[table.CLIENT_MAX_RETRIES]
        self.jitter = settings[table.CLIENT_RETRY_JITTER_FACTOR]
        self.retried: Set[int] = {*RETRIED, *settings[table.CLIENT_RETRY_EXTRA_CODES]}
        self.reached = False
        self.csrf_client = str(uuid4())
        self.csrf_wanted = settings[table.CLIENT_CSRF_SUPPORT_ENABLED]
        self.csrf: tuple[str, datetime] | None = None

    @property
    def address(self) -> str | None:
        """The API's address, None where the home folder's server was not looked for yet."""
        return self.server.url if self.server is not None else None

    def carry(self, call: Call[R], retries: int | None = None, patience: float | None = None) -> Steps[R]:
        """Send a call until it is answered for good, and return its result.

        With `patience` a server that is away is tried again for so many seconds, in place of a number of times.
        """
        tries = self.most_retries if retries is None else retries
        until = None if patience is None else time.monotonic() + patience
        hopes = self.hopes
        bounds = FEW_TRIES if until is None else MANY_TRIES
        pauses = delays(*bounds, self.jitter, random.random)
        attempt = 0
        while True:
            usual = bounded(next(pauses), until)
            enough = attempt >= tries if until is None else time.monotonic() >= until or self.hopes != hopes
            attempt += 1
            try:
                server, answer = yield from self.exchange(call)
            except (ConnectionLost, NoServer) as lost:
                self.note(lost)
                if enough or not self.reached:
                    raise (lost if isinstance(lost, NoServer) else ServerUnreachable(lost.address, lost)) from None
                yield Pause(usual)
                continue
            self.reached = True
            self.note(answer)
            waits = until is not None and answer.status in WAITED
            if not (waits or self.again(answer)) or (enough if waits else attempt > tries):
                return self.result(call, server.url + call.url, answer)
            told = seconds_of(answer.headers.get("retry-after"))
            yield Pause(usual if told is None else told)

    def exchange(self, call: Call[R]) -> Steps[tuple[Running, Answer]]:
        """Send a call once; return the server that it went to, and the answer.

        A server of the home folder that takes no connection any more is replaced by the one that took its place.
        """
        gone: Running | None = None
        while True:
            server: Running = self.server or (yield Find(gone))
            self.server = server
            try:
                answer = yield from self.renew_token(server, call.operation.method)
                if answer is None:
                    answer = yield self.request(server, call)
                return server, answer
            except ConnectionLost as lost:
                lost.address = server.url
                if self.named or not lost.refused or server == gone:
                    raise
                gone = server
                if self.server == gone:  # else another thread has found the next one
                    self.server = None

    @property
    def hopes(self) -> int:
        """How often the process gave up waiting for the server."""
        return 0 if self.presence is None else self.presence.given_up

    def note(self, found: Answer | ConnectionLost | NoServer) -> None:
        """Tell the rest of the process whether the server is there."""
        if self.presence is None:
            return
        if not isinstance(found, Answer):
            self.presence.lost(found)
        elif found.status in ABSENT:
            self.presence.lost(f"status {found.status}")
        else:
            self.presence.found()

    def request(self, server: Running, call: Call[Any]) -> Send:
        """Return a request with its headers."""
        headers = self.headers
        if server.auth:
            headers = headers | credentials(server.auth, None)
        if self.csrf is not None and call.operation.method in CHANGING:
            headers = headers | {"Prefect-Csrf-Token": self.csrf[0], "Prefect-Csrf-Client": self.csrf_client}
        if call.content is not None:
            headers = headers | {"Content-Type": "application/json"}
        if call.headers is not None:
            headers = headers | call.headers
        return Send(call.operation.method, server.url + call.url, call.content, headers)

    def again(self, answer: Answer) -> bool:
        """Whether a request may succeed when it is repeated."""
        if answer.status == 403 and b"Invalid CSRF token" in answer.content:
            self.csrf = None
            return True
        return answer.status in self.retried

    def renew_token(self, server: Running, method: str) -> Steps[Answer | None]:
        """Get a CSRF token before a change, if the server has such tokens and ours is missing or too old.

        An answer that is neither a token nor says that there are none is returned.
        """
        if not self.csrf_wanted or method not in CHANGING or (self.csrf is not None and now() < self.csrf[1]):
            return None
        call = csrf_token.READ(query=csrf_token.TokenFor(client=self.csrf_client))
        answer: Answer = yield self.request(server, call)
        self.reached = True
        if answer.status == 404 or (answer.status == 422 and b"CSRF protection is disabled." in answer.content):
            self.csrf_wanted = False
        elif answer.status == 200:
            token = call.read(answer.content)
            self.csrf = (token.token, token.expiration)
        else:
            return answer
        return None

    def result(self, call: Call[R], url: str, answer: Answer) -> R:
        """Return an answer's result, or raise what it says."""
        if 200 <= answer.status < 300:
            try:
                return call.read(answer.content)
            except msgspec.MsgspecError as wrong:
                raise HTTPStatusError(call.operation.method, url, answer.status, f"not as expected: {wrong}") from None
        kind = KINDS.get(answer.status, HTTPStatusError)
        body = answer.content.decode("utf-8", "replace")
        after = seconds_of(answer.headers.get("retry-after"))
        raise kind(call.operation.method, url, answer.status, body, after)


def bounded(seconds: float, until: float | None) -> float:
    """Return a pause that does not go beyond a moment."""
    return seconds if until is None else max(0.0, min(seconds, until - time.monotonic()))


def own_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every request."""
    headers = {"User-Agent": USER_AGENT, "X-PREFECT-API-VERSION": API_VERSION}
    auth, key = settings[table.API_AUTH_STRING], settings[table.API_KEY]
    headers |= credentials(auth.reveal() if auth else None, key.reveal() if key else None)
    for name, value in settings[table.CLIENT_CUSTOM_HEADERS].items():
        if name.lower() in PROTECTED:
            logger.warning("The custom header '%s' is left out: this header is Lictor's own.", name)
        else:
            headers[name] = value
    return headers


def credentials(auth_string: str | None, api_key: str | None) -> dict[str, str]:
    """Return the header that shows a client's credentials, if it has any."""
    if auth_string:
        return {"Authorization": "Basic " + base64.b64encode(auth_string.encode()).decode()}
    return {"Authorization": "Bearer " + api_key} if api_key else {}


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
