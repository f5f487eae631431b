"""When a run that gave signs of life counts as silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lictor.rules.signs_of_life import MISSED, SHORTEST, UNKNOWN, Sign, silence

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def beat(ago: float, gap: float | None = 30, before: float | None = 30) -> Sign:
    return Sign(
        "heartbeat",
        NOW - seconds(ago),
        None if gap is None else seconds(gap),
        None if before is None else seconds(before),
    )


def test_a_run_that_misses_three_of_its_own_intervals_is_silent() -> None:
    assert silence([beat(90)], LONG_AGO, NOW) is None
    found = silence([beat(95)], LONG_AGO, NOW)
    assert found is not None
    assert str(found) == (
        "The run gave no sign of life for 95 seconds, 3 times as long as from one to the next before "
        "(30 seconds): its process is gone, or cannot reach the server."
    )


def test_a_run_that_never_gave_a_sign_is_left_alone() -> None:
    assert silence([], LONG_AGO, NOW) is None


def test_one_slow_sign_changes_nothing_and_makes_the_next_awaited_longer() -> None:
    assert silence([beat(61)], LONG_AGO, NOW) is None
    assert silence([beat(250, gap=89, before=30)], LONG_AGO, NOW) is None
    assert silence([beat(250, gap=30, before=89)], LONG_AGO, NOW) is None


def test_a_single_sign_is_followed_for_long() -> None:
    assert silence([beat(UNKNOWN.total_seconds() * MISSED, None, None)], LONG_AGO, NOW) is None
    assert silence([beat(UNKNOWN.total_seconds() * MISSED + 1, None, None)], LONG_AGO, NOW)


def test_signs_close_to_each_other_make_nobody_impatient() -> None:
    assert silence([beat(MISSED * SHORTEST.total_seconds(), gap=0.01, before=0.01)], LONG_AGO, NOW) is None


def test_one_source_that_goes_on_is_enough() -> None:
    lease = Sign("lease", NOW - seconds(200), seconds(225), seconds(225))
    assert silence([beat(1000), lease], LONG_AGO, NOW) is None
    assert silence([beat(1000), Sign("lease", NOW - seconds(700), seconds(225))], LONG_AGO, NOW)


@given(
    ago=st.floats(0, 10**7),
    gap=st.floats(0, 10**4),
    before=st.floats(0, 10**4),
    awake=st.floats(0, 10**7),
)
def test_time_in_which_nobody_looked_does_not_count(ago: float, gap: float, before: float, awake: float) -> None:
    found = silence([beat(ago, gap, before)], NOW - seconds(awake), NOW)
    longest = max(gap, before, SHORTEST.total_seconds())
    assert (found is not None) == (
        min(NOW - (NOW - seconds(ago)), NOW - (NOW - seconds(awake))) > MISSED * seconds(longest)
    )
