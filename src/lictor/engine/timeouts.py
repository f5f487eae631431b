"""Ends the user's code when its time is over: in the main thread by an alarm, in others and on the loop as they allow.

Python code is ended between two of its steps. What waits in a call of C in another thread than the main one, such as
`time.sleep`, is ended when that call returns.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lictor.engine.errors import TimedOut


class Expired(BaseException):
    """The time of some code is over; raised in it, so that it ends whatever it catches."""

    def __init__(self, deadline: Deadline | None = None) -> None:
        super().__init__()
        self.deadline = deadline


class Deadline:
    """When some code must be done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, a little at the least."""
        return max(self.at - time.monotonic(), 0.0001)


_alarms: list[Deadline] = []
"""The deadlines of the main thread, the outermost first."""


def timed_out(seconds: float) -> TimedOut:
    """Return the error that says that time is over."""
    return TimedOut(f"not done after {seconds:g} s")


def run_within(seconds: float, function: Callable[[], Any]) -> Any:
    """Call a function; raise TimedOut, with its traceback, if it takes longer, as far as that can be had."""
    alarmed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    mine = Deadline(seconds)
    try:
        with by_alarm(mine) if alarmed else by_watcher(mine):
            return function()
    except Expired as expired:
        if expired.deadline is not None and expired.deadline is not mine:
            raise
        raise timed_out(seconds).with_traceback(expired.__traceback__) from None


@contextmanager
def by_alarm(mine: Deadline) -> Iterator[None]:
    """Let a signal interrupt the main thread; an outer deadline that ends sooner keeps its place."""
    before = signal.getsignal(signal.SIGALRM)
    _alarms.append(mine)
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, min(each.left() for each in _alarms))
    try:
        yield
    finally:
        _alarms.remove(mine)
        signal.setitimer(signal.ITIMER_REAL, min((each.left() for each in _alarms), default=0))
        if not _alarms:
            signal.signal(signal.SIGALRM, before)


def ring(number: int, frame: FrameType | None) -> None:
    """End the outermost code whose time is over."""
    for each in _alarms:
        if each.at <= time.monotonic() + 0.001:
            raise Expired(each)


@contextmanager
def by_watcher(mine: Deadline) -> Iterator[None]:
    """Let another thread interrupt this one."""
    import ctypes  # noqa: PLC0415  # few need it

    interrupted = ctypes.pythonapi.PyThreadState_SetAsyncExc
    kind = type("Expired", (Expired,), {"__init__": lambda self: Expired.__init__(self, mine)})
    thread, guard = threading.get_ident(), threading.Lock()
    over = False

    def interrupt() -> None:
        with guard:
            if not over:
                interrupted(ctypes.c_ulong(thread), ctypes.py_object(kind))

    watcher = threading.Timer(mine.seconds, interrupt)
    watcher.daemon = True
    watcher.start()
    try:
        yield
    finally:
        with guard:
            over = True
            interrupted(ctypes.c_ulong(thread), None)  # what was sent and has not arrived must not arrive later
        watcher.cancel()


async def await_within(seconds: float, work: Awaitable[Any]) -> Any:
    """Await something; raise TimedOut if it takes longer."""
    import asyncio  # noqa: PLC0415  # threads do without

    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await work
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise timed_out(seconds).with_traceback(error.__traceback__) from None
