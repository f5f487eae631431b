"""CSRF tokens: a client that changes something proves that it can read this server's answers."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from lictor.kit.clock import now
from lictor.server.guards.origins import CHANGING
from lictor.server.reply import Reply, detail
from lictor.settings import Settings, table
from lictor.store import csrf_token
from lictor.store.transaction import Store

if TYPE_CHECKING:
    from starlette.types import Scope

TOKEN, CLIENT = b"prefect-csrf-token", b"prefect-csrf-client"
NO_TOKEN = detail("Missing CSRF token.", 403)
NO_CLIENT = detail("Missing client identifier.", 403)
INVALID = detail("Invalid CSRF token or client identifier.", 403)


class Csrf:
    """Checks the token of every change, if the settings say so."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.enabled, self.store = settings[table.SERVER_API_CSRF_PROTECTION_ENABLED], store

    async def refusal(self, scope: Scope) -> Reply | None:
        """Return what is wrong with the token of a change, None if nothing is."""
        if scope["method"] not in CHANGING:
            return None
        given = scope["given"]
        if TOKEN not in given:
            return NO_TOKEN
        if CLIENT not in given:
            return NO_CLIENT
        return None if await self.valid(given) else INVALID

    async def valid(self, given: dict[bytes, bytes]) -> bool:
        """Tell whether the headers carry a client's token that is still good."""
        if TOKEN not in given or CLIENT not in given:
            return False
        client = given[CLIENT].decode("utf-8", "replace")
        digest = await self.store.point(csrf_token.digest_of, client, now())
        return digest is not None and hmac.compare_digest(digest, digest_of(given[TOKEN]))


def digest_of(token: bytes) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token).digest()
