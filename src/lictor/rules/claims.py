"""Decides what becomes of a run that a worker claimed and nobody started."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from lictor.wire.types.state import State, StateCreate, StateDetails, StateType

EXPIRED = "ClaimExpired"
"""The name of the state of a run whose claim ran out."""


class ClaimTerms(Struct, frozen=True, gc=False):
    """For how many seconds a claim lasts, and how often a run's claims may run out."""

    seconds: float = 600.0
    most: int = 3


class Claim(Struct, frozen=True, gc=False):
    """A run of a work pool as a worker may have claimed it.

    `waited` tells that it was scheduled before, `started` that something was started for it, `expired` how often its
    claims ran out.
    """

    state: State | None
    waited: bool
    started: bool
    expired: int = 0


def over(claim: Claim, terms: ClaimTerms, now: datetime) -> StateCreate | None:
    """Return the state for a run whose claim ran out, None for any other: it is left alone.

    It waits for a worker again, in its old place, and ends when that came to nothing too often.
    """
    state = claim.state
    if state is None or state.type != StateType.PENDING or not claim.waited or claim.started:
        return None
    if (now - state.timestamp).total_seconds() < terms.seconds:
        return None
    if claim.expired >= terms.most:
        times = "once" if terms.most == 0 else f"{terms.most + 1} times"
        reason = f"Workers claimed the run {times}, and each time nobody started it within {terms.seconds:g} seconds."
        return StateCreate(type=StateType.CRASHED, message=reason)
    return StateCreate(
        type=StateType.SCHEDULED,
        name=EXPIRED,
        message=f"A worker claimed the run, and nobody started it within {terms.seconds:g} seconds.",
        state_details=StateDetails(scheduled_time=state.state_details.scheduled_time or now),
    )
