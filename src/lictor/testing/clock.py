"""The clock as a test sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from lictor.kit import clock


class Clock:
    """The clock of flows, tasks and server in this process; it goes like the system's until it is moved."""

    def __init__(self, moved: Callable[[], None]) -> None:
        """`moved` lets the server do what is due, and then wakes everybody who waits."""
        self._moved = moved

    def now(self) -> datetime:
        """Return the time that the clock shows, in UTC."""
        return clock.now()

    def move(
        self, by: timedelta | None = None, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let time pass at once, and return the new time.

        The server's services make a pass each: they mark runs late, end pauses that ran out, and so on. Then waits
        that are over by the new time end, and runs whose `timeout_seconds` are over are ended. Raises ValueError for
        a time that lies back.
        """
        passing = (by or timedelta()) + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if passing < timedelta():
            raise ValueError(f"time does not run backwards, by {-passing}: start another server for an earlier time")
        clock.put_forward(passing)
        self._moved()
        return self.now()

    def move_to(self, moment: datetime) -> datetime:
        """Let time pass until a moment, which counts as UTC without a zone; see `move`."""
        return self.move(clock.in_utc(moment) - self.now())

    def sleep(self, seconds: float) -> None:
        """Let seconds pass at once: code under test can be given this in place of `time.sleep`."""
        self.move(seconds=seconds)

    def __repr__(self) -> str:
        return f"Clock({self.now().isoformat()})"
