"""Operations that tell whether a server is there."""

from __future__ import annotations

from lictor.wire.operation import Operation

HEALTH = Operation("GET", "/health", None, bool, "open")
READY = Operation("GET", "/ready", None, dict[str, str], "open")
HELLO = Operation("GET", "/hello", None, str, "read")
VERSION = Operation("GET", "/version", None, str, "read")
