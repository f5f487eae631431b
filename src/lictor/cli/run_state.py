"""States of runs on the command line: how they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click

from lictor.wire.types.state import StateType

F = TypeVar("F", bound=Callable[..., Any])

OWN_NAMES = (
    "AwaitingConcurrencySlot",
    "AwaitingRetry",
    "Cached",
    "Late",
    "Retrying",
    "RolledBack",
    "Suspended",
    "TimedOut",
)
NAMES = {each.lower(): each for each in (*OWN_NAMES, *(kind.capitalize() for kind in StateType))}


def state_options(command: F) -> F:
    """Give a command the options that choose runs by their states."""
    kinds = click.Choice([kind.value for kind in StateType], case_sensitive=False)
    typed = click.option(
        "--state-type", type=kinds, multiple=True, help="Only runs in a state of this type (repeatable)."
    )
    named = click.option(
        "--state",
        multiple=True,
        help="Only runs in this state: a type such as FAILED, or a name such as Late (repeatable).",
    )
    return named(typed(command))


def names(
    state: tuple[str, ...], state_type: tuple[str, ...]
) -> tuple[Literal["and_", "or_"], list[StateType], list[str]]:
    """Return types and names to filter by, and whether a run needs one of each or one of either.

    Without `state_type` a text in `state` that is a type means all states of that type.
    """
    if state_type:
        return "and_", [StateType(each.upper()) for each in state_type], [name_of(each) for each in state]
    types = [StateType(each.upper()) for each in state if each.upper() in StateType.__members__]
    return "or_", types, [name_of(each) for each in state if each.upper() not in StateType.__members__]


def name_of(text: str | None, kind: StateType | None = None) -> str:
    """Return a state's name as it is spelled; without a name, that of its type."""
    return NAMES.get(text.lower(), text) if text else str(kind).capitalize()
