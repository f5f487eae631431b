"""When cron expressions and recurrence rules fire, as the times that a clock on the wall shows, one after the other.

Whatever they say, looking for the next time ends: at `until`, or after so many days and times that were none.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import product
from typing import NamedTuple

from lictor.kit import recurrence
from lictor.kit.cron import Cron

MOST_STEPS = 100_000
"""How many days and times without an occurrence are gone through before it is taken that none comes."""
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(len(FREQUENCIES))
A_DAY = {DAILY: 1, HOURLY: 24, MINUTELY: 24 * 60, SECONDLY: 24 * 60 * 60}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)


def cron_times(cron: Cron, day_or: bool, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when a cron expression fires from a time on; see CronSchedule for `day_or`."""
    hours, minutes, seconds = sorted(cron.hours), sorted(cron.minutes), sorted(cron.seconds)
    day, last = since.date(), until.date()
    while day <= last:
        if not cron_names(cron, day, day_or):
            day = next_day(cron, day)
            continue
        begin = since.hour if day == since.date() else 0
        for at in product((hour for hour in hours if hour >= begin), minutes, seconds):
            moment = datetime.combine(day, time(*at))
            if since <= moment <= until:
                yield moment
        day += DAY


def cron_names(cron: Cron, day: date, day_or: bool) -> bool:
    """Tell whether a cron expression fires on a day."""
    if day.month not in cron.months or not (cron.years is None or day.year in cron.years):
        return False
    length = monthrange(day.year, day.month)[1]
    by_date = day.day in cron.days or (cron.last_day and day.day == length)
    weekday = day.isoweekday() % 7
    nth = {(weekday, (day.day - 1) // 7 + 1), (weekday, -1 if day.day + 7 > length else 0)}
    by_weekday = weekday in cron.weekdays or not nth.isdisjoint(cron.nth)
    if cron.nth and day_or:
        return by_weekday
    if cron.any_day or cron.any_weekday or not day_or:
        return (cron.any_day or by_date) and (cron.any_weekday or by_weekday)
    return by_date or by_weekday


def next_day(cron: Cron, day: date) -> date:
    """Return the day to look at after one on which nothing fires: months without any are left out."""
    if cron.years is not None and day.year not in cron.years:
        return date(min((year for year in cron.years if year > day.year), default=date.max.year), 1, 1)
    if day.month not in cron.months:
        return day.replace(day=1) + monthrange(day.year, day.month)[1] * DAY
    return day + DAY


class Steps:
    """How many steps may still be made in vain."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spend(self, steps: int = 1) -> bool:
        """Make steps in vain; tell whether more may be made."""
        self.left -= steps
        return self.left >= 0


def rule_times(text: str, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when a text of recurrence rules fires from a time on."""
    start, rules, dates, unless_rules, unless = recurrence_of(text)
    steps = Steps()
    fires = merge(*(rule.times(start, since, until, steps) for rule in rules), dates)
    kept_out = merge(*(rule.times(start, since, until, steps) for rule in unless_rules), unless)
    last, out = None, next(kept_out, None)
    for moment in fires:
        while out is not None and out < moment:
            out = next(kept_out, None)
        if moment > until or steps.left < 0:
            return
        if moment < since or moment in (last, out):
            steps.spend()
            continue
        yield moment
        last, steps.left = moment, MOST_STEPS


class Recurrence(NamedTuple):
    """What the lines of a text say: where it begins, what fires, and what of that does not."""

    start: datetime
    rules: list[Rule]
    dates: list[datetime]
    unless_rules: list[Rule]
    unless: list[datetime]


def recurrence_of(text: str) -> Recurrence:
    """Read a text."""
    lines = recurrence.lines(text)
    start = next((recurrence.moments(value)[0] for name, value in lines if name == "DTSTART"), recurrence.COUNTED_FROM)

    def rules(kind: str) -> list[Rule]:
        return [rule_of(recurrence.parts(value), start) for name, value in lines if name == kind]

    def dates(kind: str) -> list[datetime]:
        return sorted(moment for name, value in lines if name == kind for moment in recurrence.moments(value))

    return Recurrence(start, rules("RRULE"), dates("RDATE"), rules("EXRULE"), dates("EXDATE"))


class Rule(NamedTuple):
    """A recurrence rule. What it does not limit is empty; weekdays are counted from Monday, 0.

    One that is `plain` fires once in each of its periods.
    """

    frequency: int
    interval: int
    most: int | None
    until: datetime | None
    week_start: int
    plain: bool
    positions: frozenset[int]
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weeks: frozenset[int]
    easter: frozenset[int]
    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]
    hours: frozenset[int]
    minutes: frozenset[int]
    seconds: frozenset[int]

    def times(self, start: datetime, since: datetime, until: datetime, steps: Steps) -> Iterator[datetime]:
        """Yield the rule's times from a time on; where they must be counted, those before it are gone through."""
        first, last = self.period_of(start), min(until, self.until or until)
        at, end, left = first, self.period_of(last), self.most
        if self.plain and left is not None:
            end, left = min(end, first + (left - 1) * self.interval), None
        if left is None:
            at = self.at_least(first, self.period_of(since))
        since = start if left is not None else since
        while at <= end:
            fitting = self.next_fitting(at)
            days = self.days(at, start if at == first else None) if fitting == at else []
            if not steps.spend(len(days) or 1):
                return
            for moment in self.times_of(at, [day for day in days if self.fits(day)], since):
                if moment > last or left == 0:
                    return
                if moment < start or moment < since:
                    if not steps.spend():
                        return
                    continue
                left = None if left is None else left - 1
                yield moment
            at = self.at_least(at, fitting) if fitting > at else at + self.interval

    def at_least(self, period: int, least: int) -> int:
        """Return the first period that is an interval, or several, behind one and not before another."""
        return period + max(-((period - least) // self.interval), 0) * self.interval

    def period_of(self, moment: datetime) -> int:
        """Return the number of the year, month, week, … that a time is in."""
        if self.frequency == YEARLY:
            return moment.year
        if self.frequency == MONTHLY:
            return moment.year * 12 + moment.month - 1
        if self.frequency == WEEKLY:
            return (moment.toordinal() - 1 - self.week_start) // 7
        seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
        return moment.toordinal() * A_DAY[self.frequency] + seconds * A_DAY[self.frequency] // A_DAY[SECONDLY]

    def days(self, period: int, start: datetime | None) -> list[date]:
        """Return the days of a period; the first week begins where the rule does."""
        if self.frequency == YEARLY:
            first, length = date(period, 1, 1), 365 + isleap(period)
        elif self.frequency == MONTHLY:
            first, length = date(period // 12, period % 12 + 1, 1), monthrange(period // 12, period % 12 + 1)[1]
        elif self.frequency == WEEKLY:
            first, length = date.fromordinal(period * 7 + 1 + self.week_start), 7
            if start is not None:
                first, length = start.date(), 7 - (start.date() - first).days
        else:
            first, length = date.fromordinal(period // A_DAY[self.frequency]), 1
        return [first + days * DAY for days in range(length)]

    def next_fitting(self, period: int) -> int:
        """Return a period, or one behind it where its day, hour or minute cannot be the rule's."""
        if self.frequency < HOURLY:
            return period
        a_day = A_DAY[self.frequency]
        day, within = divmod(period, a_day)
        if not self.fits(date.fromordinal(day)):
            return (day + 1) * a_day
        for size, allowed in ((a_day // 24, self.hours), (a_day // (24 * 60), self.minutes)):
            if size and allowed and within // size % (24 if size == a_day // 24 else 60) not in allowed:
                return period - within % size + size
        if self.frequency == SECONDLY and self.seconds and within % 60 not in self.seconds:
            return period + 1
        return period

    def times_of(self, period: int, days: list[date], since: datetime) -> Iterator[datetime]:
        """Yield the times of a period's days, or those of them at the rule's positions."""
        hours, minutes, seconds = self.clock(period)
        if not self.positions:
            for day in days:
                if day >= since.date():
                    for at in product(hours, minutes, seconds):
                        yield datetime.combine(day, time(*at))
            return
        a_day = len(hours) * len(minutes) * len(seconds)
        total = a_day * len(days)
        for place in sorted({at - 1 if at > 0 else at + total for at in self.positions}):
            if 0 <= place < total:
                rest, second = divmod(place % a_day, len(seconds))
                hour, minute = divmod(rest, len(minutes))
                yield datetime.combine(days[place // a_day], time(hours[hour], minutes[minute], seconds[second]))

    def clock(self, period: int) -> tuple[list[int], list[int], list[int]]:
        """Return the hours, minutes and seconds at which the rule fires within a period."""
        hours, minutes, seconds = sorted(self.hours), sorted(self.minutes), sorted(self.seconds)
        if self.frequency >= HOURLY:
            within = period % A_DAY[self.frequency] * (A_DAY[SECONDLY] // A_DAY[self.frequency])
            hours = [within // 3600]
            minutes = [within // 60 % 60] if self.frequency >= MINUTELY else minutes
            seconds = [within % 60] if self.frequency == SECONDLY else seconds
        return hours, minutes, seconds

    def fits(self, day: date) -> bool:
        """Tell whether a day may be the rule's."""
        return (
            (not self.months or day.month in self.months)
            and (not self.month_days or self.fits_month(day))
            and (not (self.weekdays or self.nth) or day.weekday() in self.weekdays or self.fits_nth(day))
            and (not self.year_days or not self.year_days.isdisjoint(from_both_ends(*place_in_year(day))))
            and (not self.weeks or not self.weeks.isdisjoint(from_both_ends(*place_of_week(day, self.week_start))))
            and (not self.easter or (day - easter(day.year)).days in self.easter)
        )

    def fits_month(self, day: date) -> bool:
        """Tell whether a day's date may be the rule's."""
        return not self.month_days.isdisjoint(from_both_ends(day.day, monthrange(day.year, day.month)[1]))

    def fits_nth(self, day: date) -> bool:
        """Tell whether a day is such as the second Monday of its month, or of its year, if the rule names no months."""
        place, length = day.day, monthrange(day.year, day.month)[1]
        if self.frequency == YEARLY and not self.months:
            place, length = place_in_year(day)
        nth, nth_from_end = (place - 1) // 7 + 1, -((length - place) // 7 + 1)
        return (day.weekday(), nth) in self.nth or (day.weekday(), nth_from_end) in self.nth


def rule_of(parts: dict[str, str], start: datetime) -> Rule:
    """Return the rule that parts say; what it leaves open is as its beginning."""
    frequency = FREQUENCIES.index(parts["FREQ"])
    weekdays, nth = read_weekdays(parts.get("BYDAY") or parts.get("BYWEEKDAY") or "", frequency)
    months, month_days = numbers(parts, "BYMONTH"), numbers(parts, "BYMONTHDAY")
    if not (month_days or weekdays or nth or {"BYYEARDAY", "BYWEEKNO", "BYEASTER"} & parts.keys()):
        if frequency == YEARLY:
            months = months or frozenset([start.month])
        if frequency in (YEARLY, MONTHLY):
            month_days = frozenset([start.day])
        if frequency == WEEKLY:
            weekdays = frozenset([start.weekday()])
    return Rule(
        frequency,
        interval=int(parts.get("INTERVAL", 1)),
        most=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=recurrence.moments(parts["UNTIL"])[0] if "UNTIL" in parts else None,
        plain=frequency >= WEEKLY and not any(name.startswith("BY") for name in parts),
        week_start=WEEKDAYS.index(parts.get("WKST", WEEKDAYS[0])),
        positions=numbers(parts, "BYSETPOS"),
        months=months,
        month_days=month_days,
        year_days=numbers(parts, "BYYEARDAY"),
        weeks=numbers(parts, "BYWEEKNO"),
        easter=numbers(parts, "BYEASTER"),
        weekdays=weekdays,
        nth=nth,
        hours=numbers(parts, "BYHOUR") or by_default(frequency < HOURLY, start.hour),
        minutes=numbers(parts, "BYMINUTE") or by_default(frequency < MINUTELY, start.minute),
        seconds=numbers(parts, "BYSECOND") or by_default(frequency < SECONDLY, start.second),
    )


def numbers(parts: dict[str, str], name: str) -> frozenset[int]:
    """Return the numbers of a part, none if there is none."""
    return frozenset(int(each) for each in parts[name].split(",")) if name in parts else frozenset()


def by_default(wanted: bool, value: int) -> frozenset[int]:
    """Return what a part is without being said."""
    return frozenset([value]) if wanted else frozenset()


def read_weekdays(said: str, frequency: int) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Return the weekdays of a list such as `MO,2TU,FR(-1)`, and those at a place of their month or year.

    Such a place says nothing in periods shorter than a month.
    """
    plain, nth = set(), set()
    for each in filter(None, said.split(",")):
        name = each.partition("(")[0].lstrip("+-0123456789")
        place = each.replace(name, "").strip("()")
        if place and frequency <= MONTHLY:
            nth.add((WEEKDAYS.index(name), int(place)))
        else:
            plain.add(WEEKDAYS.index(name))
    return frozenset(plain), frozenset(nth)


def from_both_ends(place: int, length: int) -> Iterable[int]:
    """Return a place as it is counted from the beginning, and from the end."""
    return place, place - length - 1


def place_in_year(day: date) -> tuple[int, int]:
    """Return which day of the year it is, of how many."""
    return day.timetuple().tm_yday, 365 + isleap(day.year)


def place_of_week(day: date, week_start: int) -> tuple[int, int]:
    """Return in which week of a year a day is, of how many; a week is of the year that has the most of its days."""
    first = day - (day.weekday() - week_start) % 7 * DAY
    year = (first + 3 * DAY).year
    begin, end = first_week(year, week_start), first_week(year + 1, week_start)
    return (first - begin).days // 7 + 1, (end - begin).days // 7


def first_week(year: int, week_start: int) -> date:
    """Return the first day of a year's first week, which is the one that January 4th is in."""
    fourth = date(year, 1, 4)
    return fourth - (fourth.weekday() - week_start) % 7 * DAY


def easter(year: int) -> date:
    """Return Easter Sunday of a year, by the Gregorian calendar's rule."""
    century, golden = year // 100, year % 19
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    full_moon = epact - epact // 28 * (1 - epact // 28 * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + full_moon + 2 - century + century // 4) % 7
    days = full_moon - weekday
    return date(year, 3, 28) + days * DAY
