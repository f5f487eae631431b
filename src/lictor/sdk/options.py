"""Options of flows and tasks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from lictor.engine.hooks import checked
from lictor.engine.specs import FlowSpec, TaskSpec

S = TypeVar("S")


def seconds_of(timeout: float | None) -> float | None:
    """Return a timeout in seconds, None for none, as 0 means too; refuse one below 0."""
    if timeout is not None and timeout < 0:
        raise ValueError(f"timeout_seconds: {timeout!r} is below 0; leave it out for no limit")
    return float(timeout) if timeout else None


def naming(option: str, given: Any) -> Any:
    """Return what names runs; refuse what is neither a template nor a callable."""
    if given is not None and not isinstance(given, str) and not callable(given):
        raise TypeError(
            f"{option} takes a template such as 'load-{{day}}', or a function that returns a name, not {given!r}"
        )
    return given


def changed_options(options: dict[str, Any], given: dict[str, Any], reset: frozenset[str]) -> dict[str, Any]:
    """Return options with others in their place: those that are None stay, save for some that are reset by it."""
    return options | {name: value for name, value in given.items() if value is not None or name in reset}


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
