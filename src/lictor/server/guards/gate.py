"""The one gate: every request and every socket gets its principal here, or goes no further.

Credentials are compared as one opaque string, as bytes, in constant time. HTTP carries them as
`Basic base64(auth string)`; a socket carries them in its first message; a browser that signed in carries a cookie.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from lictor.server.guards.csrf import INVALID
from lictor.server.guards.origins import CHANGING, Origins
from lictor.server.guards.throttle import Throttle
from lictor.server.principal import ADMIN, ANONYMOUS, Principal
from lictor.server.reply import Reply, problem
from lictor.settings import table
from lictor.wire.channels import AUTH_SUCCESS, SUBPROTOCOL, Auth, Channel

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from lictor.server.dispatch import Server

logger = logging.getLogger("lictor.server.gate")

OPEN = frozenset({("GET", "/health"), ("GET", "/ready"), ("HEAD", "/health"), ("HEAD", "/ready")})
UNAUTHORIZED = problem("Unauthorized", 401)

VIOLATION, PROTOCOL_ERROR, TOO_BIG, TRY_AGAIN = 1008, 1002, 1009, 1013

read_auth = msgspec.json.Decoder(Auth).decode


class Refused(Exception):
    """A socket is closed with this code and reason."""

    def __init__(self, reason: str, code: int = VIOLATION) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Gate:
    """Finds out who calls; the default is closed."""

    def __init__(self, server: Server, origins: Origins, channels: Iterable[Channel]) -> None:
        self.server, self.origins, self.channels = server, origins, tuple(channels)
        self.throttle = Throttle()
        self.handshake_seconds = server.settings[table.SERVER_LIMITS_HANDSHAKE_SECONDS]
        self.first_frame_bytes = server.settings[table.SERVER_LIMITS_FIRST_FRAME_BYTES]
        self.most_sockets = server.settings[table.SERVER_LIMITS_SOCKETS]
        self.sockets = self.strangers = 0

    async def refusal(self, scope: Scope) -> Reply | None:
        """Set the principal of a request; return the refusal of one that has none."""
        scope["principal"] = ANONYMOUS
        if not self.server.credentials.strings or (scope["method"], scope["mounted_path"]) in OPEN:
            return None
        found = await self.identify(scope)
        if isinstance(found, Principal):
            scope["principal"] = found
            return None
        return UNAUTHORIZED if found is None else found

    async def identify(self, scope: Scope) -> Principal | Reply | None:
        """Return who sends a request where credentials are needed: by its header, else by its cookie."""
        given = scope["given"]
        if b"authorization" in given:
            headers = [value for name, value in scope["headers"] if name == b"authorization"]
            text = basic(headers[0]) if len(headers) == 1 else None
            return None if text is None else await self.known(text, scope)
        found = await self.server.sessions.find(given, self.server.credentials)
        if found is None or scope["method"] not in CHANGING or given.get(b"sec-fetch-site") == b"same-origin":
            return found
        return found if await self.server.csrf.valid(given) else INVALID

    async def known(self, given: bytes, scope: Scope) -> Principal | None:
        """Return the principal of an auth string, or None, after a while if there were many wrong ones.

        Sets `scope["credential"]` to the auth string as the server has it.
        """
        credentials = self.server.credentials
        scope["credential"] = None if self.throttle.guesses else credentials.match(given)
        if scope["credential"] is not None:
            return ADMIN
        key = ((scope.get("client") or ("",))[0], given.partition(b":")[0][:64])
        if self.throttle.crowded(key):
            return None
        scope["credential"] = await credentials.verify(given)
        if scope["credential"] is not None:
            self.throttle.forgive(key)
            return ADMIN
        logger.warning("Wrong credentials from %s for %r.", key[0], scope["path"])
        await self.throttle.punish(key)
        return None

    async def socket(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Shake hands with a socket, then hand it on; refuse it with a close code otherwise."""
        await receive()
        channel = next((row for row in self.channels if row.matches(scope["mounted_path"] or "")), None)
        spoken = SUBPROTOCOL in scope.get("subprotocols", ())
        if channel is None or (not spoken and (self.server.credentials or channel.strict)):
            await send({"type": "websocket.close", "code": VIOLATION})
            return
        if not self.origins.takes_socket(scope["given"]) or self.strangers >= self.most_sockets:
            await send({"type": "websocket.close", "code": VIOLATION})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if spoken else None})
        scope["channel"], scope["principal"], scope["let_in"] = channel, ANONYMOUS, False
        try:
            await self.welcome(app, scope, receive, send, spoken=spoken)
        except Refused as refused:
            logger.warning("Socket %s closed: %s", channel.path, refused.reason)
            stranger = channel.strict and refused.code == VIOLATION and not scope["let_in"]
            text = "authentication_failed" if stranger else refused.reason
            reason = text.encode()[:120].decode(errors="ignore")
            await send({"type": "websocket.close", "code": refused.code, "reason": reason})

    async def welcome(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, spoken: bool) -> None:
        """Let a socket in that says who it is; those that have not said it yet are counted apart."""
        if spoken:
            self.strangers += 1
            try:
                scope["principal"] = await self.handshake(scope, receive)
            finally:
                self.strangers -= 1
        if self.sockets >= self.most_sockets:
            raise Refused("Too many sockets are open: try again later", TRY_AGAIN)
        self.sockets += 1
        scope["let_in"] = True
        try:
            if spoken:
                await send({"type": "websocket.send", "text": AUTH_SUCCESS})
            await app(scope, receive, send)
        finally:
            self.sockets -= 1

    async def handshake(self, scope: Scope, receive: Receive) -> Principal:
        """Read the first message; raise Refused for anything but good credentials."""
        try:
            async with asyncio.timeout(self.handshake_seconds):
                message = await receive()
        except TimeoutError:
            raise Refused("No 'auth' message in time") from None
        principal = await self.introduced(read_first(message, self.first_frame_bytes), scope)
        if scope["channel"].need not in principal.permissions:
            raise Refused("Not permitted")
        return principal

    async def introduced(self, auth: Auth, scope: Scope) -> Principal:
        """Return who an auth message comes from; without a token the cookie of a page of this server counts."""
        if not self.server.credentials:
            return ANONYMOUS
        if not auth.token:
            given = scope["given"]
            origin = given.get(b"origin")
            own = origin is not None and self.origins.own(origin, given)
            found = await self.server.sessions.find(given, self.server.credentials) if own else None
            if found is None:
                raise Refused("Auth required but no token provided")
            return found
        principal = await self.known(auth.token.encode(errors="surrogatepass"), scope)
        if principal is None:
            raise Refused("Invalid token")
        return principal


def basic(header: bytes) -> bytes | None:
    """Return the credentials of a Basic authorization header, or None; base64 is checked strictly."""
    scheme, _, encoded = header.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        return None


def read_first(message: dict[str, Any] | Any, most: int) -> Auth:
    """Return the auth message that must come first."""
    if message["type"] == "websocket.disconnect":
        raise Refused("Gone before it said who it is")
    content = message.get("text")
    if content is None:
        raise Refused("Expected 'auth' message", 1003)
    if len(content) > most:
        raise Refused("The first message is too long", TOO_BIG)
    try:
        return read_auth(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Refused("Expected 'auth' message") from None
