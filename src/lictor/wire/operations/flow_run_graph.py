"""Operations on what flow runs are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from types import NoneType

from msgspec import Struct

from lictor.wire.operation import Operation
from lictor.wire.types.common import DateTime
from lictor.wire.types.flow_run_graph import Dependency, Graph


class Since(Struct, kw_only=True):
    """Leave out what ended before a moment."""

    since: DateTime = datetime(1, 1, 1, tzinfo=UTC)


READ_DEPENDENCIES = Operation("GET", "/flow_runs/{id}/graph", NoneType, list[Dependency], "read")
READ = Operation("GET", "/flow_runs/{id}/graph-v2", NoneType, Graph, "read", query=Since)
