"""Reads recurrence rules (RFC 5545): what a text says, and the moment from which its occurrences are counted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LONGEST = 6500
"""How many characters the text of a rule may have: a year of single dates, and some."""
COUNTED_FROM = datetime(2020, 1, 1)  # a wall clock's time, in whichever zone a schedule has
FREQUENCIES = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}
OFTEN = {"SECONDLY": 1, "MINUTELY": 60}
WEEKDAY = re.compile(r"(?:[+-]?\d+)?(?:MO|TU|WE|TH|FR|SA|SU)(?:\([+-]?\d+\))?")
NUMBER = re.compile(r"[+-]?\d{1,4}")
MOMENT = re.compile(r"\d{8}(?:T\d{4}(?:\d\d)?Z?)?")
LISTS = {"BYSETPOS", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYEASTER", "BYWEEKNO"}
CLOCK = {"BYHOUR": 24, "BYMINUTE": 60, "BYSECOND": 60}
RULES, DATES = {"RRULE", "EXRULE"}, {"RDATE", "EXDATE", "DTSTART"}


def check(text: str) -> None:
    """Raise ValueError if a text is no recurrence rule, or set of some."""
    if len(text) > LONGEST:
        raise ValueError(f"a rule has at most {LONGEST} characters, not {len(text)}")
    for line in lines(text):
        name, value = line
        if name in RULES:
            parts(value)
        elif name not in DATES or not all(MOMENT.fullmatch(each) for each in value.split(",")):
            raise ValueError(f"{name}:{value} is neither a rule nor a list of dates")
        else:
            moments(value)


def lines(text: str) -> list[tuple[str, str]]:
    """Return the lines of a text, each with its name; a line that is only a rule's value is a rule."""
    found = []
    for line in text.upper().split():
        head, colon, value = line.rpartition(":")
        found.append((head.split(";")[0] if colon else "RRULE", value))
    if not found:
        raise ValueError("a rule is not empty")
    return found


def moments(value: str) -> list[datetime]:
    """Return the times of a list such as `20250101T093000Z,20250102`, on the wall's clock."""
    try:
        return [datetime.fromisoformat(each.removesuffix("Z")) for each in value.split(",")]
    except ValueError as wrong:
        raise ValueError(f"{value} is no list of dates: {wrong}") from None


def parts(value: str) -> dict[str, str]:
    """Return the parts of a rule, such as `FREQ=DAILY;INTERVAL=2`, by name."""
    found: dict[str, str] = {}
    for part in value.split(";"):
        name, equals, said = part.partition("=")
        if not equals or not fits(name, said):
            raise ValueError(f"{part!r} is no part of a rule")
        found[name] = said
    if found.get("FREQ") not in FREQUENCIES:
        raise ValueError(f"a rule names its FREQ, one of {', '.join(sorted(FREQUENCIES))}")
    return found


def fits(name: str, said: str) -> bool:
    """Tell whether a part of a rule can say this."""
    if name in ("BYDAY", "BYWEEKDAY"):
        return all(WEEKDAY.fullmatch(each) for each in said.split(","))
    if name in LISTS:
        return all(NUMBER.fullmatch(each) for each in said.split(","))
    if name in CLOCK:
        return all(each.isdecimal() and int(each) < CLOCK[name] for each in said.split(","))
    if name in ("INTERVAL", "COUNT"):
        return said.isdecimal() and len(said) < 20 and int(said) >= (name == "INTERVAL")
    if name == "UNTIL":
        return bool(MOMENT.fullmatch(said) and moments(said))
    return name == "FREQ" or (name == "WKST" and bool(WEEKDAY.fullmatch(said)) and len(said) == 2)


def anchored(text: str, now: datetime, timezone: str | None) -> str:
    """Return a rule that says from when its occurrences are counted.

    That is the beginning of 2020, or for a rule that fires every few seconds or minutes without end the last
    occurrence before now: else all in between would have to be counted.
    """
    if "DTSTART" in text.upper():
        return text
    found = lines(text)
    start = COUNTED_FROM
    if len(found) == 1:
        rule = parts(found[0][1])
        seconds = OFTEN.get(rule["FREQ"], 0) * int(rule.get("INTERVAL", 1))
        if seconds and "COUNT" not in rule:
            gone = now.astimezone(ZoneInfo(timezone or "UTC")).replace(tzinfo=None) - start
            start += max(gone // timedelta(seconds=seconds), 0) * timedelta(seconds=seconds)
    return f"DTSTART:{start:%Y%m%dT%H%M%S}\n{text}"
