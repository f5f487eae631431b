"""What a call gives back to its caller."""

from __future__ import annotations

from typing import Any

from lictor.engine.effects import Outcome


def answer(outcome: Outcome, return_state: bool) -> Any:
    """Return a run's value or its state; raise what cut it off, or what it raised unless the state is asked for."""
    if outcome.fatal is not None:
        raise outcome.fatal
    return outcome.state if return_state else outcome.state.result()
