"""Schedules as users write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeGuard

from lictor.kit.clock import now
from lictor.wire.types import schedule as wire
from lictor.wire.types.catch_up import CatchUpPolicy
from lictor.wire.types.schedule import CronSchedule, IntervalSchedule, NoSchedule, RRuleSchedule

SCHEDULE_TYPES = IntervalSchedule | CronSchedule | RRuleSchedule | NoSchedule
"""The kinds of schedules as the API has them."""
KINDS = ("interval", "cron", "rrule")
CatchUpWord = Literal["run-all", "newest-only", "skip"]


@dataclass(frozen=True)
class Schedule:
    """When a deployment's runs start, and with which parameters.

    One of `interval`, `cron` and `rrule` says when; `Interval`, `Cron` and `RRule` make schedules of one of them.
    `timezone` is the name of a time zone, UTC by default, whose clock `cron` and `rrule` go by and which intervals of a
    day or more keep their hour in. An interval is counted from `anchor_date`, the present by default. With `day_or`,
    which is the default, a cron expression that limits both the day of the month and the day of the week fires where
    either fits, without it where both do. A schedule that is not `active` starts nothing. `parameters` are laid over
    those of the deployment. The `slug` is the schedule's own within the deployment. `catch_up` says what becomes of
    runs that are missed while the server or the workers are away: `run-all`, `newest-only` or `skip`; it is kept by the
    slug, and None leaves it as it is.

    Raises ValueError where that does not say a schedule.
    """

    interval: timedelta | None = None
    cron: str | None = None
    rrule: str | None = None
    timezone: str | None = None
    anchor_date: datetime = field(default_factory=now)
    day_or: bool = True
    active: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)
    slug: str | None = None
    catch_up: CatchUpPolicy | CatchUpWord | None = None

    def __post_init__(self) -> None:
        policy_of(self.catch_up, self.slug)
        given = [name for name in KINDS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"A schedule has one of interval, cron and rrule, not {' and '.join(given)}.")
        if given:
            self.of_api()

    def of_api(self) -> wire.Schedule:
        """Return the schedule as the API has it, without parameters, slug and whether it is active."""
        return construct_schedule(
            self.interval,
            None if self.interval is None else self.anchor_date,
            self.cron,
            self.rrule,
            self.timezone,
            self.day_or,
        )


def Cron(  # noqa: N802  # the field's name of it
    cron: str,
    /,
    timezone: str | None = None,
    day_or: bool = True,
    active: bool = True,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
    catch_up: CatchUpPolicy | CatchUpWord | None = None,
) -> Schedule:
    """Return a schedule that fires as a cron expression says, such as `0 9 * * mon-fri`; see Schedule."""
    return Schedule(
        cron=cron,
        timezone=timezone,
        day_or=day_or,
        active=active,
        parameters=parameters or {},
        slug=slug,
        catch_up=catch_up,
    )


def Interval(  # noqa: N802  # the field's name of it
    interval: timedelta | float,
    /,
    anchor_date: datetime | None = None,
    timezone: str | None = None,
    active: bool = True,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
    catch_up: CatchUpPolicy | CatchUpWord | None = None,
) -> Schedule:
    """Return a schedule that fires each interval, a time or a number of seconds; see Schedule."""
    return Schedule(
        interval=duration(interval),
        anchor_date=anchor_date or now(),
        timezone=timezone,
        active=active,
        parameters=parameters or {},
        slug=slug,
        catch_up=catch_up,
    )


def RRule(  # noqa: N802  # the field's name of it
    rrule: str,
    /,
    timezone: str | None = None,
    active: bool = True,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
    catch_up: CatchUpPolicy | CatchUpWord | None = None,
) -> Schedule:
    """Return a schedule that fires as a rule of RFC 5545 says, such as `FREQ=MONTHLY;BYDAY=-1FR`; see Schedule."""
    return Schedule(
        rrule=rrule, timezone=timezone, active=active, parameters=parameters or {}, slug=slug, catch_up=catch_up
    )


def policy_of(said: Any, slug: str | None) -> CatchUpPolicy | None:
    """Return a catch-up policy that is said of the schedule with a slug, None where none is.

    Raises ValueError for what is no policy, and for one of a schedule without a slug.
    """
    if said is None:
        return None
    try:
        policy = CatchUpPolicy(said)
    except ValueError:
        raise ValueError(f"catch_up: {said!r} is no policy; give {', '.join(CatchUpPolicy)}.") from None
    if not slug:
        raise ValueError("catch_up: a policy is kept by its schedule's slug; give the schedule a slug.")
    return policy


def construct_schedule(  # the reference's arguments, and day_or behind them
    interval: float | timedelta | None = None,
    anchor_date: datetime | str | None = None,
    cron: str | None = None,
    rrule: str | None = None,
    timezone: str | None = None,
    day_or: bool = True,
) -> wire.Schedule:
    """Return the schedule that one of `interval` (seconds, or a time), `cron` and `rrule` says, as the API has it.

    An interval is counted from `anchor_date`, the present by default. Raises ValueError for anything else, and for what
    is no schedule.
    """
    given = [name for name, value in zip(KINDS, (interval, cron, rrule), strict=True) if value is not None]
    if len(given) != 1:
        raise ValueError(f"A schedule needs one of interval, cron and rrule; given: {' and '.join(given) or 'none'}.")
    if anchor_date is not None and interval is None:
        raise ValueError("anchor_date is for a schedule with an interval; leave it out.")
    said: dict[str, Any] = {"timezone": timezone}
    if interval is not None:
        said |= {"interval": duration(interval).total_seconds(), "anchor_date": written(anchor_date or now())}
    elif cron is not None:
        said |= {"cron": cron, "day_or": day_or}
    else:
        said |= {"rrule": rrule, "timezone": timezone or "UTC"}
    return wire.schedule_of(said)


def duration(interval: timedelta | float) -> timedelta:
    """Return an interval that may be a number of seconds."""
    return interval if isinstance(interval, timedelta) else timedelta(seconds=interval)


def written(moment: datetime | str) -> str:
    """Return a time as it is sent."""
    return moment if isinstance(moment, str) else moment.isoformat()


def is_schedule_type(obj: Any) -> TypeGuard[SCHEDULE_TYPES]:
    """Tell whether something is a schedule as the API has it."""
    return isinstance(obj, SCHEDULE_TYPES)
