"""The auth strings that are valid now: in clear or as argon2id hashes, from settings or files.

An auth string is one opaque string of bytes; it is compared in constant time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from lictor.kit.hashing import is_hash, is_hashed, matches_any
from lictor.kit.secret import Secret
from lictor.settings import Setting, Settings, SettingsError, table

MOST_KNOWN = 100


class Credentials:
    """Tells whether somebody knows one of the auth strings; without any, nobody needs to."""

    def __init__(self, strings: Iterable[str]) -> None:
        self.strings = tuple(text for text in strings if text)
        self.clear = tuple(text.encode() for text in self.strings if not is_hashed(text))
        self.hashed = tuple(text for text in self.strings if is_hashed(text))
        self._known: set[bytes] = set()  # digests of what a hash was found to match
        self._turn = asyncio.Lock()

    def __bool__(self) -> bool:
        """Tell whether any is needed."""
        return bool(self.strings)

    def match(self, given: bytes) -> bool:
        """Tell whether an auth string is one in clear, or was found to match a hash before; all are compared."""
        found = sum(hmac.compare_digest(given, text) for text in self.clear) > 0
        return found or (bool(self._known) and hashlib.sha256(given).digest() in self._known)

    async def verify(self, given: bytes) -> bool:
        """Tell whether an auth string is valid. Hashes are tried one at a time, away from the event loop."""
        if self.match(given):
            return True
        if not self.hashed:
            return False
        async with self._turn:
            if not self.match(given) and await asyncio.to_thread(matches_any, given, self.hashed):
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known.add(hashlib.sha256(given).digest())
        return self.match(given)


def credentials_of(settings: Settings) -> Credentials:
    """Return the credentials that the settings and their files say; raise SettingsError for what cannot be used."""
    pairs = (
        (table.SERVER_API_AUTH_STRING, table.SERVER_API_AUTH_STRING_FILE),
        (table.SERVER_API_PREVIOUS_AUTH_STRING, table.SERVER_API_PREVIOUS_AUTH_STRING_FILE),
    )
    strings = [text for direct, file in pairs if (text := configured(settings, direct, file)) is not None]
    for text in strings:
        if is_hashed(text):
            check_hash(text)
    return Credentials(strings)


def configured(settings: Settings, direct: Setting[Secret | None], file: Setting[str | None]) -> str | None:
    """Return an auth string from its setting or its file."""
    value, path = settings[direct], settings[file]
    if path is None:
        return value.reveal() if value else None
    if value:
        raise SettingsError(f"{direct.name} and {file.name} are both set: keep one of them.")
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{file.name} {path!r} cannot be read: {error}.") from None
    if not text:
        raise SettingsError(f"{file.name} {path!r} is empty: put the auth string into it.")
    return text


def check_hash(text: str) -> None:
    """Raise SettingsError for a text that looks like an argon2id hash and is none."""
    if not is_hash(text):
        raise SettingsError(
            "PREFECT_SERVER_API_AUTH_STRING is no argon2id hash: make one with `lictor server hash-auth`."
        )
