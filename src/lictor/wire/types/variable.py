"""Variables: JSON values by name."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Raw, UnsetType, field

from lictor.wire.types.common import Answer, Body, DateTime

MOST_NAME, MOST_VALUE = 255, 5000
"""Characters of a name, and bytes of a value's JSON."""

VariableName = Annotated[str, Meta(max_length=MOST_NAME)]
KINDS = ["string", "integer", "boolean", "number", "object", "array", "null"]
VariableValue = Annotated[Raw, Meta(extra_json_schema={"type": KINDS})]
"""A JSON value, kept as the text it came in."""


class VariableSort(StrEnum):
    """Orders in which variables are listed."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_DESC = "NAME_DESC"
    NAME_ASC = "NAME_ASC"


class VariableCreate(Body, kw_only=True):
    """A variable to make; its name has lowercase letters, digits, dashes and underscores."""

    name: VariableName
    value: VariableValue
    tags: list[str] = field(default_factory=list)


class VariableUpdate(Body, kw_only=True):
    """Changes to a variable; what is not sent stays, null is a value like any other."""

    name: VariableName | UnsetType | None = UNSET
    value: VariableValue | UnsetType = UNSET
    tags: list[str] | UnsetType | None = UNSET


class Variable(Answer, kw_only=True):
    """A variable as the server knows it."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: VariableName
    value: VariableValue
    tags: list[str] = field(default_factory=list)
