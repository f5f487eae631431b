"""Operations on automations: so far there are none."""

from __future__ import annotations

from types import NoneType
from typing import Any

from lictor.wire.operation import Operation

RELATED_TO = Operation("GET", "/automations/related-to/{resource_id}", NoneType, list[Any], "read")
