"""Values that say how they are made, filled in with the variables that they name."""

from __future__ import annotations

from typing import Any

from lictor.kit.placeholders import MISSING, Filled, filled
from lictor.store import variable
from lictor.store.transaction import Transaction


def plainly(values: dict[str, Any], *, render: bool = True) -> Transaction[Filled]:
    """Return values with everything made that says how; without `render` templates are looked at, and stay.

    A variable may name another one: what is wanted is read until all is known.
    """
    variables: dict[str, Any] = {}
    while True:
        made = filled(values, variables, render=render)
        if not made.wanted:
            return made
        found = yield from variable.values_of(sorted(made.wanted))
        variables.update({name: found.get(name, MISSING) for name in made.wanted})
