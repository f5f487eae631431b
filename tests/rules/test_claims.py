"""What becomes of runs that a worker claimed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from lictor.kit.ids import uuid7
from lictor.rules.claims import EXPIRED, HELD, Claim, ClaimTerms, over
from lictor.wire.types.state import State, StateDetails, StateType

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = ClaimTerms(seconds=60, most=2)


def pending(seconds: float, kind: StateType = StateType.PENDING, due: datetime | None = None) -> State:
    """Return a state that a run has been in for so many seconds."""
    details = StateDetails(scheduled_time=due)
    return State(id=uuid7(), type=kind, name="x", timestamp=NOW - timedelta(seconds=seconds), state_details=details)


CLAIMED = Claim(pending(61), waited=True, pooled=True, started=False, renewed=NOW)


def test_a_claim_that_nobody_confirms_expires_and_the_run_keeps_its_place() -> None:
    due = NOW - timedelta(hours=1)
    state = over(replace(CLAIMED, state=pending(61, due=due)), TERMS, NOW)
    assert state is not None
    assert (state.type, state.name) == (StateType.SCHEDULED, EXPIRED)
    assert state.state_details.scheduled_time == due
    assert "60 seconds" in (state.message or "")


@pytest.mark.parametrize(
    "claim",
    [
        replace(CLAIMED, state=pending(59)),
        replace(CLAIMED, waited=False),
        replace(CLAIMED, started=True),
        replace(CLAIMED, state=None),
        *[replace(CLAIMED, state=pending(1000, kind)) for kind in StateType if kind != StateType.PENDING],
    ],
)
def test_any_other_run_is_left_alone(claim: Claim) -> None:
    assert over(claim, TERMS, NOW) is None


def held(seconds: float, renewed: float) -> Claim:
    """Return a claim that its holder renewed so many seconds ago; the run is of a program that serves."""
    state = replace(pending(seconds), message=f"{HELD}worker 'a'.")
    return replace(CLAIMED, state=state, pooled=False, started=True, renewed=NOW - timedelta(seconds=renewed))


@pytest.mark.parametrize(
    ("claim", "expires"),
    [
        (held(61, 61), True),
        (held(1000, 59), False),
        (held(59, 1000), False),
        (replace(held(61, 61), waited=False), False),
        (replace(held(61, 61), pooled=True, started=False), True),
        (replace(CLAIMED, pooled=False), False),
    ],
)
def test_a_claim_that_is_held_expires_when_it_is_not_renewed_whatever_was_started(claim: Claim, expires: bool) -> None:
    assert (over(claim, TERMS, NOW) is not None) == expires


def test_a_claim_that_is_held_lasts_for_three_renewals_and_no_longer_than_others() -> None:
    assert (ClaimTerms(seconds=600).held_seconds, ClaimTerms(seconds=60).held_seconds) == (180, 60)


def test_a_run_whose_claims_ran_out_too_often_ends_with_the_reason() -> None:
    assert [state and state.type for state in (over(replace(CLAIMED, expired=n), TERMS, NOW) for n in range(3))] == [
        StateType.SCHEDULED,
        StateType.SCHEDULED,
        StateType.CRASHED,
    ]
    last = over(replace(CLAIMED, expired=2), TERMS, NOW)
    assert last is not None
    assert last.message == "Workers claimed the run 3 times, and each time nobody started it within 60 seconds."
