"""The auth strings that are valid now: in clear or as argon2id hashes, from settings or files.

An auth string is one opaque string of bytes; it is compared in constant time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Iterable
from pathlib import Path

from lictor.kit.secret import Secret
from lictor.settings import Setting, Settings, SettingsError, table

HASHED = "$argon2id$"
PHC = re.compile(r"\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")
MOST_KNOWN = 100


class Credentials:
    """Tells whether somebody knows one of the auth strings; without any, nobody needs to."""

    def __init__(self, strings: Iterable[str]) -> None:
        self.strings = tuple(text for text in strings if text)
        self.clear = tuple(text.encode() for text in self.strings if not text.startswith(HASHED))
        self.hashed = tuple(text for text in self.strings if text.startswith(HASHED))
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


def matches_any(given: bytes, hashed: Iterable[str]) -> bool:
    """Try an auth string on argon2id hashes."""
    from cryptography.exceptions import InvalidKey  # noqa: PLC0415 - loaded when a hash is configured
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - see above

    for encoded in hashed:
        try:
            Argon2id.verify_phc_encoded(given, encoded)
        except InvalidKey:
            continue
        return True
    return False


def hash_of(text: str) -> str:
    """Return the argon2id hash of an auth string, as `server.api.auth_string` takes it (RFC 9106, second choice)."""
    import os  # noqa: PLC0415 - only for the salt

    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - loaded when needed

    made = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=4, memory_cost=65536)
    encoded: str = made.derive_phc_encoded(text.encode())
    return encoded


def credentials_of(settings: Settings) -> Credentials:
    """Return the credentials that the settings and their files say; raise SettingsError for what cannot be used."""
    pairs = (
        (table.SERVER_API_AUTH_STRING, table.SERVER_API_AUTH_STRING_FILE),
        (table.SERVER_API_PREVIOUS_AUTH_STRING, table.SERVER_API_PREVIOUS_AUTH_STRING_FILE),
    )
    strings = [text for direct, file in pairs if (text := configured(settings, direct, file)) is not None]
    for text in strings:
        if text.startswith(HASHED):
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
    if PHC.fullmatch(text) is None:
        raise SettingsError(
            "PREFECT_SERVER_API_AUTH_STRING is no argon2id hash: make one with `lictor server hash-auth`."
        )
