"""When schedules fire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from lictor.kit.clock import MICROSECOND
from lictor.kit.cron import parse
from lictor.kit.occurrences import cron_times, rule_times
from lictor.wire.types.schedule import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

DAY = timedelta(days=1)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
FAR = timedelta(days=50 * 365)
"""How far ahead dates are looked for where no end is given."""


def dates(schedule: Schedule, start: datetime, end: datetime | None = None) -> Iterator[datetime]:
    """Yield when a schedule fires from `start` to `end`, both included, in order.

    Cron expressions and rules say what the clock on the wall shows: what falls into an hour that is left out in spring
    fires an hour earlier, and an hour that comes twice in autumn counts the first time. Intervals of a day or more keep
    their hour in the same way, save that they fire an hour later in spring, and in autumn the second time. Shorter ones
    do not heed the wall's clock.
    """
    if not EARLIEST < start < LATEST:
        return
    zone, end = ZoneInfo(schedule.timezone or "UTC"), min(end or LATEST, start + FAR)
    for moment in moments(schedule, start, end, zone):
        if moment > end:
            return
        if moment >= start:
            yield moment.astimezone(UTC)


def moments(schedule: Schedule, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when a schedule fires, from about a time on."""
    match schedule:
        case IntervalSchedule(interval=interval, anchor_date=anchor):
            return steps(anchor, interval, start) if interval < DAY else days(anchor, interval, start, zone)
        case CronSchedule(cron=expression, day_or=day_or):
            cron = parse(expression)
            return on_the_wall(lambda since, until: cron_times(cron, day_or, since, until), start, end, zone)
        case RRuleSchedule(rrule=text):
            return on_the_wall(lambda since, until: rule_times(text, since, until), start, end, zone)


def steps(anchor: datetime, interval: timedelta, start: datetime) -> Iterator[datetime]:
    """Yield an anchor moved by so many intervals, from a time on and as far as there are times."""
    with suppress(OverflowError):
        for number in count(-((anchor - start) // interval)):
            yield anchor + number * interval


def days(anchor: datetime, interval: timedelta, start: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield what an interval of at least a day makes of its anchor, at the anchor's time of the day."""
    for wall in steps(on_wall(anchor, zone), interval, on_wall(start - DAY, zone)):
        moment = wall.replace(tzinfo=zone)
        yield moment.replace(fold=int(not skipped(moment))).astimezone(UTC)


def on_the_wall(
    times: Callable[[datetime, datetime], Iterator[datetime]], start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[datetime]:
    """Yield the moments at which the wall's clock shows times, in order and each once.

    Times of an hour that is left out are moments before it, so those before it are held until it is over.
    """
    held: list[datetime] = []
    last = start - MICROSECOND
    whole = start + (-start.microsecond % 1_000_000) * MICROSECOND
    for wall in times(on_wall(whole, zone), on_wall(end + DAY, zone)):
        moment = wall.replace(tzinfo=zone)
        heappush(held, moment.replace(fold=int(skipped(moment))).astimezone(UTC))
        while held and not before_gap(wall, zone):
            if (first := heappop(held)) > last:
                yield (last := first)
    while held:
        if (first := heappop(held)) > last:
            yield (last := first)


def on_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clock on the wall shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def skipped(moment: datetime) -> bool:
    """Tell whether no clock shows a time, because it is put forward past it."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(tzinfo=None)


def before_gap(wall: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a time is within a gap of the wall's clock, or as short before one as the gap is long."""
    offset, later = (moment.replace(tzinfo=zone).utcoffset() or timedelta() for moment in (wall, wall + DAY))
    gap = later - offset
    return gap > timedelta() and (wall + gap).replace(tzinfo=zone, fold=1).utcoffset() == later


def key_of(deployment_id: UUID, schedule: UUID | str) -> str:
    """Return what the idempotency keys of a schedule's runs begin with; the time follows."""
    return f"scheduled {deployment_id} {schedule} "


def key_at(beginning: str, schedule: Schedule, moment: datetime) -> str:
    """Return the idempotency key of a schedule's run at a moment."""
    return f"{beginning}{moment.astimezone(ZoneInfo(schedule.timezone or 'UTC'))}"
