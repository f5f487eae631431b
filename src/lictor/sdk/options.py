"""Options of flows and tasks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from lictor.engine.hooks import checked
from lictor.engine.specs import FlowSpec, TaskSpec

S = TypeVar("S")


def seconds_of(timeout: float | None) -> float | None:
    """Return a timeout in seconds, None for none; refuse one that is over before it begins."""
    if timeout is not None and timeout <= 0:
        raise ValueError(f"timeout_seconds: {timeout!r} is not above 0; leave it out for no limit")
    return None if timeout is None else float(timeout)


def add_hook(spec: FlowSpec | TaskSpec, options: dict[str, Any], option: str, function: Callable[..., Any]) -> None:
    """Add a hook to a flow or task, also to what is made of it by other options."""
    options[option] = [*(options.get(option) or ()), function]
    spec.hooks = spec.hooks | checked({option: options[option]})


def given_options(
    spec_of: Callable[..., S], decorator: str, function: Callable[..., Any], options: dict[str, Any]
) -> S:
    """Return the spec of a function with options; refuse an option that there is not."""
    known = inspect.getfullargspec(spec_of).kwonlyargs
    unknown = [name for name in options if name not in known]
    if unknown:
        raise TypeError(f"@{decorator} has no option {unknown[0]!r}; it has {', '.join(known)}")
    return spec_of(function, **options)
