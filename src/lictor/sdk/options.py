"""Options of flows and tasks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

S = TypeVar("S")


def given_options(
    spec_of: Callable[..., S], decorator: str, function: Callable[..., Any], options: dict[str, Any]
) -> S:
    """Return the spec of a function with options; refuse an option that there is not."""
    known = inspect.getfullargspec(spec_of).kwonlyargs
    unknown = [name for name in options if name not in known]
    if unknown:
        raise TypeError(f"@{decorator} has no option {unknown[0]!r}; it has {', '.join(known)}")
    return spec_of(function, **options)
