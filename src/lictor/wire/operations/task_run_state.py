"""Operations on the states of task runs."""

from __future__ import annotations

from types import NoneType
from uuid import UUID

from msgspec import Struct

from lictor.wire.operation import Operation
from lictor.wire.types.state import State


class TaskRunStatesOf(Struct, kw_only=True):
    """Whose states to list."""

    task_run_id: UUID


READ = Operation("GET", "/task_run_states/{id}", NoneType, State, "read")
LIST = Operation("GET", "/task_run_states/", NoneType, list[State], "read", query=TaskRunStatesOf)
