"""Operations on templates, such as those in parameters."""

from __future__ import annotations

from types import NoneType
from typing import Any, cast

from lictor.wire.operation import Operation

TEXT = cast("type[str | None]", str | None)

VALIDATE = Operation("POST", "/templates/validate", TEXT, NoneType, "read", statuses=(204, 200))
VALIDATE_OF_AUTOMATION: Operation[Any, None] = Operation(
    "POST", "/automations/templates/validate", TEXT, NoneType, "read", statuses=(204, 200)
)
