"""Sign-ins of browsers: a cookie that no script can read stands for the auth string.

The cookie's token is stored as a digest. A seal made of the token and the auth string goes with it: a session ends when
it is signed out, too old, unused for too long, or when its auth string is no longer valid.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from lictor.kit.clock import now, to_micros
from lictor.server.addresses import seen_base
from lictor.server.guards.credentials import Credentials
from lictor.server.principal import ADMIN, Principal
from lictor.settings import Settings, table
from lictor.store import session
from lictor.store.session import Lifetimes
from lictor.store.transaction import Store

if TYPE_CHECKING:
    from starlette.types import Scope

COOKIE = "lictor-session"
NOTED_EVERY = timedelta(minutes=1) // timedelta(microseconds=1)
LONGEST_TOKEN = 100


class Sessions:
    """Opens, finds and ends sign-ins."""

    def __init__(self, settings: Settings, store: Store, base: str) -> None:
        self.store, self.base = store, base
        self.lifetimes = Lifetimes(
            settings[table.SERVER_SESSION_IDLE_TIMEOUT], settings[table.SERVER_SESSION_ABSOLUTE_TIMEOUT]
        )

    async def open(self, principal: Principal, scope: Scope) -> bytes:
        """Sign a principal in with the auth string that it sent; return the value of the `Set-Cookie` header."""
        token = secrets.token_urlsafe(32)
        seal = seal_of(token, scope["credential"])
        await self.store.write(session.add, digest_of(token), seal, principal.name, now(), self.lifetimes)
        return self.cookie(token, int(self.lifetimes.absolute.total_seconds()), scope)

    def cookie(self, token: str, seconds: int, scope: Scope) -> bytes:
        """Return a `Set-Cookie` header, for the path and scheme by which the browser comes."""
        flags = "HttpOnly; SameSite=Lax" + ("; Secure" if scope["scheme"] == "https" else "")
        path = seen_base(scope, self.base) or "/"
        return f"{COOKIE}={token}; Path={path}; Max-Age={seconds}; {flags}".encode()

    async def find(self, given: dict[bytes, bytes], credentials: Credentials) -> Principal | None:
        """Return whom a request's cookie stands for, or None."""
        token = token_of(given)
        if token is None:
            return None
        moment, digest = now(), digest_of(token)
        found = await self.store.point(session.find, digest, moment, self.lifetimes)
        if found is None:
            return None
        if not any(hmac.compare_digest(found.seal, seal_of(token, text)) for text in credentials.strings):
            return None
        if to_micros(moment) - found.used > NOTED_EVERY:
            await self.store.write(session.use, digest, moment)
        return ADMIN

    async def close(self, scope: Scope) -> bytes:
        """End the session of a request's cookie; return the header that removes the cookie."""
        token = token_of(scope["given"])
        if token is not None:
            await self.store.write(session.delete, digest_of(token))
        return self.cookie("", 0, scope)


def token_of(given: dict[bytes, bytes]) -> str | None:
    """Return the token of a request's cookie, or None."""
    header = given.get(b"cookie")
    if header is None or COOKIE.encode() not in header:
        return None
    try:
        morsel = SimpleCookie(header.decode("latin-1")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None and 0 < len(morsel.value) <= LONGEST_TOKEN else None


def digest_of(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("latin-1", "replace")).digest()


def seal_of(token: str, auth_string: str) -> bytes:
    """Return what binds a session to its auth string."""
    return hmac.digest(token.encode("latin-1", "replace"), auth_string.encode(), "sha256")
