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

from lictor.kit.clock import now, to_micros
from lictor.server.guards.credentials import Credentials
from lictor.server.principal import ADMIN, Principal
from lictor.settings import Settings, table
from lictor.store import session
from lictor.store.session import Lifetimes
from lictor.store.transaction import Store

COOKIE = "lictor-session"
NOTED_EVERY = timedelta(minutes=1) // timedelta(microseconds=1)
LONGEST_TOKEN = 100


class Sessions:
    """Opens, finds and ends sign-ins."""

    def __init__(self, settings: Settings, store: Store, base: str) -> None:
        self.store, self.path = store, base or "/"
        self.lifetimes = Lifetimes(
            settings[table.SERVER_SESSION_IDLE_TIMEOUT], settings[table.SERVER_SESSION_ABSOLUTE_TIMEOUT]
        )

    async def open(self, principal: Principal, credentials: Credentials, *, secure: bool, prefix: str) -> bytes:
        """Sign a principal in; return the value of the `Set-Cookie` header."""
        token = secrets.token_urlsafe(32)
        seal = seals(token, credentials)[0]
        await self.store.write(session.add, digest_of(token), seal, principal.name, now(), self.lifetimes)
        return self.cookie(token, int(self.lifetimes.absolute.total_seconds()), secure=secure, prefix=prefix)

    def cookie(self, token: str, seconds: int, *, secure: bool, prefix: str) -> bytes:
        """Return a `Set-Cookie` header."""
        path = prefix + self.path if prefix and self.path != "/" else prefix or self.path
        flags = "HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
        return f"{COOKIE}={token}; Path={path}; Max-Age={seconds}; {flags}".encode()

    async def find(self, given: dict[bytes, bytes], credentials: Credentials) -> Principal | None:
        """Return whom a request's cookie stands for, or None."""
        token = token_of(given)
        if token is None:
            return None
        moment, digest = now(), digest_of(token)
        found = await self.store.point(session.find, digest, moment, self.lifetimes)
        if found is None or not any(hmac.compare_digest(found.seal, seal) for seal in seals(token, credentials)):
            return None
        if to_micros(moment) - found.used > NOTED_EVERY:
            await self.store.write(session.use, digest, moment)
        return ADMIN

    async def close(self, given: dict[bytes, bytes], *, secure: bool, prefix: str) -> bytes:
        """End the session of a request's cookie; return the header that removes the cookie."""
        token = token_of(given)
        if token is not None:
            await self.store.write(session.delete, digest_of(token))
        return self.cookie("", 0, secure=secure, prefix=prefix)


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


def seals(token: str, credentials: Credentials) -> list[bytes]:
    """Return what seals a session, for each auth string that is valid."""
    key = token.encode("latin-1", "replace")
    return [hmac.digest(key, text.encode(), "sha256") for text in credentials.strings]
