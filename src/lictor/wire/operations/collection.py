"""Operations on collections: catalogues of what pools and blocks can be made of."""

from __future__ import annotations

from types import NoneType
from typing import Any

from lictor.wire.operation import Operation

VIEW = Operation("GET", "/collections/views/{view}", NoneType, dict[str, Any], "read")
