"""Operations on the inputs of flow runs."""

from __future__ import annotations

from types import NoneType

from msgspec import field

from lictor.wire.operation import Operation
from lictor.wire.types.common import Query
from lictor.wire.types.flow_run_input import FlowRunInput, FlowRunInputCreate

PATH = "/flow_runs/{id}/input"


class FindInputs(Query, kw_only=True):
    """Which inputs of a run to list, oldest first, and how many; a negative limit is none."""

    prefix: str
    limit: int = 1
    exclude_keys: list[str] = field(default_factory=list)


CREATE = Operation("POST", PATH, FlowRunInputCreate, NoneType, "run", statuses=(201,))
FILTER = Operation("POST", PATH + "/filter", FindInputs, list[FlowRunInput], "read")
READ = Operation("GET", PATH + "/{key}", NoneType, str, "read", media="text/plain")
DELETE = Operation("DELETE", PATH + "/{key}", NoneType, NoneType, "run", statuses=(204,))
