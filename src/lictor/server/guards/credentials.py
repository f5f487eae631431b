"""Compares what callers send with the auth strings that are valid now, in clear or as argon2id hashes.

An auth string is one opaque string of bytes; it is compared in constant time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterable

from lictor.kit.hashing import is_hashed, matching

MOST_KNOWN = 100


class Credentials:
    """Tells which of the auth strings somebody knows; without any, nobody needs to."""

    def __init__(self, strings: Iterable[str]) -> None:
        self.strings = tuple(strings)
        self._clear = tuple((text, text.encode()) for text in self.strings if not is_hashed(text))
        self._hashed = tuple(text for text in self.strings if is_hashed(text))
        self._known: dict[bytes, str] = {}  # digests of what hashes were found to match
        self._turn = asyncio.Lock()

    def __bool__(self) -> bool:
        """Tell whether any is needed."""
        return bool(self.strings)

    def match(self, given: bytes) -> str | None:
        """Return the auth string, as the server has it, that was given: in clear, or found to match its hash before."""
        found = None
        for text, content in self._clear:  # all are compared
            if hmac.compare_digest(given, content):
                found = text
        return self._known.get(hashlib.sha256(given).digest()) if found is None and self._known else found

    async def verify(self, given: bytes) -> str | None:
        """Return the auth string that was given. Hashes are tried one at a time, away from the event loop."""
        found = self.match(given)
        if found is not None or not self._hashed:
            return found
        async with self._turn:
            found = self.match(given) or await asyncio.to_thread(matching, given, self._hashed)
            if found is not None:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[hashlib.sha256(given).digest()] = found
        return found
