"""Marks on arguments that say how a run takes them."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Annotation(Generic[T]):
    """An argument with a mark; the function is called with the argument alone."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def unwrap(self) -> T:
        """Return the argument."""
        return self.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and bool(self.value == getattr(other, "value", None))

    __hash__ = None  # type: ignore[assignment]


class unmapped(Annotation[T]):  # noqa: N801  # reads as a function
    """Marks an argument of `map` that each call gets whole."""


class allow_failure(Annotation[T]):  # noqa: N801  # reads as a function
    """Marks an argument whose run may have failed: the function is then called with what that run raised."""


class quote(Annotation[T]):  # noqa: N801  # reads as a function
    """Marks an argument that is not looked into for futures and results: a large collection is taken as it is."""


def unwrapped(value: Any) -> Any:
    """Return an argument without its marks."""
    while isinstance(value, Annotation):
        value = value.value
    return value
