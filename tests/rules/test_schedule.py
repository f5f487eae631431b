"""What fires when, by the readings of libraries that others trust, and of a clock that is read minute by minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from dateutil.rrule import rrulestr

from lictor.kit.cron import parse
from lictor.kit.occurrences import cron_times, rule_times
from lictor.rules.schedule import dates
from lictor.wire.types.schedule import schedule_of
from tests.rules import fires

MANY = 500
END = datetime(2060, 1, 1)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def moment(random: Random) -> datetime:
    return datetime(2025, 1, 1) + random.randint(0, 600_000) * MINUTE


@pytest.mark.parametrize("seed", range(4))
def test_cron_expressions_fire_as_croniter_says(seed: int) -> None:
    random = Random(seed)
    for _ in range(25):
        expression, day_or, since = fires.cron(random), random.random() < 0.7, moment(random)
        found = list(islice(cron_times(parse(expression), day_or, since, END), MANY))
        told = croniter(expression, since - timedelta(seconds=1), day_or=day_or, ret_type=datetime)
        assert found == [told.get_next() for _ in found], (expression, day_or, since)
        assert len(found) == MANY or found[-1] > END - 30 * 365 * DAY, (expression, day_or, since)


@pytest.mark.parametrize("seed", [0, 2, 3, 4])
def test_rules_fire_as_dateutil_says(seed: int) -> None:
    random, silent = Random(seed), 0
    for _ in range(40):
        start, since = moment(random), moment(random)
        text = fires.rrule(random, f"{start:%Y%m%dT%H%M%S}")
        found = list(islice(rule_times(text, since, END), MANY))
        told = dateutil_says(text, since, len(found))
        silent += not told
        assert not told or found == told, text
    assert silent < 15


def dateutil_says(text: str, since: datetime, most: int) -> list[datetime]:
    """Return when rules fire; nothing for those that dateutil does not take because they never do.

    One time more than wanted it does not have to find: for one that never comes it looks through eight thousand years.
    """
    try:
        return list(islice(rrulestr(text).xafter(since, inc=True), most)) if most else []
    except ValueError:
        return []


GAPS = [
    ("America/New_York", datetime(2025, 3, 9)),
    ("Europe/Berlin", datetime(2026, 3, 29)),
    ("Australia/Lord_Howe", datetime(2025, 10, 5)),
    ("America/Santiago", datetime(2025, 9, 7)),
]
FOLDS = [
    ("America/New_York", datetime(2025, 11, 2)),
    ("Europe/Berlin", datetime(2026, 10, 25)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5)),
    ("America/Santiago", datetime(2026, 4, 4)),
]


def readings(zone: ZoneInfo, begin: datetime) -> dict[datetime, datetime]:
    """Read the wall's clock each minute of three days: when it shows a time first."""
    read: dict[datetime, datetime] = {}
    start = (begin - DAY).replace(tzinfo=UTC)
    for minutes in range(3 * 24 * 60):
        at = start + minutes * MINUTE
        read.setdefault(at.astimezone(zone).replace(tzinfo=None), at)
    return read


@pytest.mark.parametrize(("name", "day"), GAPS + FOLDS)
@pytest.mark.parametrize(
    "expression", ["* * * * *", "*/7 * * * *", "30 2 * * *", "0 0-3 * * *", "15 */2 * * *", "45 1 * * *"]
)
def test_the_clock_on_the_wall_says_when(name: str, day: datetime, expression: str) -> None:
    zone = ZoneInfo(name)
    read = readings(zone, day)
    walls = sorted(read)
    left_out = {
        wall + timedelta(minutes=each): shown
        for wall, shown in pairwise(walls)
        for each in range(1, (shown - wall) // MINUTE)
    }
    told = croniter(expression, walls[0] - MINUTE, ret_type=datetime)
    expected = set()
    while (wall := told.get_next()) <= walls[-1]:
        length = (
            left_out[wall] - max(each for each in walls if each < wall) - MINUTE if wall in left_out else timedelta()
        )
        expected.add(read[wall - length])
    start, end = read[walls[0]], read[walls[-1]]
    found = list(dates(schedule_of({"cron": expression, "timezone": name}), start, end))
    assert found == sorted(expected)
    for first in range(0, len(found), 13):  # wherever one begins, the same comes
        begin = found[first]
        again = dates(schedule_of({"cron": expression, "timezone": name}), begin, end)
        assert list(islice(again, 5)) == found[first : first + 5]


@pytest.mark.parametrize("days", [1, 2, 7])
def test_an_interval_of_days_keeps_its_hour(days: int) -> None:
    schedule = schedule_of(
        {"interval": days * 86_400, "anchor_date": "2025-01-15T14:00:00Z", "timezone": "America/New_York"}
    )
    winter = list(islice(dates(schedule, datetime(2025, 1, 1, tzinfo=UTC)), 400 // days))
    summer = list(islice(dates(schedule, datetime(2025, 7, 1, tzinfo=UTC)), 100 // days))
    local = [date.astimezone(ZoneInfo("America/New_York")) for date in winter]
    assert {(date.hour, date.minute) for date in local} == {(9, 0)}
    assert summer == [date for date in winter if date >= datetime(2025, 7, 1, tzinfo=UTC)][: len(summer)]
    assert {later.date() - date.date() for date, later in pairwise(local)} == {days * DAY}


def test_a_shorter_interval_does_not_heed_the_wall() -> None:
    schedule = schedule_of({"interval": 43_200, "anchor_date": "2025-03-08T14:00:00Z", "timezone": "America/New_York"})
    found = list(islice(dates(schedule, datetime(2025, 3, 8, 14, tzinfo=UTC)), 5))
    assert [date.astimezone(ZoneInfo("America/New_York")).hour for date in found] == [9, 21, 10, 22, 10]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
        "FREQ=SECONDLY;BYSETPOS=2",
        "FREQ=MONTHLY;BYDAY=9MO",
        "FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY",
        "FREQ=SECONDLY;INTERVAL=9999999999999999999;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=DAILY;COUNT=3",
        "FREQ=SECONDLY;UNTIL=20200202",
        "FREQ=SECONDLY;BYSECOND=0,1;COUNT=999999999999",
        *["\nRRULE:".join(["FREQ=SECONDLY;INTERVAL=60;BYSECOND=30"] * 100)],
    ],
)
def test_a_rule_that_never_fires_comes_to_an_end(text: str) -> None:
    schedule = schedule_of({"rrule": f"DTSTART:20200101T000000\nRRULE:{text}"})
    assert list(dates(schedule, datetime(2025, 1, 1, tzinfo=UTC))) == []


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=HOURLY;BYMINUTE=-1",
        "FREQ=DAILY;UNTIL=20251332",
        "FREQ=DAILY\nEXDATE:20250230T000000",
        "FREQ=DAILY;WKST=XX",
        "FREQ=DAILY;COUNT=" + "9" * 6000,
        "FREQ=FORTNIGHTLY",
        "EVERY DAY",
        "",
        "FREQ=DAILY\n" * 1000,
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rrule"):
        schedule_of({"rrule": text})


SECOND_BY_SECOND = "FREQ=YEARLY;BYHOUR=" + ",".join(map(str, range(24))) + "".join(
    f";{name}=" + ",".join(map(str, range(60))) for name in ("BYMINUTE", "BYSECOND")
)  # fmt: skip


@pytest.mark.parametrize(
    "text", ["FREQ=SECONDLY", "FREQ=SECONDLY;COUNT=999999999999", SECOND_BY_SECOND + ";BYMONTH=1,2,3"]
)
def test_a_dense_rule_is_read_from_where_it_is_asked_for(text: str) -> None:
    schedule = schedule_of({"rrule": f"DTSTART:20000101T000000\nRRULE:{text}"})
    start = datetime(2025, 1, 1, 0, 0, 7, tzinfo=UTC)
    assert list(islice(dates(schedule, start), 3)) == [start + timedelta(seconds=each) for each in range(3)]


@pytest.mark.parametrize(
    "schedule",
    [
        {"cron": "0 0 30 2 *"},
        {"cron": "* * * * *"},
        {"interval": 1},
        {"interval": 86_400 * 365 * 900_000},
        {"rrule": "FREQ=DAILY"},
    ],
)
@pytest.mark.parametrize("year", [1, 1970, 2025, 9999])
def test_no_moment_is_too_far_away(schedule: dict[str, Any], year: int) -> None:
    start = datetime(year, 6, 1, tzinfo=UTC)
    found: Iterator[datetime] = islice(dates(schedule_of(schedule), start, datetime(9999, 12, 31, tzinfo=UTC)), 10)
    assert all(date >= start for date in found)
