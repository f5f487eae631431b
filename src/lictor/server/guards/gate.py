"""The one gate: every request and every socket gets its principal here, or goes no further.

Credentials are compared as one opaque string, as bytes, in constant time. HTTP carries them as
`Basic base64(auth string)`; a socket carries them in its first message.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from lictor.server.principal import ADMIN, ANONYMOUS, Principal
from lictor.server.reply import problem, send_reply
from lictor.wire.channels import AUTH_SUCCESS, SUBPROTOCOL, Auth, Channel

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger("lictor.server.gate")

OPEN = frozenset({("GET", "/health"), ("GET", "/ready"), ("HEAD", "/health"), ("HEAD", "/ready")})
HANDSHAKE_SECONDS = 10.0
UNAUTHORIZED = problem("Unauthorized", 401)

VIOLATION, PROTOCOL_ERROR = 1008, 1002

read_auth = msgspec.json.Decoder(Auth).decode


class Refused(Exception):
    """A socket is closed with this code and reason."""

    def __init__(self, reason: str, code: int = VIOLATION) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Gate:
    """Lets callers through to the application with `scope["principal"]` set; the default is closed."""

    def __init__(self, app: ASGIApp, auth_strings: Iterable[str], channels: Iterable[Channel]) -> None:
        self.app = app
        self.secrets = tuple(text.encode() for text in auth_strings if text)
        self.channels = tuple(channels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or socket on, or refuse it."""
        if scope["type"] == "http":
            await self.request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.socket(scope, receive, send)

    async def request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an HTTP request in if it is open to all or carries the credentials."""
        principal = self.principal(scope["headers"])
        if principal is None and (scope["method"], scope["mounted_path"]) not in OPEN:
            await send_reply(UNAUTHORIZED, send)
            return
        scope["principal"] = principal or ANONYMOUS
        await self.app(scope, receive, send)

    def principal(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal | None:
        """Return who sent these headers, or None."""
        if not self.secrets:
            return ANONYMOUS
        given = [value for name, value in headers if name == b"authorization"]
        return self.known(basic(given[0])) if len(given) == 1 else None

    def known(self, given: bytes | None) -> Principal | None:
        """Return the principal of an auth string, or None; every accepted string is compared."""
        if given is None:
            return None
        matches = [hmac.compare_digest(given, secret) for secret in self.secrets]
        return ADMIN if any(matches) else None

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Shake hands with a socket, then hand it on; refuse it with a close code otherwise."""
        await receive()
        channel = next((row for row in self.channels if row.matches(scope["mounted_path"])), None)
        spoken = SUBPROTOCOL in scope.get("subprotocols", ())
        if channel is None or (not spoken and (self.secrets or channel.strict)):
            await send({"type": "websocket.close", "code": VIOLATION})
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if spoken else None})
        scope["channel"], scope["principal"] = channel, ANONYMOUS
        try:
            if spoken:
                scope["principal"] = await self.handshake(channel, receive, send)
            await self.app(scope, receive, send)
        except Refused as refused:
            logger.warning("Socket %s closed: %s", channel.path, refused.reason)
            reason = refused.reason.encode()[:120].decode(errors="ignore")
            await send({"type": "websocket.close", "code": refused.code, "reason": reason})

    async def handshake(self, channel: Channel, receive: Receive, send: Send) -> Principal:
        """Read the first message and answer it; raise Refused for anything but good credentials."""
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                message = await receive()
        except TimeoutError:
            raise Refused("No 'auth' message in time") from None
        principal = self.introduced(read_first(message))
        if channel.need not in principal.permissions:
            raise Refused("Not permitted")
        await send({"type": "websocket.send", "text": AUTH_SUCCESS})
        return principal

    def introduced(self, auth: Auth) -> Principal:
        """Return who an auth message comes from."""
        if not self.secrets:
            return ANONYMOUS
        if not auth.token:
            raise Refused("Auth required but no token provided")
        principal = self.known(auth.token.encode(errors="surrogatepass"))
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


def read_first(message: dict[str, Any] | Any) -> Auth:
    """Return the auth message that must come first."""
    if message["type"] == "websocket.disconnect":
        raise Refused("Gone before it said who it is")
    content = message.get("text")
    if content is None:
        raise Refused("Expected 'auth' message", 1003)
    try:
        return read_auth(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Refused("Expected 'auth' message") from None
