"""Operations on the states of flow runs."""

from __future__ import annotations

from types import NoneType
from uuid import UUID

from msgspec import Struct

from lictor.wire.operation import Operation
from lictor.wire.types.state import State


class FlowRunStatesOf(Struct, kw_only=True):
    """Whose states to list."""

    flow_run_id: UUID


READ = Operation("GET", "/flow_run_states/{id}", NoneType, State, "read")
LIST = Operation("GET", "/flow_run_states/", NoneType, list[State], "read", query=FlowRunStatesOf)
