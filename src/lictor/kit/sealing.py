"""Texts sealed with a key: nobody reads or changes one, or puts it in another's place, without the key.

A sealed text is `v1:`, the name of its key, `:`, and base64 of a nonce of 12 bytes and the AES-256-GCM ciphertext. What
the text belongs to, such as a row's id, is authenticated with it.
"""

from __future__ import annotations

import binascii
import os
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

VERSION = "v1"
NONCE_BYTES, KEY_BYTES = 12, 32


class Broken(Exception):
    """A sealed text was changed, or belongs elsewhere."""


class Key:
    """A key of 32 bytes; `name` tells it from others and gives nothing of it away."""

    __slots__ = ("_bytes", "name")

    def __init__(self, text: str) -> None:
        """Read a key from 44 characters of base64; raise ValueError if it is none."""
        try:
            self._bytes = urlsafe_b64decode(text.encode())
        except (binascii.Error, ValueError):
            self._bytes = b""
        if len(self._bytes) != KEY_BYTES:
            raise ValueError("a key is 32 bytes as base64: 44 characters")
        self.name = sha256(b"lictor key name" + self._bytes).hexdigest()[:8]

    @staticmethod
    def draw() -> str:
        """Return the text of a new key."""
        return urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()

    def seal(self, text: str, owner: bytes) -> str:
        """Seal a text that belongs to an owner."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - loaded when needed

        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + AESGCM(self._bytes).encrypt(nonce, text.encode(), owner)
        return f"{VERSION}:{self.name}:{b64encode(sealed).decode()}"

    def unseal(self, sealed: str, owner: bytes) -> str:
        """Return a text that was sealed for an owner with this key; raise Broken if it was not."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - loaded when needed
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - loaded when needed

        version, _, rest = sealed.partition(":")
        try:
            content = b64decode(rest.partition(":")[2], validate=True)
            if version != VERSION or len(content) <= NONCE_BYTES:
                raise Broken
            return AESGCM(self._bytes).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], owner).decode()
        except (binascii.Error, InvalidTag):
            raise Broken from None


def key_name(sealed: str) -> str:
    """Return the name of the key that a text is sealed with."""
    return sealed.split(":", 2)[1] if sealed.count(":") > 1 else ""
