"""Argon2id hashes of secrets that people type (RFC 9106), in the form `$argon2id$v=19$m=…,t=…,p=…$salt$hash`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

MARK = "$argon2id$"
FORM = re.compile(r"\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")


def is_hashed(text: str) -> bool:
    """Tell whether a text means to be a hash."""
    return text.startswith(MARK)


def is_hash(text: str) -> bool:
    """Tell whether a text has the form of a hash."""
    return FORM.fullmatch(text) is not None


def hash_of(text: str) -> str:
    """Return a fresh hash of a text: 64 MiB, 3 passes, 4 lanes (RFC 9106, section 4, second choice)."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - loaded when needed

    made = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=4, memory_cost=65536)
    encoded: str = made.derive_phc_encoded(text.encode())
    return encoded


def matching(given: bytes, hashed: Iterable[str]) -> str | None:
    """Return the hash that a text matches, of some; each try takes a good part of a second."""
    from cryptography.exceptions import InvalidKey  # noqa: PLC0415 - loaded when needed
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415 - loaded when needed

    for encoded in hashed:
        try:
            Argon2id.verify_phc_encoded(given, encoded)
        except InvalidKey:
            continue
        return encoded
    return None
