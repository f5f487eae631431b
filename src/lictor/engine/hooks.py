"""Functions of the user's that are called when a run enters a state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lictor.engine.effects import Hook, Steps
from lictor.engine.run_logger import Facts, say
from lictor.engine.states import State
from lictor.wire.types.state import StateType

if TYPE_CHECKING:
    from lictor.engine.specs import FlowSpec, TaskSpec

Hooks = dict[str, list[Callable[..., Any]]]
"""By the name of their option: `on_running`, `on_completion`, …"""

OPTIONS = {
    StateType.RUNNING: "on_running",
    StateType.COMPLETED: "on_completion",
    StateType.FAILED: "on_failure",
    StateType.CRASHED: "on_crashed",
    StateType.CANCELLING: "on_cancellation",
}
"""The option whose hooks are called on entering a state."""


def call_hooks(spec: FlowSpec | TaskSpec, run: Any, state: State, logger: logging.Logger, facts: Facts) -> Steps:
    """Call the hooks of a state, in order, with the flow or task, its run, and the state; what they raise is logged."""
    for hook in spec.hooks.get(OPTIONS.get(state.type, ""), ()):
        name = getattr(hook, "__name__", repr(hook))
        say(logger, logging.INFO, f"Hook '{name}' runs, since the run is {state.name or state.type}", facts)
        try:
            yield Hook(hook, (spec.owner, spec.shown(run), state))
        except Exception as error:
            say(logger, logging.ERROR, f"Hook '{name}' raised {type(error).__name__}: {error}", facts, error)


def checked(options: dict[str, Any]) -> Hooks:
    """Return the hooks among options; refuse what cannot be called, and a lone function that is no list."""
    hooks: Hooks = {}
    for option, given in options.items():
        if given is None:
            continue
        if not isinstance(given, list | tuple):
            raise TypeError(f"{option} takes a list of functions: write {option}=[{getattr(given, '__name__', given)}]")
        for each in given:
            if not callable(each):
                raise TypeError(f"{option} takes functions, not {each!r}")
        hooks[option] = list(given)
    return hooks
