"""Times and durations as people write them on the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
import pytest

from lictor.cli.times import Duration, Moment, Seconds, duration, length, moment

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is five hours behind."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "span", "brief"),
    [
        ("5 minutes", timedelta(minutes=5), "5m"),
        ("in 1 hour", timedelta(hours=1), "1h"),
        ("1h30m", timedelta(minutes=90), "1h 30m"),
        ("an hour, 30 minutes and 1 second", timedelta(seconds=5401), "1h 30m 1s"),
        ("1.5 hours", timedelta(minutes=90), "1h 30m"),
        ("2 Days", timedelta(days=2), "2d"),
        ("1 week", timedelta(days=7), "7d"),
        ("PT1H30M", timedelta(minutes=90), "1h 30m"),
        ("0.5s", timedelta(milliseconds=500), "0.5s"),
        ("0 minutes", timedelta(0), "0s"),
    ],
)
def test_a_duration_is_read_and_told(text: str, span: timedelta, brief: str) -> None:
    assert duration(text) == span
    assert length(span) == brief


@pytest.mark.parametrize(
    "text", ["", "in", "5", "minutes", "1 month", "PT", "5 minutes!", "-5 minutes", "9" * 12 + "d"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write '5 minutes'|a hundred years"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("5:30pm", "2026-11-27T17:30-05:00"),
        ("at 17:30", "2026-11-27T17:30-05:00"),
        ("17:30:05", "2026-11-27T17:30:05-05:00"),
        ("6am", "2026-11-28T06:00-05:00"),
        ("12 am", "2026-11-28T00:00-05:00"),
        ("midnight", "2026-11-28T00:00-05:00"),
        ("today at 6:00", "2026-11-27T06:00-05:00"),
        ("tomorrow at 9am", "2026-11-28T09:00-05:00"),
        ("Friday 18:00", "2026-11-27T18:00-05:00"),
        ("friday at 6am", "2026-12-04T06:00-05:00"),
        ("monday, noon", "2026-11-30T12:00-05:00"),
        ("17:30 Europe/Berlin", "2026-11-27T17:30+01:00"),
        ("17:30 +02:00", "2026-11-27T17:30+02:00"),
        ("11:00 UTC", "2026-11-28T11:00+00:00"),
        ("2022-08-01 17:30", "2022-08-01T17:30-04:00"),
        ("at 2022-08-01 17:30:00", "2022-08-01T17:30-04:00"),
        ("2022-08-01 5:30pm UTC", "2022-08-01T17:30+00:00"),
        ("2022-08-01", "2022-08-01T00:00-04:00"),
        ("2022-08-01T17:30:00Z", "2022-08-01T17:30+00:00"),
    ],
)
def test_a_time_is_read(text: str, when: str) -> None:
    assert moment(text, FRIDAY) == datetime.fromisoformat(when)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "write '17:30'"),
        ("17", "write '17:30'"),
        ("in 5 minutes", "write '17:30'"),
        ("someday 17:30", "write '17:30'"),
        ("2022-13-01 5pm", "write '17:30'"),
        ("0001-01-01", "write '17:30'"),
        ("25:00", "hour must be in"),
        ("13pm", "from 1 to 12"),
        ("17:30 Mars", "'Mars' is no time zone"),
    ],
)
def test_what_is_no_time_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        moment(text, FRIDAY)


def test_options_read_them() -> None:
    minute = timedelta(minutes=1)
    assert Duration().convert("1 minute", None, None) == minute
    assert Duration().convert(minute, None, None) == minute
    assert Seconds().convert("60", None, None) == Seconds().convert("1 minute", None, None) == minute
    assert Moment().convert("2022-08-01T17:30:00Z", None, None) == datetime(2022, 8, 1, 17, 30, tzinfo=UTC)
    for kind in (Duration(), Seconds(), Moment()):
        with pytest.raises(click.BadParameter, match="'nan' is no"):
            kind.convert("nan", None, None)
