"""What clients ask about variables."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET

from lictor.client.errors import ObjectNotFound
from lictor.sdk.api.method import Steps
from lictor.sdk.objects import Variable
from lictor.wire.filters import VariableFilter
from lictor.wire.operation import Call
from lictor.wire.operations import variable as rows
from lictor.wire.types.variable import VariableCreate, VariableUpdate

READ = rows.READ.giving(Variable)
CREATE, READ_BY_NAME, FILTER = (
    rows.CREATE.giving(Variable),
    rows.READ_BY_NAME.giving(Variable),
    rows.FILTER.giving(list[Variable]),
)


def create_variable(variable: VariableCreate) -> Call[Variable]:
    """Make a variable, and return it; raise ObjectAlreadyExists if its name is taken."""
    return CREATE(variable)


def read_variable_by_name(name: str) -> Steps[Variable | None]:
    """Return the variable with a name, or None."""
    try:
        found: Variable = yield READ_BY_NAME(name=name)
    except ObjectNotFound:
        return None
    return found


def read_variables(limit: int | None = None) -> Call[list[Variable]]:
    """Return variables by name; without a limit the server answers 200 at most."""
    return FILTER(rows.ReadVariables(limit=limit))


def update_variable(variable: VariableUpdate) -> Call[None]:
    """Change the variable that has the name given; raise ObjectNotFound if there is none."""
    if variable.name is UNSET or variable.name is None:
        raise ValueError("name: say which variable to change")
    return rows.UPDATE_BY_NAME(variable, name=variable.name)


def delete_variable_by_name(name: str) -> Call[None]:
    """Remove the variable with a name; raise ObjectNotFound if there is none."""
    return rows.DELETE_BY_NAME(name=name)


def read_variable(variable_id: UUID) -> Call[Variable]:
    """Return a variable; raise ObjectNotFound if there is none of this id."""
    return READ(id=variable_id)


def update_variable_by_id(variable_id: UUID, variable: VariableUpdate) -> Call[None]:
    """Change what is set of a variable; raise ObjectNotFound if there is none of this id."""
    return rows.UPDATE(variable, id=variable_id)


def delete_variable(variable_id: UUID) -> Call[None]:
    """Remove a variable; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=variable_id)


def count_variables(variable_filter: VariableFilter | None = None) -> Call[int]:
    """Return how many variables a filter matches."""
    return rows.COUNT(rows.CountVariables(variables=variable_filter))
