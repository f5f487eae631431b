"""Ends the user's code when its time is over: in the main thread by an alarm, in others and on the loop as they allow.

Python code is ended between two of its steps. What waits in a call of C in another thread than the main one, such as
`time.sleep`, is ended when that call returns.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from lictor.engine.errors import TimedOut
from lictor.kit import clock


class Expired(BaseException):
    """The time of some code is over; raised in it, so that it ends whatever it catches."""

    def __init__(self, deadline: Deadline | None = None) -> None:
        super().__init__()
        self.deadline = deadline


class Deadline:
    """When some code must be done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = clock.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, a little at the least."""
        return max(self.at - clock.monotonic(), 0.0001)

    @property
    def past(self) -> bool:
        """Whether time is over."""
        return self.at <= clock.monotonic()

    def check(self) -> None:
        """Raise TimedOut if it is past: what was to be ended may have been done before it could be."""
        if self.past:
            raise timed_out(self.seconds)


_alarms: list[Deadline] = []
"""The deadlines of the main thread, the outermost first."""
_arming = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_alarms.clear)


def timed_out(seconds: float) -> TimedOut:
    """Return the error that says that time is over."""
    return TimedOut(f"not done after {seconds:g} s")


def run_within(mine: Deadline, function: Callable[[], Any]) -> Any:
    """Call a function; raise TimedOut, with its traceback, if it is not done in time, as far as that can be had."""
    alarmed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    try:
        with by_alarm(mine) if alarmed else by_watcher(mine):
            value = function()
    except Expired as expired:
        if expired.deadline is not None and expired.deadline is not mine:
            raise
        raise timed_out(mine.seconds).with_traceback(expired.__traceback__) from None
    mine.check()
    return value


@contextmanager
def by_alarm(mine: Deadline) -> Iterator[None]:
    """Let a signal interrupt the main thread; an outer deadline that ends sooner keeps its place."""
    before = signal.getsignal(signal.SIGALRM)
    _alarms.append(mine)
    signal.signal(signal.SIGALRM, ring)
    with clock.woken(arm):
        try:
            arm()
            yield
        finally:
            _alarms.remove(mine)
            arm()
            if not _alarms:
                signal.signal(signal.SIGALRM, before)


def arm() -> None:
    """Set the alarm for the deadline that is next, or take it away; any thread may."""
    with _arming:
        signal.setitimer(signal.ITIMER_REAL, min((each.left() for each in _alarms), default=0))


def ring(number: int, frame: FrameType | None) -> None:
    """End the outermost code whose time is over."""
    for each in _alarms:
        if each.at <= clock.monotonic() + 0.001:
            raise Expired(each)


@contextmanager
def by_watcher(mine: Deadline) -> Iterator[None]:
    """Let another thread interrupt this one."""
    import ctypes  # noqa: PLC0415  # few need it

    kind = type("Expired", (Expired,), {"__init__": lambda self: Expired.__init__(self, mine)})
    raised, thread = ctypes.py_object(kind), ctypes.c_ulong(threading.get_ident())
    guard = threading.Lock()
    over = sent = False

    def interrupt() -> None:
        nonlocal sent
        with guard:
            if not over:
                sent = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, raised)

    def watch() -> None:
        while not ended.is_set() and mine.at > clock.monotonic():
            moved.wait(mine.left())
            moved.clear()
        interrupt()

    moved, ended = threading.Event(), threading.Event()
    threading.Thread(target=watch, name="lictor-deadline", daemon=True).start()
    with clock.woken(moved.set):
        try:
            yield
        finally:
            with guard:
                over = True
            ended.set()
            moved.set()
            if sent:  # what may not have arrived must not arrive later: it is sent again, and met here
                with suppress(kind):
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, raised)
                    while True:  # taking it back would leave 3.11 looking for it, for ever where a program is traced
                        pass


async def await_within(mine: Deadline, work: Awaitable[Any]) -> Any:
    """Await something; raise TimedOut if it is not done in time."""
    import asyncio  # noqa: PLC0415  # threads do without

    loop, limit = asyncio.get_running_loop(), asyncio.timeout(mine.left())

    def again() -> None:
        with suppress(RuntimeError):  # it is over
            limit.reschedule(loop.time() + mine.left())

    try:
        with clock.woken(lambda: loop.call_soon_threadsafe(again)):
            async with limit:
                value = await work
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise timed_out(mine.seconds).with_traceback(error.__traceback__) from None
    mine.check()
    return value
