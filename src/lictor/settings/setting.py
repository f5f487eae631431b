"""What a setting is, and how its text is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Generic, TypeVar

from lictor.kit.secret import Secret

T = TypeVar("T")

ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
CLOCK = re.compile(r"(?:(\d+) )?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)")
TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
FALSE = frozenset({"0", "false", "f", "no", "n", "off"})
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Setting(Generic[T]):
    """One row of the table: dotted path, how its text is read, default, aliases, and what it does."""

    __slots__ = ("aliases", "default", "doc", "own", "path", "read", "secret")

    def __init__(
        self,
        path: str,
        read: Callable[[str], T],
        default: T,
        doc: str,
        *,
        aliases: tuple[str, ...] = (),
        own: bool = False,
    ) -> None:
        self.path, self.read, self.default, self.doc, self.aliases, self.own = path, read, default, doc, aliases, own
        self.secret = read in (secret, address)

    @property
    def name(self) -> str:
        """The environment variable: PREFECT_ and the path in capitals."""
        return "PREFECT_" + self.path.replace(".", "_").upper()

    @property
    def names(self) -> tuple[str, ...]:
        """All its environment variables, the one that wins first."""
        return (self.name, *self.aliases)

    def __repr__(self) -> str:
        return f"Setting({self.path})"


def text(given: str) -> str:
    """Read a text as it is."""
    return given


def optional(given: str) -> str | None:
    """Read a text; an empty one counts as not set."""
    return given or None


def secret(given: str) -> Secret | None:
    """Read a secret; an empty one counts as not set."""
    return Secret(given) if given else None


def address(given: str) -> Secret | None:
    """Read an address that may hold a password."""
    return secret(given)


def boolean(given: str) -> bool:
    """Read true or false."""
    low = given.strip().lower()
    if low in TRUE:
        return True
    if low in FALSE:
        return False
    raise ValueError("use true or false")


def integer(given: str) -> int:
    """Read a whole number."""
    try:
        return int(given)
    except ValueError:
        raise ValueError("use a whole number") from None


def optional_integer(given: str) -> int | None:
    """Read a whole number; an empty text counts as not set."""
    return integer(given) if given else None


def port(given: str) -> int:
    """Read a port number."""
    number = integer(given)
    if not 0 <= number <= 65535:
        raise ValueError("use a port from 0 to 65535")
    return number


def number(given: str) -> float:
    """Read a number."""
    try:
        return float(given)
    except ValueError:
        raise ValueError("use a number") from None


def numbers(given: str) -> list[float]:
    """Read a number, or a JSON list of numbers."""
    try:
        value = json.loads(given)
    except ValueError:
        raise ValueError("use a number or a JSON list of numbers") from None
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, int | float) for item in values):
        raise ValueError("use a number or a JSON list of numbers")
    return [float(item) for item in values]


def codes(given: str) -> frozenset[int]:
    """Read HTTP statuses, separated by commas."""
    values = frozenset(integer(part) for part in given.replace("[", "").replace("]", "").split(",") if part.strip())
    if not all(100 <= code <= 599 for code in values):
        raise ValueError("use HTTP statuses from 100 to 599, separated by commas")
    return values


def level(given: str) -> str:
    """Read a log level."""
    if given.upper() not in LEVELS:
        raise ValueError(f"use one of {', '.join(LEVELS)}")
    return given.upper()


def table(given: str) -> dict[str, str]:
    """Read a JSON object of texts."""
    try:
        value = json.loads(given or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError('use a JSON object of texts, such as {"X-Team": "data"}')
    return value


def duration(given: str) -> timedelta:
    """Read a duration: ISO 8601 such as PT1H, or [days ]hours:minutes:seconds."""
    iso = ISO.fullmatch(given)
    if iso and any(iso.groups()):
        weeks, days, hours, minutes, seconds = (float(part or 0) for part in iso.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    clock = CLOCK.fullmatch(given)
    if clock:
        days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    raise ValueError("use an ISO 8601 duration such as PT1H, or hours:minutes:seconds such as 01:00:00")


def iso(value: timedelta) -> str:
    """Write a duration in ISO 8601."""
    days, seconds = value.days, value.seconds
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    last = f"{seconds + value.microseconds / 1e6:g}S" if seconds or value.microseconds else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + last
    return "P" + (f"{days}D" if days else "") + (f"T{time}" if time else "" if days else "T0S")


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; secrets are masked."""
    match value:
        case Secret():
            return "**********"
        case timedelta():
            return iso(value)
        case frozenset():
            return sorted(value)
    return value
