"""Operations on the server itself."""

from __future__ import annotations

from types import NoneType
from typing import Any

from lictor.wire.operation import Operation
from lictor.wire.types.admin import ServerDefaultResultStorage

VERSION = Operation("GET", "/admin/version", NoneType, str, "read")
SETTINGS = Operation("GET", "/admin/settings", NoneType, dict[str, Any], "admin")
STORAGE = Operation("GET", "/admin/storage", NoneType, ServerDefaultResultStorage, "read")
