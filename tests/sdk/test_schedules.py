"""Schedules as users write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lictor.client.schemas.schedules import (
    CronSchedule,
    IntervalSchedule,
    RRuleSchedule,
    construct_schedule,
    is_schedule_type,
)
from lictor.schedules import Cron, Interval, RRule, Schedule

ANCHOR = datetime(2025, 1, 1, 9, tzinfo=UTC)


def test_schedules_say_what_the_api_has() -> None:
    nightly = Cron(
        "0 3 * * *", timezone="Europe/Berlin", day_or=False, active=False, parameters={"x": 1}, slug="nightly"
    )
    assert (nightly.active, nightly.parameters, nightly.slug) == (False, {"x": 1}, "nightly")
    assert nightly.of_api() == CronSchedule(cron="0 3 * * *", timezone="Europe/Berlin", day_or=False)
    hourly = IntervalSchedule(interval=timedelta(hours=1), anchor_date=ANCHOR, timezone="UTC")
    assert Interval(3600, anchor_date=ANCHOR).of_api() == hourly
    assert Interval(timedelta(hours=1), anchor_date=ANCHOR).of_api() == hourly
    assert RRule("FREQ=DAILY").of_api() == RRuleSchedule(rrule="FREQ=DAILY")
    assert (Schedule().slug, Schedule().catch_up) == (None, None)
    assert RRule("FREQ=DAILY", slug="daily", catch_up="run-all").catch_up == "run-all"


def test_schedules_are_constructed_as_the_reference_does() -> None:
    made = construct_schedule(interval=90, anchor_date="2025-01-01T09:00:00+00:00", timezone="America/New_York")
    assert made == IntervalSchedule(interval=timedelta(seconds=90), anchor_date=ANCHOR, timezone="America/New_York")
    assert is_schedule_type(made)
    assert not is_schedule_type(Cron("* * * * *"))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Cron("61 * * * *"), "cron: .*minute.*0 to 59"),
        (lambda: Cron("* * * * *", timezone="Mars/Olympus"), "timezone: .*Europe/Berlin"),
        (lambda: Interval(0), "interval: .*greater than 0"),
        (lambda: RRule("EVERY DAY"), "rrule: "),
        (lambda: Schedule(cron="* * * * *", rrule="FREQ=DAILY"), "one of interval, cron and rrule, not cron and rrule"),
        (construct_schedule, "given: none"),
        (lambda: Cron("* * * * *", slug="x", catch_up="all"), "catch_up: 'all' .* run-all, newest-only, skip"),  # type: ignore[arg-type]
        (lambda: Interval(60, catch_up="skip"), "catch_up: .* give the schedule a slug"),
        (lambda: construct_schedule(cron="* * * * *", anchor_date=ANCHOR), "anchor_date is for"),
    ],
)
def test_what_is_no_schedule_says_why(make: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()
