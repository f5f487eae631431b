"""Turns an HTTP request into a call of its operation's handler, and whatever happens there into an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from lictor.orchestration.hub import Hub
from lictor.orchestration.refusal import Absent, Conflict, Reserved, Unacceptable, Unfit
from lictor.orchestration.terms import terms_of
from lictor.server.guards.credentials import Credentials
from lictor.server.guards.csrf import Csrf
from lictor.server.principal import Principal
from lictor.server.reply import CLOSE, Disconnected, Refusal, Reply, deliver, detail, json, problem
from lictor.server.routes import AnyOperation, Routes
from lictor.server.sessions import Sessions
from lictor.server.waiting_line import WaitingLine
from lictor.settings import Settings, table
from lictor.store.keyring import KeyProblem, Keyring
from lictor.store.transaction import (
    Closed,
    DiskFull,
    LostRace,
    NotFound,
    Overloaded,
    Store,
    TooLong,
    Unavailable,
    Uncertain,
)
from lictor.store.where import Unbuilt
from lictor.wire.operation import Need, Operation
from lictor.wire.problem import InvalidRequest, Limits, read_body, read_query

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

logger = logging.getLogger("lictor.server")

B = TypeVar("B")
Handler = Callable[["Request", Any], Awaitable[Reply]]

NEWEST_CONTRACT = (3, 9, 1)
RESOURCES = {
    "flows": "Flow",
    "flow_runs": "Flow run",
    "task_runs": "Task run",
    "flow_run_states": "Flow run state",
    "task_run_states": "Task run state",
    "concurrency_limits": "Concurrency limit",
    "v2": "Concurrency Limit",
    "work_queues": "Work queue",
    "deployments": "Deployment",
    "variables": "Variable",
    "artifacts": "Artifact",
    "saved_searches": "Saved search",
    "block_types": "Block type",
    "block_schemas": "Block schema",
    "block_documents": "Block document",
}
SOON = (b"retry-after", b"1")
STATUSES: tuple[tuple[Any, ...], ...] = (
    (Absent, 404),
    (Conflict, 409),
    (Reserved, 403),
    (Unacceptable, 400),
    (Unfit, 422),
    (KeyProblem, 500),
    (Unbuilt, 422),
    (TooLong, 422),
    (Overloaded, 503, SOON),
    (Closed, 503, SOON),
    (LostRace, 503, SOON),
)
"""What an exception of the house answers: its status and headers; the first that fits counts."""
CANNOT_WRITE = "The database cannot be written now, and nothing was changed; the server's log says why."
PERHAPS_WRITTEN = "The connection to the database was lost while the change was made: it may have been made, or not."
BROWSER = frozenset({b"origin", b"sec-fetch-site", b"sec-fetch-mode"})
UNSUPPORTED_MEDIA = "The body must be JSON: send it with Content-Type: application/json."


class Server:
    """What every handler and socket may use."""

    def __init__(
        self, settings: Settings, store: Store, credentials: Credentials, *, public_url: str, base: str
    ) -> None:
        self.settings, self.store, self.credentials = settings, store, credentials
        self.hub = Hub(store.announce)
        store.listen(self.hub.wake)
        self.public_url, self.base, self.terms = public_url, base, terms_of(settings)
        self.keyring = Keyring(settings)
        self.line = WaitingLine(store, self.hub, settings[table.SERVER_LIMITS_REQUESTS] // 2)
        self.csrf, self.sessions = Csrf(settings, store), Sessions(settings, store, base)

    async def close(self) -> None:
        """Store what was accepted, then close the store."""
        await self.line.close()
        await self.store.close()


class Request:
    """One request as a handler sees it."""

    __slots__ = ("headers", "parameters", "principal", "query", "receive", "scope", "server")

    def __init__(
        self, server: Server, scope: Scope, receive: Receive, parameters: dict[str, Any], headers: dict[bytes, bytes]
    ) -> None:
        self.server, self.scope, self.receive = server, scope, receive
        self.parameters, self.headers = parameters, headers
        self.principal: Principal = scope["principal"]
        self.query: Any = None

    @property
    def store(self) -> Store:
        """The store."""
        return self.server.store

    @property
    def agent(self) -> str:
        """What the client calls itself."""
        return self.headers.get(b"user-agent", b"").decode("latin-1")

    def must(self, need: Need) -> None:
        """Refuse the request of a caller that lacks a permission."""
        if need not in self.principal.permissions:
            raise Refusal(detail(f"You need the permission '{need}' for this.", 403))

    async def left(self) -> None:
        """Return when the client has gone away; its request must have been read to the end."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def by(self) -> str:
        """The name that writes record."""
        return self.principal.name


HANDLERS: dict[AnyOperation, Handler] = {}


def answers(
    operation: Operation[B, Any],
) -> Callable[[Callable[[Request, B], Awaitable[Reply]]], Callable[[Request, B], Awaitable[Reply]]]:
    """Make a function the handler of an operation."""

    def register(handler: Callable[[Request, B], Awaitable[Reply]]) -> Callable[[Request, B], Awaitable[Reply]]:
        HANDLERS[operation] = handler
        return handler

    return register


class Dispatch:
    """The ASGI application behind the guards, for HTTP. Paths are relative to the mount."""

    def __init__(self, server: Server, operations: Iterable[AnyOperation]) -> None:
        self.server, self.routes = server, Routes(operations)
        settings = server.settings
        self.limits = Limits(settings[table.SERVER_LIMITS_JSON_DEPTH], settings[table.SERVER_LIMITS_NAME_LENGTH])
        self.echo_bytes = settings[table.SERVER_LIMITS_ECHO_BYTES]
        self.most_bytes = settings[table.SERVER_LIMITS_BODY_BYTES]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            reply = await self.answer(scope, receive, scope["given"])
        except Disconnected:
            return
        except Exception as error:
            reply = refuse(error, scope, self.echo_bytes)
        await deliver(reply, scope, send)

    async def answer(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Reply:
        """Find the operation, read what was sent, call the handler."""
        path, method = scope["mounted_path"], scope["method"]
        found = self.routes.find(path)
        if found is None:
            return self.nowhere(path, scope)
        methods, parameters = found
        operation = methods.get(method)
        if operation is None and method == "HEAD" and path in ("/health", "/ready"):
            operation = methods["GET"]
        if operation is None:
            return detail("Method Not Allowed", 405, (b"allow", ", ".join(sorted(methods)).encode()))
        request = Request(self.server, scope, receive, parameters, headers)
        request.must(operation.need)
        request.query = read_query(operation, scope["query_string"])
        body = None
        if operation.takes_body:
            check_media(headers)
            content = await whole_body(receive, headers, self.most_bytes)
            body = read_body(operation, content, lenient=newer_client(headers), limits=self.limits)
        return await HANDLERS[operation](request, body)

    def nowhere(self, path: str, scope: Scope) -> Reply:
        """Answer a path that is none: a redirect where only the closing slash is missing or too many."""
        other = path[:-1] if path.endswith("/") else path + "/"
        if path != "/" and self.routes.find(other):
            query = scope["query_string"]
            target = quote(relative(path)).encode() + (b"?" + query if query else b"")
            return Reply(b"", 307, ((b"location", target),))
        return detail("Not Found", 404)


def relative(path: str) -> str:
    """Return the way from a path to the same one with its closing slash added or left out: never a host or a root."""
    last = path.rstrip("/").rpartition("/")[2]
    return f"../{last}" if path.endswith("/") else f"./{last}/"


async def whole_body(receive: Receive, headers: dict[bytes, bytes], most: int) -> bytes:
    """Return the request's body, of at most so many bytes."""
    told = headers.get(b"content-length", b"0")
    if int(told) > most:
        raise Refusal(too_large(most))
    message = await receive()
    content = cast("bytes", message.get("body", b""))
    if message["type"] == "http.request" and not message.get("more_body"):
        return content
    chunks, size = [content], len(content)
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > most:
            raise Refusal(too_large(most))
    if message["type"] != "http.request":
        raise Disconnected
    return b"".join(chunks)


def too_large(most: int) -> Reply:
    """Say that a body is too large."""
    return detail(f"The body is larger than {most} bytes (server.limits.body_bytes): send less at once.", 413, CLOSE)


def check_media(headers: dict[bytes, bytes]) -> None:
    """Refuse a body that says it is something else than JSON."""
    media = headers.get(b"content-type")
    if media == b"application/json" or (media is None and not BROWSER.intersection(headers)):
        return
    media = media or b""
    kind = media.partition(b";")[0].strip().lower()
    if kind != b"application/json" and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
        raise InvalidRequest([{"loc": ["body"], "msg": UNSUPPORTED_MEDIA, "type": "media_type"}], None)


def newer_client(headers: dict[bytes, bytes]) -> bool:
    """Tell whether the client's contract may know fields that this one does not."""
    agent = headers.get(b"user-agent", b"")
    if not agent.startswith(b"prefect/"):
        return False
    numbers = agent[8:].split(b" ")[0].split(b".")[:3]
    try:
        return tuple(int(number) for number in numbers) > NEWEST_CONTRACT
    except ValueError:
        return False


def refuse(error: Exception, scope: Scope, echo_bytes: int) -> Reply:
    """Turn an exception into its answer; one that nobody foresaw is logged and answered 500."""
    if isinstance(error, Refusal):
        return error.reply
    if isinstance(error, InvalidRequest):
        return json(error.answer(echo_bytes), 422)
    if isinstance(error, NotFound):
        return absent(scope)
    if isinstance(error, Unavailable):
        logger.warning("%s %r: %s", scope["method"], scope["path"], error)
        return unavailable(error)
    for kind, status, *headers in STATUSES:
        if isinstance(error, kind):
            return detail(str(error), status, *headers)
    logger.error("%s %r failed", scope["method"], scope["path"], exc_info=error)
    return problem("Internal Server Error", 500)


def unavailable(error: Unavailable) -> Reply:
    """Say that the database does not do what was asked, and whether it may have been done."""
    if isinstance(error, DiskFull):
        return detail(CANNOT_WRITE, 507)
    return detail(PERHAPS_WRITTEN if isinstance(error, Uncertain) else CANNOT_WRITE, 503, SOON)


def absent(scope: Scope) -> Reply:
    """Say which kind of thing is not there; where a model is looked up the reference says it under another key."""
    segments = scope["mounted_path"].split("/")
    name = RESOURCES.get(segments[1], "Resource")
    if segments[-1] in ("set_state", "labels", "graph", "graph-v2", "resume", "get_runs", "status"):
        return problem(f"{name} with id {segments[2]} not found", 404)
    return detail(f"{name} not found", 404)
