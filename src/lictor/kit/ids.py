"""Identifiers that sort by their time of birth: UUID version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import os
from uuid import UUID

from lictor.kit.clock import now_ns


def uuid7_bytes() -> bytes:
    """Return a new version 7 UUID as 16 bytes: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits."""
    milliseconds, rest = divmod(now_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = milliseconds << 80 | 0x7000 << 64 | fraction << 64 | 0x8000_0000_0000_0000 | random
    return value.to_bytes(16, "big")


def uuid7() -> UUID:
    """Return a new version 7 UUID."""
    return UUID(bytes=uuid7_bytes())


def is_id(parameter: str) -> bool:
    """Tell whether a parameter of a path is a UUID; resources of events are named by texts."""
    return (parameter == "id" or parameter.endswith("_id")) and parameter != "resource_id"
