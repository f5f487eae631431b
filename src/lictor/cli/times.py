"""Times and durations as people write them: `5 minutes`, `17:30`, `tomorrow at 9am`, or as ISO 8601 does."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import click
import msgspec

from lictor.kit.clock import now

UNITS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "week": 604800,
}
"""The seconds of a unit; its name may end in s."""
SHOWN_UNITS = ((86400, "d"), (3600, "h"), (60, "m"))
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_SECONDS = 100 * 365 * 86400
HOURS = {"midnight": time(0), "noon": time(12)}
PART = re.compile(r"(?P<number>\d+(?:\.\d+)?|an?)\s*(?P<unit>[a-z]+)(?:\s*,\s*|\s+and\s+|\s*)")
WORDS = re.compile(
    r"(?:(?P<day>[a-z]+|\d{4}-\d\d-\d\d)(?:\s+at|,)?\s+)?"
    r"(?P<clock>noon|midnight|\d{1,2}(?::\d\d){1,2}(?:\s*[ap]m)?|\d{1,2}\s*[ap]m)"
    r"(?:\s+(?P<zone>\S+))?",
    re.IGNORECASE,
)
CLOCK = re.compile(r"(?P<hour>\d+)(?::(?P<minute>\d+))?(?::(?P<second>\d+))?\s*(?P<half>[ap]m)?")
DURATIONS = "write '5 minutes', '1 hour 30 minutes', '2 days' or 'PT5M'"
MOMENTS = "write '17:30', '5:30pm', 'tomorrow at 9:00', 'friday 18:00', '2026-08-01 17:30' or '2026-08-01T17:30:00Z'"


def duration(text: str) -> timedelta:
    """Return a duration; raise ValueError for what is none."""
    said = text.strip().lower().removeprefix("in ").strip()
    if said.startswith("p"):
        return iso_duration(said.upper(), text)
    at, seconds = 0, 0.0
    while at < len(said):
        part = PART.match(said, at)
        unit = UNITS.get(part["unit"]) or UNITS.get(part["unit"].removesuffix("s")) if part else None
        if part is None or unit is None:
            raise ValueError(f"'{text}' is no duration: {DURATIONS}")
        seconds += unit * (1 if part["number"].startswith("a") else float(part["number"]))
        at = part.end()
    if not said:
        raise ValueError(f"'{text}' is no duration: {DURATIONS}")
    return timedelta(seconds=bounded(seconds, text))


def iso_duration(said: str, text: str) -> timedelta:
    """Return a duration as ISO 8601 writes it."""
    try:
        found = msgspec.convert(said, timedelta)
    except msgspec.ValidationError:
        raise ValueError(f"'{text}' is no duration: {DURATIONS}") from None
    bounded(found.total_seconds(), text)
    return found


def bounded(seconds: float, text: str) -> float:
    """Return seconds that a duration may last."""
    if seconds > MOST_SECONDS:
        raise ValueError(f"'{text}' is too long: a hundred years are the most")
    return seconds


def moment(text: str, present: datetime | None = None) -> datetime:
    """Return a time; raise ValueError for what is none.

    Without a zone it is one of this machine's clock. A time without a day is the next one that comes, and a weekday is
    the next such day on which it comes.
    """
    said = text.strip().removeprefix("at ").strip()
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(said).astimezone()
    words = WORDS.fullmatch(said)
    if words is None:
        raise ValueError(f"'{text}' is no time: {MOMENTS}")
    zone = None if words["zone"] is None else zone_of(words["zone"], text)
    here = (present or now()).astimezone(zone)
    clock = clock_of(words["clock"].lower(), text)
    found = placed(here, clock, 0, zone)
    match (words["day"] or "").lower():
        case "":
            return found if found > here else placed(here, clock, 1, zone)
        case "today":
            return found
        case "tomorrow":
            return placed(here, clock, 1, zone)
        case day if day in WEEKDAYS:
            ahead = (WEEKDAYS.index(day) - here.weekday()) % 7
            found = placed(here, clock, ahead, zone)
            return found if found > here else placed(here, clock, ahead + 7, zone)
        case day:
            with suppress(ValueError):
                return placed(datetime.fromisoformat(day), clock, 0, zone)
            raise ValueError(f"'{text}' is no time: {MOMENTS}")


def placed(day: datetime, clock: time, ahead: int, zone: tzinfo | None) -> datetime:
    """Return a time of the day, so many days after one."""
    found = datetime.combine(day.date() + timedelta(days=ahead), clock)
    return found.astimezone() if zone is None else found.replace(tzinfo=zone)


def clock_of(said: str, text: str) -> time:
    """Return a time of the day."""
    if said in HOURS:
        return HOURS[said]
    parts = CLOCK.fullmatch(said)
    assert parts is not None
    hour = int(parts["hour"])
    if parts["half"] is not None:
        if not 1 <= hour <= 12:
            raise ValueError(f"'{text}' is no time: with am and pm hours go from 1 to 12")
        hour = hour % 12 + (12 if parts["half"] == "pm" else 0)
    try:
        return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0))
    except ValueError as wrong:
        raise ValueError(f"'{text}' is no time: {wrong}") from None


def zone_of(name: str, text: str) -> tzinfo:
    """Return a time zone, by its name or as an offset."""
    with suppress(ValueError, OSError, LookupError):
        return ZoneInfo(name)
    with suppress(ValueError):
        offset = datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo
        if offset is not None:
            return offset
    raise ValueError(
        f"'{text}': '{name}' is no time zone: give its name, such as Europe/Berlin, or an offset as +02:00"
    )


def length(span: timedelta) -> str:
    """Return a duration in brief, such as `1h 30m`."""
    left, parts = span.total_seconds(), []
    for size, unit in SHOWN_UNITS:
        number, left = divmod(left, size)
        parts += [f"{number:g}{unit}"] if number else []
    return " ".join([*parts, *([f"{left:g}s"] if left or not parts else [])])


class Duration(click.ParamType[timedelta]):
    """A duration on the command line."""

    name = "duration"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration, or say what is wrong with the text."""
        try:
            return value if isinstance(value, timedelta) else duration(value)
        except ValueError as wrong:
            self.fail(f"{wrong}.", param, ctx)


class Seconds(Duration):
    """A duration, or a number of seconds."""

    name = "seconds"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration, or say what is wrong with the text."""
        with suppress(ValueError, OverflowError):
            return timedelta(seconds=float(value)) if isinstance(value, str) else value
        return super().convert(value, param, ctx)


class Moment(click.ParamType[datetime]):
    """A time on the command line."""

    name = "time"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time, or say what is wrong with the text."""
        try:
            return value if isinstance(value, datetime) else moment(value)
        except ValueError as wrong:
            self.fail(f"{wrong}.", param, ctx)
