"""Operations that describe the API."""

from __future__ import annotations

from types import NoneType
from typing import Any

from lictor.wire.operation import Operation

OPENAPI = Operation("GET", "/openapi.json", NoneType, dict[str, Any], "read", additive=True)
DOCS = Operation("GET", "/docs", NoneType, str, "read", media="text/html", additive=True)
