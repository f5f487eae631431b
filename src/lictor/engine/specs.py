"""What the engines know of a flow or a task: its function and its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from lictor.engine.hooks import Hooks

if TYPE_CHECKING:
    from lictor.engine.task_runners import TaskRunner

Shown = Callable[[Any], Any]
"""Makes of the engine's record of a run what users see of it."""

Bind = Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any]]
"""Gives a call's arguments their names, defaults included."""


def as_it_is(run: Any) -> Any:
    """Show a run as it is."""
    return run


class FlowSpec(Struct, kw_only=True):
    """A flow's function and options; `validate` returns the arguments to call it with, coerced to their types.

    `runner` is what each run duplicates for its submitted tasks, `yields` tells that the function is a generator,
    `owner` is the flow that hooks are given, `timeout` is in seconds. `shown` makes the run that hooks are given.
    """

    function: Callable[..., Any]
    name: str
    key: str
    version: str | None
    run_name: str | Callable[..., str] | None
    retries: int
    retry_delay: float
    log_prints: bool | None
    runner: TaskRunner
    bind: Bind
    validate: Callable[[dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]
    is_async: bool
    yields: bool = False
    timeout: float | None = None
    hooks: Hooks = {}
    owner: Any = None
    shown: Shown = as_it_is


class TaskSpec(Struct, kw_only=True):
    """A task's function and options.

    `owner` is the task that hooks are given, `timeout` is in seconds, `viz_return_value` is its value
    in drawings, `shown` makes the run that hooks are given.
    """

    function: Callable[..., Any]
    name: str
    key: str
    version: str | None
    run_name: str | Callable[..., str] | None
    tags: frozenset[str]
    retries: int
    delays: list[float]
    jitter: float | None
    log_prints: bool | None
    bind: Bind
    is_async: bool
    yields: bool = False
    timeout: float | None = None
    retry_condition: Callable[..., Any] | None = None
    viz_return_value: Any = None
    hooks: Hooks = {}
    owner: Any = None
    shown: Shown = as_it_is

    def delay_before(self, retry: int) -> float:
        """Return the seconds before the nth retry, counted from 1; the last delay of a list goes on."""
        return self.delays[min(retry, len(self.delays)) - 1] if self.delays else 0.0


def run_name(spec: FlowSpec | TaskSpec, arguments: dict[str, Any]) -> str | None:
    """Return the name that a spec gives a run: a template filled with the arguments, or what a callable returns."""
    given = spec.run_name
    if given is None:
        return None
    if isinstance(given, str):
        try:
            return given.format(**arguments)
        except (KeyError, IndexError, AttributeError, ValueError) as wrong:
            raise ValueError(
                f"the run name {given!r} of '{spec.name}' cannot be filled in: {wrong}; "
                f"it may use {', '.join('{' + name + '}' for name in arguments) or 'no parameter'}"
            ) from wrong
    code = getattr(given, "__code__", None)
    takes = code is not None and "parameters" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    name = given(parameters=arguments) if takes else given()
    if not isinstance(name, str):
        raise TypeError(f"the run name of '{spec.name}' must be a text, its callable returned {type(name).__name__}")
    return name


def collecting(spec: TaskSpec) -> TaskSpec:
    """Return a generator's spec as that of a function that returns all that it yields: nobody takes its values here."""
    function = spec.function

    def collect(*args: Any, **kwargs: Any) -> list[Any]:
        return list(function(*args, **kwargs))

    async def acollect(*args: Any, **kwargs: Any) -> list[Any]:
        return [value async for value in function(*args, **kwargs)]

    return structs.replace(spec, function=acollect if spec.is_async else collect, yields=False)
