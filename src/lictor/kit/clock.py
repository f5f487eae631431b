"""The one place that reads the clock; times are UTC, stored as integer microseconds since 1970.

Tests put it forward: `put_forward` lets time pass for everything that looks at it here, `wake_all` ends the waits that
are over by then, and a clock that skips waits is put forward by whoever would have waited for a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SHORTEST_LOOK = 0.05
MOST_STEPS = 1000
"""So often at most is done on the way what is done regularly, however far the clock is put forward."""

_ahead = timedelta(0)
"""How far this clock is ahead of the system's."""
_passed = 0.0
"""The seconds of that which passed for everybody who waits, too."""
_skipping = False
_turning = threading.Lock()
_waiting: list[Callable[[], object]] = []
_regular: list[tuple[timedelta, Callable[[], object]]] = []


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC) + _ahead


def now_ns() -> int:
    """Return the nanoseconds since 1970."""
    return time.time_ns() + (_ahead // MICROSECOND * 1000 if _ahead else 0)


def monotonic() -> float:
    """Return seconds that only ever grow, to measure waits with."""
    return time.monotonic() + _passed


def of_system(seconds: float) -> datetime:
    """Return the time that it was here when the system's clock showed so many seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC) + _ahead


def sleep(seconds: float) -> None:
    """Let seconds pass in this thread."""
    due, moved = monotonic() + seconds, threading.Event()
    with woken(moved.set):
        while (left := due - monotonic()) > 0:
            moved.wait(left)
            moved.clear()


async def asleep(seconds: float) -> None:
    """Let seconds pass on the event loop."""
    import asyncio  # noqa: PLC0415  # threads do without

    loop, moved = asyncio.get_running_loop(), asyncio.Event()
    due = monotonic() + seconds
    with woken(lambda: loop.call_soon_threadsafe(moved.set)):
        while (left := due - monotonic()) > 0:
            timer = loop.call_later(left, moved.set)
            try:
                await moved.wait()
            finally:
                timer.cancel()
            moved.clear()


@contextmanager
def woken(wake: Callable[[], object]) -> Iterator[None]:
    """Call a function whenever the clock is put forward, so that a wait can look at it again."""
    _waiting.append(wake)
    try:
        yield
    finally:
        _waiting.remove(wake)


def put_forward(by: timedelta) -> None:
    """Let time pass at once; who waits learns of it by `wake_all`."""
    go_on(by, for_all=True)


def wake_all() -> None:
    """Let everybody who waits look at the clock."""
    for wake in list(_waiting):
        with suppress(RuntimeError):  # its event loop is gone
            wake()


def skip(seconds: float) -> bool:
    """Put the time of day forward in place of a wait, if the clock skips waits; tell whether it does.

    No time passes for others who wait, nor for what must be done within a time.
    """
    if not _skipping:
        return False
    go_on(timedelta(seconds=seconds), for_all=False)
    return True


def go_on(by: timedelta, for_all: bool) -> None:
    """Put the clock forward, in steps that let what is done regularly be done on the way."""
    global _ahead, _passed  # noqa: PLW0603  # a process has one clock
    shortest = by / MOST_STEPS
    while by > timedelta():
        step = min([by, *(max(each, shortest) for each, _ in list(_regular))])
        with _turning:
            _ahead += step
            _passed += step.total_seconds() if for_all else 0.0
        by -= step
        for _, do in list(_regular):
            do()


def regularly(seconds: float, do: Callable[[], object]) -> Callable[[], None]:
    """Call a function for every so many seconds that the clock is put forward; return what ends that."""
    entry = (timedelta(seconds=seconds), do)
    _regular.append(entry)

    def end() -> None:
        with suppress(ValueError):  # it was ended before
            _regular.remove(entry)

    return end


def soon(seconds: float) -> float:
    """Return the seconds until one should look again at what others do: few, if the clock skips waits."""
    return min(seconds, SHORTEST_LOOK) if _skipping else seconds


@contextmanager
def turned(skipping: bool) -> Iterator[None]:
    """Let the clock be turned; afterwards it shows the system's time again, or what it showed before."""
    global _ahead, _passed, _skipping  # noqa: PLW0603  # see above
    before = _ahead, _passed, _skipping
    _skipping = skipping
    try:
        yield
    finally:
        with _turning:
            _ahead, _passed, _skipping = before


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970; a time without a zone counts as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the UTC time that lies `micros` microseconds after 1970."""
    return EPOCH + timedelta(microseconds=micros)


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; a time without a zone counts as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
