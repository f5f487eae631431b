"""Flows and tasks as other processes get them: by a name that can be imported, else by what they are made of."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable
from types import MethodType
from typing import Any


class Portable:
    """A flow or task that can be pickled."""

    kind: Callable[..., Any] | None
    fn: Callable[..., Any]
    options: dict[str, Any]

    def set(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        """Become one of a function with options."""
        raise NotImplementedError

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = getattr(self, "__qualname__", "")
        if name and found(self.__module__, name) is self:
            return name
        # What is made first and filled in later may be named by the function itself, as in one that calls itself.
        return vars(copyreg)["__newobj__"], (type(self),), (self.kind, *unbound(self.fn), self.options)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        kind, function, of, options = state
        if of is not None:
            function = MethodType(function, of)
        self.set(function if kind is None else kind(function), options)


def found(module: str, name: str) -> object:
    """Return what stands under a name in a module that other processes can import, None if nothing does."""
    place: Any = None if module == "__main__" else sys.modules.get(module)
    for part in name.split("."):
        place = getattr(place, part, None)
    return place


def unbound(function: Any) -> tuple[Any, Any]:
    """Return a method's function and its object; methods are pickled by name, which is the flow's or task's here."""
    return (function.__func__, function.__self__) if isinstance(function, MethodType) else (function, None)
