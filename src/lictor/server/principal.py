"""Who calls: what the gate hands to every handler, and what every write records."""

from __future__ import annotations

from msgspec import Struct

from lictor.wire.operation import Need

EVERYTHING: frozenset[Need] = frozenset({"open", "read", "run", "write", "secrets", "admin"})


class Principal(Struct, frozen=True):
    """A caller by name, and what it may do."""

    name: str
    permissions: frozenset[Need]


ANONYMOUS = Principal("anonymous", EVERYTHING)
"""Every caller of a server without credentials."""

ADMIN = Principal("admin", EVERYTHING)
"""Whoever knows the server's auth string."""
