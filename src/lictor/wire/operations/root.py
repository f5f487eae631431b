"""Operations that tell whether a server is there."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation

HEALTH = Operation("GET", "/health", NoneType, bool, "open")
READY = Operation("GET", "/ready", NoneType, dict[str, str], "open")
HELLO = Operation("GET", "/hello", NoneType, str, "read")
VERSION = Operation("GET", "/version", NoneType, str, "read")
