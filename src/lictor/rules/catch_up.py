"""Decides what becomes of the runs of a schedule that were missed while a server, or the workers, were away."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from msgspec import Struct

from lictor.kit.clock import MICROSECOND
from lictor.rules.schedule import dates
from lictor.wire.types.catch_up import CatchUpPolicy
from lictor.wire.types.schedule import IntervalSchedule, Schedule
from lictor.wire.types.state import StateCreate, StateType

LEFT_OUT = "Skipped"
"""The name of the state of a run that is left out."""
FIRST_LOOK = timedelta(minutes=15)
W = TypeVar("W", bound="Waiting")
WIDER = 4
"""How much further back each look for missed times goes than the one before."""


class Missed(Struct, frozen=True):
    """Times at which a schedule fired unseen, in order; `earlier` tells that there were more before them."""

    times: Sequence[datetime] = ()
    earlier: bool = False


class Owed(Struct, frozen=True):
    """What is done about missed times: those that get a run, and how many do not.

    `at_least` tells that more are left out than were counted. Of the times up to `settled` all are left out.
    """

    times: Sequence[datetime]
    left_out: int
    at_least: bool
    settled: datetime


class Waiting(Protocol):
    """A run of a schedule that no worker has begun, of which it is known when it is due."""

    @property
    def due(self) -> datetime:
        """When it is due."""


def missed(schedule: Schedule, settled: datetime, now: datetime, most: int) -> Missed:
    """Return the newest times, so many at most, at which a schedule fired between two moments, without these.

    It looks back from `now`, further each time, so that however long a server was away it takes no longer than the
    times that are wanted.
    """
    start = settled + MICROSECOND
    back = FIRST_LOOK
    if isinstance(schedule, IntervalSchedule):
        back = min(schedule.interval * (most + 1), now - start)
    while start < now:
        begin = max(start, now - back)
        found = deque(dates(schedule, begin, now - MICROSECOND), most + 1)
        if begin == start or len(found) > most:
            return Missed(list(found)[-most:], len(found) > most)
        back = min(back * WIDER, now - start)
    return Missed()


def owed(policy: CatchUpPolicy, found: Missed) -> Owed | None:
    """Return what a policy makes of missed times, None where there are none."""
    if not found.times:
        return None
    match policy:
        case CatchUpPolicy.RUN_ALL:
            wanted = found.times
        case CatchUpPolicy.NEWEST_ONLY:
            wanted = found.times[-1:]
        case CatchUpPolicy.SKIP:
            wanted = ()
    settled = wanted[0] - MICROSECOND if wanted else found.times[-1]
    return Owed(wanted, len(found.times) - len(wanted) + found.earlier, found.earlier, settled)


def left_behind(policy: CatchUpPolicy, waiting: Sequence[W], grace: timedelta, now: datetime) -> list[W]:
    """Return those of a schedule's runs that are due and wait for a worker that are to wait no longer."""
    if policy == CatchUpPolicy.RUN_ALL or not waiting:
        return []
    newest = max(each.due for each in waiting)
    too_late = now - grace if policy == CatchUpPolicy.SKIP else newest
    return [each for each in waiting if each.due < newest or each.due < too_late]


def skipped(slug: str, policy: CatchUpPolicy) -> StateCreate:
    """Return the state of a run that waits no longer, which says why."""
    reason = {
        CatchUpPolicy.NEWEST_ONLY: "no worker had begun it when a newer run of the schedule fell due",
        CatchUpPolicy.SKIP: "no worker had begun it in time",
    }[policy]
    message = f"The run was left out: {reason}, and the catch-up policy of '{slug}' is {policy}."
    return StateCreate(type=StateType.CANCELLED, name=LEFT_OUT, message=message)


def made_up(policy: CatchUpPolicy) -> str:
    """Return what the first state of a run says whose time was missed."""
    return f"Made up for: no server planned it in time, and the schedule's catch-up policy is {policy}."
