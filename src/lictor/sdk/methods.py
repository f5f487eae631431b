"""Flows and tasks as methods: of objects, of classes, and of neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def taken_apart(function: Any) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    """Return a function, and `staticmethod` or `classmethod` if it was wrapped in that."""
    if isinstance(function, staticmethod | classmethod):
        return function.__func__, type(function)
    return function, None


def bound(function: Callable[..., Any], kind: Any, instance: object, owner: type | None) -> Callable[..., Any] | None:
    """Return a function bound as an attribute of an object or class, None where there is nothing to bind it to."""
    to = instance
    if kind is classmethod:
        to = type(instance) if owner is None else owner
    if kind is staticmethod or to is None:
        return None
    method: Callable[..., Any] = function.__get__(to)
    return method
