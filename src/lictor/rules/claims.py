"""Decides what becomes of a run that a worker claimed and nobody started."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from lictor.wire.types.state import State, StateCreate, StateDetails, StateType

EXPIRED = "ClaimExpired"
"""The name of the state of a run whose claim ran out."""
HELD = "Claimed by "
"""How the message of a claim begins that is held: its holder renews it as long as it lives, and what the holder started
can only begin the run while the claim lasts (the rule `start_by_own_claim`). So it may run out soon."""
RENEWED = 60.0
"""A claim that is held is renewed after so many seconds."""
MISSED = 3


class ClaimTerms(Struct, frozen=True, gc=False):
    """For how many seconds a claim lasts, and how often a run's claims may run out."""

    seconds: float = 600.0
    most: int = 3

    @property
    def held_seconds(self) -> float:
        """For how many seconds a claim that is held lasts without being renewed."""
        return min(self.seconds, MISSED * RENEWED)


class Claim(Struct, frozen=True, gc=False):
    """A run of a deployment as a worker, or a program that serves, may have claimed it.

    `waited` tells that it was scheduled before, `pooled` that it waits in a work pool, `started` that something was
    started for it, `expired` how often its claims ran out, and `renewed` when the claim was, or anything else of the
    run.
    """

    state: State | None
    waited: bool
    pooled: bool
    started: bool
    renewed: datetime
    expired: int = 0


def over(claim: Claim, terms: ClaimTerms, now: datetime) -> StateCreate | None:
    """Return the state for a run whose claim ran out, None for any other: it is left alone.

    It waits for a worker again, in its old place, and ends when that came to nothing too often.
    """
    state = claim.state
    if state is None or state.type != StateType.PENDING or not claim.waited:
        return None
    held = (state.message or "").startswith(HELD)
    if not held and (claim.started or not claim.pooled):
        return None
    lasts = terms.held_seconds if held else terms.seconds
    since = max(state.timestamp, claim.renewed) if held else state.timestamp
    if (now - since).total_seconds() < lasts:
        return None
    if claim.expired >= terms.most:
        times = "once" if terms.most == 0 else f"{terms.most + 1} times"
        reason = f"Workers claimed the run {times}, and each time nobody started it within {lasts:g} seconds."
        return StateCreate(type=StateType.CRASHED, message=reason)
    return StateCreate(
        type=StateType.SCHEDULED,
        name=EXPIRED,
        message=f"A worker claimed the run, and nobody started it within {lasts:g} seconds.",
        state_details=StateDetails(scheduled_time=state.state_details.scheduled_time or now),
    )
