"""Reads cron expressions: five fields, or six with seconds last, or seven with years after them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
MONTHS = {
    name: at
    for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
WEEKDAYS = {name: at for at, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")
NTH = re.compile(r"(?P<day>\w+)#(?P<nth>[1-5]|l)")
LAST = "l"
EVERY = ("*", "?")
FEWEST, MOST = 5, 7


class Cron(NamedTuple):
    """When a cron expression fires, as the values of each field.

    Days of the week are counted from Sunday, 0. `last_day` is the last of a month; `nth` are pairs of a weekday and its
    place in a month, -1 for the last. `any_day` and `any_weekday` tell that a field limits nothing: then the other
    alone counts.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    seconds: frozenset[int]
    years: frozenset[int] | None
    any_day: bool
    any_weekday: bool


def parse(expression: str) -> Cron:
    """Read an expression; raise ValueError that says what is wrong with it."""
    fields = ALIASES.get(expression.strip().lower(), expression).lower().split()
    if not FEWEST <= len(fields) <= MOST:
        raise ValueError(f"{expression!r} has {len(fields)} fields; a cron expression has {FEWEST} to {MOST}")
    minutes, hours, days, months, weekdays = fields[:FEWEST]
    seconds, years = (*fields[FEWEST:], *("0", "*")[len(fields) - FEWEST :])
    week, nth = read_weekdays(weekdays)
    plain_days = [part for part in days.split(",") if part != LAST]
    return Cron(
        minutes=read("minute", minutes, 0, 59),
        hours=read("hour", hours, 0, 23),
        days=read("day of the month", ",".join(plain_days), 1, 31) if plain_days else frozenset(),
        last_day=LAST in days.split(","),
        months=read("month", months, 1, 12, MONTHS),
        weekdays=week,
        nth=nth,
        seconds=read("second", seconds, 0, 59),
        years=None if years in EVERY else read("year", years, 1970, 2099),
        any_day=names_all(days),
        any_weekday=names_all(weekdays) or (len(week) == 7 and days.startswith(EVERY)),
    )


def names_all(field: str) -> bool:
    """Tell whether a field says that it limits nothing."""
    return not set(EVERY).isdisjoint(field.split(","))


def read_weekdays(field: str) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Return the days of the week of a field, and those that only count at some place of a month."""
    plain, nth = [], set()
    for part in field.split(","):
        placed = NTH.fullmatch(part)
        if placed:
            nth.add((number("day of the week", placed["day"], 0, 7, WEEKDAYS) % 7, place(placed["nth"])))
        elif len(part) > 1 and part.startswith(LAST):
            nth.add((number("day of the week", part[1:], 0, 7, WEEKDAYS) % 7, -1))
        else:
            plain.append(part)
    if plain and nth:
        raise ValueError(f"{field!r} mixes days of the week with days at a place of the month: use one or the other")
    days = read("day of the week", ",".join(plain), 0, 7, WEEKDAYS) if plain else frozenset()
    return frozenset(day % 7 for day in days), frozenset(nth)


def place(said: str) -> int:
    """Return the place of a weekday in a month, -1 for the last."""
    return -1 if said == LAST else int(said)


def read(name: str, field: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """Return the values of a field."""
    return frozenset(value for part in field.split(",") for value in values(name, part, low, high, names or {}))


def values(name: str, part: str, low: int, high: int, names: Mapping[str, int]) -> Iterator[int]:
    """Return the values of one part of a field: a number, a range, or every so many of one; ranges may wrap."""
    said = PART.fullmatch("*" + part[1:] if part.startswith("?") else part)
    if said is None:
        raise ValueError(f"{part!r} is no {name}")
    step = int(said["step"] or 1)
    if step < 1 or step > high or (said["first"] == "*" and said["last"]):
        raise ValueError(f"{part!r} is no {name}")
    if said["first"] == "*":
        yield from range(low, high + 1, step)
        return
    first = number(name, said["first"], low, high, names)
    if not said["last"]:
        yield from range(first, high + 1, step) if said["step"] else (first,)
        return
    last = number(name, said["last"], low, high, names)
    if last >= first:
        yield from range(first, last + 1, step)
        return
    span = high - low + 1
    yield from ((value - low) % span + low for value in range(first, last + span + 1, step))


def number(name: str, said: str, low: int, high: int, names: Mapping[str, int]) -> int:
    """Return a number of a field, which may be a name."""
    value = names.get(said, int(said) if said.isascii() and said.isdigit() else None)
    if value is None or not low <= value <= high:
        raise ValueError(f"{said!r} is no {name}: it is {low} to {high}")
    return value
