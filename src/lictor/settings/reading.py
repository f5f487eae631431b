"""How a setting's value is read, from a text (environment, .env, profile) or from a TOML value."""

from __future__ import annotations

import json
import os.path
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, TypeVar

from lictor.kit.secret import Secret

T = TypeVar("T")
N = TypeVar("N", int, float, timedelta)

MOST_DIGITS = 100
INTEGER = r"[+-]?\d+(?:_\d+)*(?:\.0+)?"
ISO = r"\+?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?"
CLOCK = r"(?:(\d+)(?: days?,)? )?(\d{2,}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?"
"""Patterns; they are compiled when first needed, as a flow's start should not wait for them."""
DAYS = {"years": 365, "months": 30}
TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
FALSE = frozenset({"0", "false", "f", "no", "n", "off"})
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
HOME = "$PREFECT_HOME"


class Kind(Generic[T]):
    """A type of values: its name, how one is read, and whether it is secret."""

    __slots__ = ("name", "read", "secret")

    def __init__(self, name: str, read: Callable[[object], T], *, secret: bool = False) -> None:
        self.name, self.read, self.secret = name, read, secret

    def __call__(self, given: object) -> T:
        """Read a value."""
        return self.read(given)


def kind(name: str, *, secret: bool = False) -> Callable[[Callable[[object], T]], Kind[T]]:
    """Make a kind of a function that reads."""
    return lambda read: Kind(name, read, secret=secret)


def optional(kind: Kind[T]) -> Kind[T | None]:
    """Return a kind that may be left unset; an empty text counts as that."""
    return Kind(
        f"{kind.name}, optional",
        lambda given: None if given is None or given == "" else kind.read(given),
        secret=kind.secret,
    )


def within(kind: Kind[N], *, low: N | None = None, above: N | None = None, high: N | None = None) -> Kind[N]:
    """Return a kind whose values have bounds: `low` and `high` are allowed themselves, `above` is not."""
    bounds = [
        *([f"at least {bound(low)}"] if low is not None else []),
        *([f"above {bound(above)}"] if above is not None else []),
        *([f"at most {bound(high)}"] if high is not None else []),
    ]

    def read(given: object) -> N:
        value = kind.read(given)
        if (
            (low is not None and value < low)
            or (above is not None and value <= above)
            or (high is not None and value > high)
        ):
            raise ValueError(f"use {kind.name} {' and '.join(bounds)}")
        return value

    return Kind(f"{kind.name} {' and '.join(bounds)}", read)


def bound(value: float | timedelta) -> str:
    """Write a bound."""
    return iso(value) if isinstance(value, timedelta) else f"{value:g}"


def choice(*names: str) -> Kind[str]:
    """Return the kind of a few names."""

    def read(given: object) -> str:
        if given not in names:
            raise ValueError(f"use one of {', '.join(names)}")
        return str(given)

    return Kind(f"one of {', '.join(names)}", read)


@kind("anything")
def anything(given: object) -> Any:
    """Take a value as it is."""
    return given


@kind("a text")
def text(given: object) -> str:
    """Read a text as it is."""
    if not isinstance(given, str):
        raise ValueError("use a text, in quotes")
    return given


@kind("a path")
def path(given: object) -> str:
    """Read a path; `~` is the user's folder. `$PREFECT_HOME` at its begin is filled in where it is asked for."""
    return os.path.expanduser(text(given))


@kind("a secret", secret=True)
def secret(given: object) -> Secret:
    """Read a secret."""
    return given if isinstance(given, Secret) else Secret(text(given))


@kind("an address with its password", secret=True)
def address(given: object) -> Secret:
    """Read an address that may hold a password."""
    return secret(given)


@kind("true or false")
def boolean(given: object) -> bool:
    """Read true or false."""
    low = str(given).strip().lower()
    if low not in TRUE | FALSE:
        raise ValueError("use true or false")
    return low in TRUE


@kind("a whole number")
def integer(given: object) -> int:
    """Read a whole number, such as 4300, 4_300 or 4300.0."""
    shown = "" if isinstance(given, bool) else str(given).strip()
    if len(shown) > MOST_DIGITS or not re.fullmatch(INTEGER, shown):
        raise ValueError("use a whole number")
    return int(shown.partition(".")[0])


@kind("a port")
def port(given: object) -> int:
    """Read a port number."""
    number = integer(given)
    if not 0 <= number <= 65535:
        raise ValueError("use a port from 0 to 65535")
    return number


@kind("a number")
def number(given: object) -> float:
    """Read a number that is finite."""
    try:
        value = float("" if isinstance(given, bool) else str(given))
    except ValueError:
        value = float("nan")
    if value - value != 0:  # not a number, or infinite
        raise ValueError("use a number")
    return value


@kind("a number, or a list of numbers")
def numbers(given: object) -> list[float]:
    """Read a number, several separated by commas, or a list of numbers."""
    try:
        return [number(each) for each in parts(given)] if isinstance(given, str | list) else [number(given)]
    except ValueError:
        raise ValueError("use a number, or numbers such as [1, 2.5]") from None


@kind("HTTP statuses, separated by commas")
def codes(given: object) -> frozenset[int]:
    """Read HTTP statuses."""
    try:
        values = frozenset(integer(each) for each in parts(given))
    except ValueError:
        values = frozenset({0})
    if not all(100 <= code <= 599 for code in values):
        raise ValueError("use HTTP statuses from 100 to 599, separated by commas")
    return values


@kind("names, separated by commas")
def names(given: object) -> list[str]:
    """Read names, each once, in order of the alphabet."""
    return sorted({text(each) for each in parts(given)})


@kind("true, false, or names separated by commas")
def switches(given: object) -> bool | list[str]:
    """Read true or false for all of something, or the names of some; an empty text is false."""
    if given == "":
        return False
    if isinstance(given, bool) or str(given).strip().lower() in TRUE | FALSE:
        return boolean(given)
    return names(given)


def parts(given: object) -> list[Any]:
    """Return the parts of a list: a JSON list, texts separated by commas, or a list itself."""
    if isinstance(given, list | tuple | set | frozenset):
        return list(given)
    if isinstance(given, str) and given.lstrip().startswith("["):
        try:
            return list(json.loads(given))
        except (ValueError, RecursionError):
            raise ValueError('use a list such as ["a", "b"], or a,b') from None
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    if isinstance(given, int) and not isinstance(given, bool):
        return [given]
    raise ValueError('use a list such as ["a", "b"], or a,b')


@kind("a log level")
def level(given: object) -> str:
    """Read a log level."""
    if str(given).upper() not in LEVELS:
        raise ValueError(f"use one of {', '.join(LEVELS)}")
    return str(given).upper()


@kind("a table of texts", secret=True)
def headers(given: object) -> dict[str, str]:
    """Read headers, whose values may be credentials."""
    value = table(given)
    if not all(isinstance(item, str) for item in value.values()):
        raise ValueError('use a JSON object of texts, such as {"X-Team": "data"}')
    return value


def table(given: object) -> dict[str, Any]:
    """Read a JSON object, or a table itself; an empty text is an empty one."""
    try:
        value = json.loads(given or "{}") if isinstance(given, str) else given
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError('use a JSON object, such as {"name": "value"}')
    return value


@kind("a duration")
def duration(given: object) -> timedelta:
    """Read a duration: ISO 8601 such as PT1H, [days ]hours:minutes[:seconds], or a TOML number of seconds."""
    if isinstance(given, timedelta):
        value = given
    elif isinstance(given, int | float) and not isinstance(given, bool):
        value = span(seconds=number(given))
    else:
        value = parse(str(given))
    if value < timedelta(0):
        raise ValueError("use a duration that is not negative")
    return value


@kind("a duration")
def seconds(given: object) -> timedelta:
    """Read a duration whose text may also be a plain number of seconds."""
    try:
        plain = number(given)
    except ValueError:
        return duration(given)
    return duration(plain)


@kind("a table of durations")
def durations(given: object) -> dict[str, timedelta]:
    """Read a table of durations."""
    try:
        return {name: seconds(value) for name, value in table(given).items()}
    except ValueError:
        raise ValueError('use a JSON object of durations, such as {"prefect.flow-run.heartbeat": "P7D"}') from None


def parse(given: str) -> timedelta:
    """Parse the text of a duration; a year counts 365 days, a month 30."""
    written = re.fullmatch(ISO, given)
    if written and any(written.groups()):
        years, months, weeks, days, *times = (float((part or "0").replace(",", ".")) for part in written.groups())
        days += years * DAYS["years"] + months * DAYS["months"] + weeks * 7
        return span(days, *times)
    clock = re.fullmatch(CLOCK, given)
    if clock:
        return span(*(float(part or 0) for part in clock.groups()))
    raise ValueError("use an ISO 8601 duration such as PT1H, or hours:minutes:seconds such as 01:00:00")


def span(days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> timedelta:
    """Return a duration that is not too long to count with."""
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise ValueError("use a duration below a million days") from None


def iso(value: timedelta) -> str:
    """Write a duration in ISO 8601; 365 days are a year."""
    years, days = divmod(value.days, DAYS["years"])
    seconds = value.seconds
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f"{value.microseconds:06}".rstrip("0")
    last = f"{seconds}{'.' if fraction else ''}{fraction}S" if seconds or fraction else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + last
    date = (f"{years}Y" if years else "") + (f"{days}D" if days else "")
    return "P" + date + (f"T{time}" if time else "" if date else "T0S")
