"""Schedules: when a deployment's runs start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Raw, field

from lictor.kit import cron, recurrence
from lictor.kit.clock import in_utc, now
from lictor.kit.json import decode_any, encode
from lictor.wire.loosening import loosened
from lictor.wire.types.common import Body, DateTime
from lictor.wire.walk import Detail, Place, problems, wrong


class IntervalSchedule(Body, kw_only=True):
    """A run each `interval`, counted from `anchor_date`; by the clock of `timezone`, so that days keep their hour."""

    interval: timedelta
    anchor_date: DateTime = field(default_factory=now)
    timezone: str | None = None


class CronSchedule(Body, kw_only=True):
    """Runs as a cron expression says, by the clock of `timezone`; a time is one in UTC without it.

    With `day_or` a day counts if its date or its weekday does, otherwise if both do.
    """

    cron: str
    timezone: str | None = None
    day_or: bool = True


class RRuleSchedule(Body, kw_only=True):
    """Runs as a recurrence rule (RFC 5545) says, by the clock of `timezone`."""

    rrule: str
    timezone: str | None = "UTC"


class NoSchedule(Body, kw_only=True):
    """No schedule."""


Schedule = IntervalSchedule | CronSchedule | RRuleSchedule
KINDS: dict[str, type[Schedule]] = {
    "interval": IntervalSchedule,
    "cron": CronSchedule,
    "rrule": RRuleSchedule,
}
"""By the field that tells one kind from the others."""


def kind_of(value: Any) -> tuple[str, type[Schedule]]:
    """Return which kind of schedule an object is meant to be."""
    known = value if isinstance(value, dict) else {}
    return next(((name, kind) for name, kind in KINDS.items() if name in known), ("interval", IntervalSchedule))


def mistakes(value: Any, place: Place) -> Iterator[Detail]:
    """Yield what is wrong with a schedule."""
    name, kind = kind_of(value)
    found = problems(kind, form(kind, value), [*place, kind.__name__])
    yield from found
    if found:
        return
    for at, check in ((name, CHECKS[kind]), ("timezone", check_timezone)):
        try:
            check(value.get(at))
        except ValueError as error:
            yield wrong("value_error", [*place, kind.__name__, at], str(error), value.get(at))


def mistakes_or_null(value: Any, place: Place) -> Iterator[Detail]:
    """Yield what is wrong with a schedule that may be null."""
    return iter(()) if value is None else mistakes(value, place)


def form(kind: type[Schedule], value: Any) -> Any:
    """Return an object as the type of its kind is read: an interval in seconds is one as text."""
    value = loosened(kind, value)
    seconds = value.get("interval") if isinstance(value, dict) else None
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        try:
            return {**value, "interval": msgspec.to_builtins(timedelta(seconds=seconds))}
        except (OverflowError, ValueError):  # longer than a duration may be
            return {**value, "interval": str(seconds)}
    return value


def check_timezone(name: Any) -> None:
    """Raise ValueError for what names no time zone."""
    try:
        if name is not None:
            ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"{name!r} is no time zone: give its name, such as Europe/Berlin") from None


def check_interval(said: Any) -> None:
    """Raise ValueError for an interval that does not lead on."""
    try:
        leads_on = msgspec.convert(said, timedelta, strict=False) > timedelta()
    except msgspec.ValidationError:
        raise ValueError("an interval is a number of seconds, or a duration such as PT1H") from None
    if not leads_on:
        raise ValueError("an interval is greater than 0")


def check_cron(said: Any) -> None:
    """Raise ValueError for what is no cron expression."""
    cron.parse(said)


def check_rule(said: Any) -> None:
    """Raise ValueError for what is no recurrence rule."""
    recurrence.check(said)


CHECKS: dict[type[Schedule], Callable[[Any], None]] = {
    IntervalSchedule: check_interval,
    CronSchedule: check_cron,
    RRuleSchedule: check_rule,
}


def schedule_of(value: Any) -> Schedule:
    """Return the schedule that an object says; raise ValueError for what is none."""
    first = next(mistakes(value, []), None)
    if first is not None:
        raise ValueError(".".join(map(str, first["loc"])) + ": " + first["msg"])
    kind = kind_of(value)[1]
    schedule = msgspec.convert(form(kind, value), kind, strict=False)
    if isinstance(schedule, IntervalSchedule):
        schedule.anchor_date, schedule.timezone = in_utc(schedule.anchor_date), schedule.timezone or "UTC"
    return schedule


def text_of(schedule: Schedule) -> Raw:
    """Return a schedule's JSON: an interval is in seconds."""
    fields = msgspec.structs.asdict(schedule)
    if isinstance(schedule, IntervalSchedule):
        fields["interval"] = schedule.interval.total_seconds()
    return Raw(encode(fields))


def read_schedule(text: Raw) -> Schedule:
    """Return the schedule that a text says; raise ValueError for what is none."""
    return schedule_of(decode_any(text))


def kept(text: Raw | Schedule) -> Raw:
    """Return a schedule as it is kept, with its defaults, and with a rule's beginning; raise ValueError for none."""
    schedule = text if isinstance(text, Schedule) else read_schedule(text)
    if isinstance(schedule, RRuleSchedule):
        schedule.rrule = recurrence.anchored(schedule.rrule, now(), schedule.timezone)
    return text_of(schedule)


def described(interval: Any) -> dict[str, Any]:
    """Return the JSON schema of a schedule; how an interval is written differs between requests and answers."""
    forms = []
    for kind in KINDS.values():
        whole = msgspec.json.schema(kind)
        own = whole["$defs"][kind.__name__]
        forms.append(own)
        if kind is IntervalSchedule:
            own["properties"]["interval"] = interval
    return {"anyOf": forms}


SECONDS = {"type": "number"}
GIVEN = described({"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string"}]})
ANSWERED = described(SECONDS)
ScheduleGiven = Annotated[Raw, Meta(extra={"check": mistakes}, extra_json_schema=GIVEN)]
"""A schedule as it is sent, as the text it came in."""
ScheduleGivenOrNull = Annotated[
    Raw, Meta(extra={"check": mistakes_or_null}, extra_json_schema={"anyOf": [*GIVEN["anyOf"], {"type": "null"}]})
]
ScheduleText = Annotated[Raw, Meta(extra_json_schema=ANSWERED)]
"""A schedule as it is kept and answered."""
