"""Variables: JSON values that flows and tasks share by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw

from lictor.client.errors import ObjectNotFound
from lictor.sdk.api.body import dumped
from lictor.sdk.api.method import Steps
from lictor.sdk.api.variable import create_variable, delete_variable_by_name, read_variable_by_name, update_variable
from lictor.sdk.steps import awaited, played
from lictor.wire.types.model import Model
from lictor.wire.types.variable import VariableCreate, VariableUpdate

T = TypeVar("T")


class Variable(Model, Generic[T]):
    """A named JSON value.

    `Variable.get`, `set` and `unset` are awaited in async flows and tasks; `aget`, `aset` and `aunset` always are.
    `Variable[str].get("name")` says of which type a value is; it is not checked.
    """

    name: str
    value: Any
    tags: list[str] | None = None

    @classmethod
    def get(cls, name: str, default: Any = None) -> Any:
        """Return the value of a variable, or `default` if there is none of this name."""
        return played(value_of(name, default))

    @classmethod
    async def aget(cls, name: str, default: Any = None) -> Any:
        """Return the value of a variable, or `default` if there is none of this name."""
        return await awaited(value_of(name, default))

    @classmethod
    def set(cls, name: str, value: Any, tags: Iterable[str] | None = None, overwrite: bool = False) -> Any:
        """Give a variable a value, and return it.

        Args:
            name: Lowercase letters, digits, dashes and underscores; 255 characters at most.
            value: Anything that JSON has, of at most 5000 bytes as JSON.
            tags: Its tags; by default none.
            overwrite: Whether a variable of this name is changed; by default ValueError is raised if there is one.
        """
        return played(kept(cls, name, value, tags, overwrite))

    @classmethod
    async def aset(
        cls, name: str, value: Any, tags: Iterable[str] | None = None, overwrite: bool = False
    ) -> Variable[T]:
        """Give a variable a value, and return it; as `set`."""
        return await awaited(kept(cls, name, value, tags, overwrite))

    @classmethod
    def unset(cls, name: str) -> Any:
        """Remove a variable; return whether there was one."""
        return played(removed(name))

    @classmethod
    async def aunset(cls, name: str) -> bool:
        """Remove a variable; return whether there was one."""
        return await awaited(removed(name))


def value_of(name: str, default: Any) -> Steps[Any]:
    """Read a variable's value."""
    found = yield from read_variable_by_name(name)
    return default if found is None else found.value


def kept(
    kind: type[Variable[T]], name: str, value: Any, tags: Iterable[str] | None, overwrite: bool
) -> Steps[Variable[T]]:
    """Make a variable, or change it."""
    content, labels = Raw(msgspec.json.encode(value, enc_hook=dumped)), list(tags or ())
    if (yield from read_variable_by_name(name)) is None:
        yield create_variable(VariableCreate(name=name, value=content, tags=labels))
    elif overwrite:
        yield update_variable(VariableUpdate(name=name, value=content, tags=labels))
    else:
        raise ValueError(f"a variable {name!r} exists already: pass overwrite=True to change it")
    return kind(name=name, value=msgspec.json.decode(content), tags=labels)


def removed(name: str) -> Steps[bool]:
    """Remove a variable."""
    try:
        yield delete_variable_by_name(name)
    except ObjectNotFound:
        return False
    return True
