"""Carries calls again and again while something lasts, from one thread for the whole process."""

from __future__ import annotations

import heapq
import logging
import os
import threading
import time
from collections.abc import Callable

from lictor.client.client import Client
from lictor.client.errors import HTTPStatusError, is_away
from lictor.engine.effects import Repeat
from lictor.kit import clock

logger = logging.getLogger("lictor.engine")

OVER = frozenset({404, 410})
"""Statuses that say that there is nothing to go on with."""
SOON = 5.0
"""Seconds until a call that failed is tried again, unless it is due before."""


class Repetition:
    """One call that is carried every so many seconds, until it is stopped or the server says that it is over."""

    __slots__ = ("client", "due", "end", "repeat", "stopped")

    def __init__(self, repeat: Repeat, client: Client) -> None:
        self.repeat, self.client, self.stopped = repeat, client, False
        self.due = time.monotonic() + repeat.seconds
        self.end = clock.regularly(repeat.seconds, self.carry)

    def __lt__(self, other: Repetition) -> bool:
        return self.due < other.due

    def stop(self) -> None:
        """Carry it no more."""
        self.stopped = True
        self.end()

    def carry(self) -> None:
        """Carry the call once, and say when it is due again."""
        pause = self.repeat.seconds
        try:
            self.client(self.repeat.call, retries=0)
        except Exception as error:  # whatever it is, the thread and the other calls must survive it
            over = isinstance(error, HTTPStatusError) and error.status in OVER and not self.stopped
            if over:
                self.stop()
            pause = self.failed(error)
            if over and self.repeat.over is not None:
                self.repeat.over()
        self.due = time.monotonic() + pause

    def failed(self, error: Exception) -> float:
        """Say what went wrong; return the seconds until the next try."""
        if self.stopped:
            logger.warning("%r is over: %s", self.repeat.call, error)
        elif not is_away(error):  # which is said elsewhere, once
            logger.warning("%r failed and is tried again: %s", self.repeat.call, error)
        return min(SOON, self.repeat.seconds)


class Repeater:
    """The thread, started with the first call."""

    def __init__(self) -> None:
        self.due: list[Repetition] = []
        self.changed = threading.Condition()
        self.thread: threading.Thread | None = None

    def start(self, repeat: Repeat, client: Client) -> Callable[[], None]:
        """Carry a call from now on; return what stops it."""
        repetition = Repetition(repeat, client)
        with self.changed:
            heapq.heappush(self.due, repetition)
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="lictor-repeater", daemon=True)
                self.thread.start()
            self.changed.notify()
        return repetition.stop

    def run(self) -> None:
        """Carry what is due, until the process ends."""
        while True:
            repetition = self.next()
            repetition.carry()
            with self.changed:
                heapq.heappush(self.due, repetition)

    def next(self) -> Repetition:
        """Wait for the next call that is due and was not stopped."""
        with self.changed:
            while True:
                while self.due and self.due[0].stopped:
                    heapq.heappop(self.due)
                wait = self.due[0].due - time.monotonic() if self.due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self.due)
                self.changed.wait(wait)


_repeater = Repeater()


def start(repeat: Repeat, client: Client) -> Callable[[], None]:
    """Carry a call every so many seconds from now on; return what stops it."""
    return _repeater.start(repeat, client)


def forget() -> None:
    """Begin anew in a child process, which has none of the threads."""
    _repeater.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
