"""Operations on the server itself."""

from __future__ import annotations

from typing import Any

from lictor.wire.operation import Operation
from lictor.wire.types.admin import ServerDefaultResultStorage

VERSION = Operation("GET", "/admin/version", None, str, "read")
SETTINGS = Operation("GET", "/admin/settings", None, dict[str, Any], "admin")
STORAGE = Operation("GET", "/admin/storage", None, ServerDefaultResultStorage, "read")
