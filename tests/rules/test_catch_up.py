"""What becomes of missed runs: which times those are, which of them a policy makes up for, and who waits no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.rules.catch_up import left_behind, missed, owed, skipped
from lictor.rules.schedule import dates
from lictor.wire.types.catch_up import CatchUpPolicy
from lictor.wire.types.schedule import Schedule, schedule_of

RUN_ALL, NEWEST_ONLY, SKIP = CatchUpPolicy
HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
"""On a day on which clocks are put forward in Europe."""
HOURLY = schedule_of({"cron": "0 * * * *"})
SCHEDULES = [
    HOURLY,
    schedule_of({"cron": "30 2 * * *", "timezone": "Europe/Berlin"}),
    schedule_of({"cron": "*/7 * * * * 0,30"}),
    schedule_of({"interval": 90.5, "anchor_date": "2026-01-01T00:00:00.25Z"}),
    schedule_of({"interval": 86400.0, "anchor_date": "2026-01-01T02:30:00+01:00", "timezone": "Europe/Berlin"}),
    schedule_of({"rrule": "DTSTART:20260101T000000\nRRULE:FREQ=HOURLY;INTERVAL=5;COUNT=400"}),
    schedule_of({"rrule": "DTSTART:20260101T000000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR"}),
]


class Run(NamedTuple):
    due: datetime


def hours(*numbers: int) -> list[datetime]:
    return [NOON + number * HOUR for number in numbers]


@pytest.mark.parametrize(
    ("settled", "now", "most", "times", "earlier"),
    [
        (NOON, NOON + 3 * HOUR + MINUTE, 10, hours(1, 2, 3), False),  # what was settled is not missed
        (NOON - TICK, NOON + HOUR, 10, hours(0), False),  # what is due now is still to be planned
        (NOON, NOON + 3 * HOUR + MINUTE, 2, hours(2, 3), True),
        (NOON, NOON + 3 * HOUR + MINUTE, 3, hours(1, 2, 3), False),
        (NOON, NOON + MINUTE, 10, [], False),
        (NOON + HOUR, NOON, 10, [], False),
        (NOON, NOON, 10, [], False),
    ],
)
def test_which_times_were_missed(
    settled: datetime, now: datetime, most: int, times: list[datetime], earlier: bool
) -> None:
    found = missed(HOURLY, settled, now, most)
    assert (list(found.times), found.earlier) == (times, earlier)


@given(
    schedule=st.sampled_from(SCHEDULES),
    away=st.timedeltas(timedelta(0), timedelta(days=40)),
    most=st.integers(1, 60),
)
def test_the_newest_times_are_found_as_by_looking_at_all(schedule: Schedule, away: timedelta, most: int) -> None:
    settled, now = NOON - away, NOON
    all_of_them = [each for each in dates(schedule, settled + TICK, now) if each < now]
    found = missed(schedule, settled, now, most)
    assert list(found.times) == all_of_them[-most:]
    assert found.earlier == (len(all_of_them) > most)


@pytest.mark.parametrize("said", [{"interval": 0.000001}, {"cron": "* * * * * *"}, {"rrule": "FREQ=SECONDLY"}])
def test_years_of_seconds_take_no_longer_than_what_is_wanted(said: dict[str, object]) -> None:
    found = missed(schedule_of(said), NOON - timedelta(days=3000), NOON, 1000)
    assert len(found.times) == 1000
    assert found.earlier


@settings(max_examples=40)
@given(
    schedule=st.sampled_from(SCHEDULES),
    pauses=st.lists(st.timedeltas(TICK, timedelta(days=3)), min_size=1, max_size=12),
    policy=st.sampled_from(list(CatchUpPolicy)),
)
def test_each_missed_time_gets_its_run_once_or_its_newest_or_none(
    schedule: Schedule, pauses: list[timedelta], policy: CatchUpPolicy
) -> None:
    """Passes at any moments, each of which goes on from what the one before has settled."""
    settled = now = NOON
    made: list[datetime] = []
    for pause in pauses:
        now += pause
        window = [each for each in dates(schedule, settled + TICK, now) if each < now]
        due = owed(policy, missed(schedule, settled, now, 10_000))
        wanted = {RUN_ALL: window, NEWEST_ONLY: window[-1:], SKIP: []}[policy]
        assert (list(due.times) if due else []) == wanted
        assert (due.left_out if due else 0) == len(window) - len(wanted)
        made += due.times if due else []
        settled = max([settled, *([due.settled, *due.times] if due else [])])
    assert len(made) == len(set(made))
    assert made == sorted(made)
    if policy == RUN_ALL:
        assert made == [each for each in dates(schedule, NOON + TICK, now) if each < now]


@given(
    schedule=st.sampled_from(SCHEDULES),
    away=st.timedeltas(HOUR, timedelta(days=9)),
    killed_after=st.integers(0, 30),
    most=st.integers(1, 30),
)
def test_a_pass_that_ends_in_its_middle_is_gone_on_with(
    schedule: Schedule, away: timedelta, killed_after: int, most: int
) -> None:
    first = owed(RUN_ALL, missed(schedule, NOON, NOON + away, most))
    if first is None:
        return
    done = list(first.times[:killed_after])
    rest = owed(RUN_ALL, missed(schedule, done[-1] if done else first.settled, NOON + away, most))
    assert done + list(rest.times if rest else []) == list(first.times)
    assert rest is None or rest.left_out == 0


def test_more_than_are_made_up_for_are_left_out_and_told_as_at_least() -> None:
    due = owed(RUN_ALL, missed(HOURLY, NOON, NOON + 10 * HOUR, 4))
    assert due is not None
    assert list(due.times) == hours(6, 7, 8, 9)
    assert (due.left_out, due.at_least) == (1, True)
    assert hours(5)[0] <= due.settled < hours(6)[0]


MINUTES = [NOON - number * MINUTE for number in (180, 120, 60, 2)]


@pytest.mark.parametrize(
    ("policy", "due", "left"),
    [
        (RUN_ALL, MINUTES, []),
        (NEWEST_ONLY, MINUTES, MINUTES[:3]),
        (NEWEST_ONLY, MINUTES[:1], []),  # however late the newest is
        (SKIP, MINUTES, MINUTES[:3]),
        (SKIP, MINUTES[:3], MINUTES[:3]),  # too late, each of them
        (SKIP, MINUTES[3:], []),
        (SKIP, [NOON - 5 * MINUTE], []),
        (SKIP, [NOON - 5 * MINUTE - TICK], [NOON - 5 * MINUTE - TICK]),
        (SKIP, [], []),
    ],
)
def test_which_runs_wait_no_longer(policy: CatchUpPolicy, due: list[datetime], left: list[datetime]) -> None:
    found = left_behind(policy, [Run(each) for each in due], 5 * MINUTE, NOON)
    assert [each.due for each in found] == left


@given(
    due=st.lists(st.timedeltas(timedelta(0), timedelta(days=1)), max_size=20),
    policy=st.sampled_from(list(CatchUpPolicy)),
    grace=st.timedeltas(timedelta(0), HOUR),
)
def test_never_a_newer_run_waits_no_longer_while_an_older_one_does(
    due: list[timedelta], policy: CatchUpPolicy, grace: timedelta
) -> None:
    waiting = [Run(NOON - each) for each in due]
    left = left_behind(policy, waiting, grace, NOON)
    stay = [each for each in waiting if each not in left]
    assert not stay or not left or max(each.due for each in left) < min(each.due for each in stay)
    assert policy == SKIP or not waiting or stay


def test_a_run_that_is_left_out_says_why() -> None:
    state = skipped("nightly", NEWEST_ONLY)
    assert (state.type, state.name) == ("CANCELLED", "Skipped")
    assert "'nightly' is newest-only" in str(state.message)
