"""Random schedules for the tests of what fires when."""

from __future__ import annotations

from random import Random
from typing import Any

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # by half an hour
    "America/Santiago",  # at midnight
    "Asia/Kathmandu",
    "UTC",
)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def cron_field(random: Random, low: int, high: int, every: float) -> str:
    """Return one field."""
    if random.random() < every:
        return random.choice(["*", "*", f"*/{random.randint(2, (high - low) // 2)}"])
    first, last = sorted(random.sample(range(low, high + 1), 2))
    return random.choice([f"{first}", f"{first},{last}", f"{first}-{last}", f"{first}-{last}/{random.randint(2, 5)}"])


def cron(random: Random) -> str:
    """Return an expression that fires some time; some have seconds."""
    day, weekday = cron_field(random, 1, 28, 0.5), cron_field(random, 0, 6, 0.5)
    if random.random() < 0.1:
        day = random.choice(["l", "31", "15,l"])
    if random.random() < 0.15:
        day, weekday = "*", random.choice(["mon#2", "l5", "tue#1,fri#4", "sun", "mon-fri", "7", "5-7"])
    fields = [
        cron_field(random, 0, 59, 0.5),
        cron_field(random, 0, 23, 0.5),
        day,
        cron_field(random, 1, 12, 0.7),
        weekday,
    ]
    if random.random() < 0.1:
        fields.append(cron_field(random, 0, 59, 0.3))
    return " ".join(fields)


def sample(random: Random, values: range, most: int = 3) -> str:
    """Return a list of some numbers."""
    return ",".join(map(str, sorted(random.sample(values, random.randint(1, most)))))


def rule(random: Random, frequency: str, kind: str = "RRULE") -> str:
    """Return a rule of one frequency with some of the parts that make sense with it."""
    often = frequency in ("HOURLY", "MINUTELY", "SECONDLY")
    parts = [f"FREQ={frequency}"]
    if random.random() < 0.5:
        parts.append(
            f"INTERVAL={random.choice([1, 2, 3, 5, 7, 12, 36, 90])}" if often else f"INTERVAL={random.randint(1, 3)}"
        )
    if random.random() < 0.2:
        parts.append(f"WKST={random.choice(WEEKDAYS)}")
    place = random.random()
    if place < 0.25:
        nth = random.choice(["", "1", "-1", "2", "+3", "-2"]) if frequency in ("YEARLY", "MONTHLY") else ""
        parts.append("BYDAY=" + ",".join(nth + each for each in random.sample(WEEKDAYS, random.randint(1, 3))))
    elif place < 0.45:
        parts.append("BYMONTHDAY=" + random.choice([sample(random, range(1, 32)), "-1", "13,-2"]))
    elif place < 0.55 and frequency == "YEARLY":
        parts.append(random.choice(["BYYEARDAY=1,100,-1", "BYWEEKNO=1,20,52", "BYWEEKNO=-1,53", "BYEASTER=-2,0,49"]))
    if random.random() < 0.2:
        parts.append("BYMONTH=" + sample(random, range(1, 13), 6))
    for name, most in (("BYHOUR", 24), ("BYMINUTE", 60), ("BYSECOND", 60)):
        if random.random() < (0.3 if name != "BYSECOND" or frequency == "SECONDLY" else 0.1):
            parts.append(f"{name}={sample(random, range(most), 4)}")
    if random.random() < 0.15:
        parts.append(f"BYSETPOS={random.choice(['1', '-1', '1,-1'])}")
    ends = random.random()
    if ends < 0.15:
        parts.append(f"COUNT={random.randint(1, 400)}")
    elif ends < 0.25:
        parts.append(f"UNTIL=20{random.randint(25, 28)}0615T120000")
    return f"{kind}:{';'.join(parts)}"


FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")


def rrule(random: Random, start: str) -> str:
    """Return a rule with its beginning, or a set of some with dates that are in it and dates that are not."""
    lines = [f"DTSTART:{start}", rule(random, random.choice(FREQUENCIES))]
    if random.random() < 0.25:
        lines.append(rule(random, "DAILY"))
        lines.append("RDATE:20250901T101500,20251102T013000,20260308T023000")
        lines.append("EXDATE:20250902T101500," + start)
        if random.random() < 0.5:
            lines.append(rule(random, "WEEKLY", "EXRULE"))
    return "\n".join(lines)


def schedule(random: Random) -> dict[str, Any]:
    """Return a schedule as it is sent, with a time zone."""
    zone = random.choice(ZONES)
    match random.choice(["cron", "rrule", "interval"]):
        case "cron":
            return {"cron": cron(random), "timezone": zone, "day_or": random.random() < 0.7}
        case "rrule":
            start = f"2025{random.randint(1, 9):02}{random.randint(1, 28):02}T{random.randint(0, 23):02}{random.randint(0, 59):02}00"
            return {"rrule": rrule(random, start), "timezone": zone}
    seconds = random.choice([random.randint(1, 86_399), random.randint(1, 60) * 86_400])
    return {"interval": seconds, "timezone": zone, "anchor_date": f"2025-0{random.randint(1, 9)}-11T12:34:56Z"}
