"""Whether a server answers, as a whole process finds out: said once when it goes away, and once when it is back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("lictor.client")

BLINK = 1.0
"""A server that is away for fewer seconds is not worth a line."""


class Presence:
    """What the clients of a process know of one server; threads share it."""

    def __init__(self, server: str) -> None:
        """`server` is what lines call it."""
        self.server = server
        self.since: float | None = None
        self.said = False
        self.given_up = 0
        """How often those who wait were told to wait no more."""
        self.changed = threading.Condition()
        self.told: list[Callable[[], None]] = []
        """What is called when the server is back."""

    @property
    def away(self) -> bool:
        """Whether the server did not answer when it was last asked."""
        return self.since is not None

    def lost(self, why: object) -> None:
        """Note that the server did not answer."""
        with self.changed:
            moment = time.monotonic()
            if self.since is None:
                self.since = moment
            if self.said or moment - self.since < BLINK:
                return
            self.said = True
        logger.warning(
            "%s is away (%s). Runs go on where they can; what they have to tell is kept and sent when it is back.",
            self.server,
            why,
        )

    def found(self) -> None:
        """Note that the server answered."""
        if self.since is None:
            return
        with self.changed:
            if self.since is None:
                return
            seconds, said = time.monotonic() - self.since, self.said
            self.since, self.said = None, False
            self.changed.notify_all()
        if said:
            logger.warning("%s is back after %.0f s.", self.server, seconds)
        for each in self.told:
            each()

    def give_up(self) -> None:
        """Let those who wait for the server wait no more: the process is to end."""
        with self.changed:
            self.given_up += 1
            self.changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Let time pass, until the server is found to be back, or nobody waits any more."""
        with self.changed:
            hopes = self.given_up
            self.changed.wait_for(lambda: self.since is None or self.given_up != hopes, seconds)
