"""Operations on variables."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters.variable import VariableFilter
from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.variable import Variable, VariableCreate, VariableSort, VariableUpdate


class CountVariables(Query, kw_only=True):
    """Which variables to count."""

    variables: VariableFilter | None = None


class ReadVariables(CountVariables, kw_only=True):
    """Which variables to list, in which order."""

    sort: VariableSort = VariableSort.NAME_ASC
    offset: NotNegative = 0
    limit: int | None = None


PATH = "/variables"

CREATE = Operation("POST", PATH + "/", VariableCreate, Variable, "run", statuses=(201,))
READ = Operation("GET", PATH + "/{id}", NoneType, Variable, "read")
READ_BY_NAME = Operation("GET", PATH + "/name/{name}", NoneType, Variable, "read")
UPDATE = Operation("PATCH", PATH + "/{id}", VariableUpdate, NoneType, "run", statuses=(204,))
UPDATE_BY_NAME = Operation("PATCH", PATH + "/name/{name}", VariableUpdate, NoneType, "run", statuses=(204,))
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "run", statuses=(204,))
DELETE_BY_NAME = Operation("DELETE", PATH + "/name/{name}", NoneType, NoneType, "run", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadVariables, list[Variable], "read")
COUNT = Operation("POST", PATH + "/count", CountVariables, int, "read")
