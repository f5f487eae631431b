"""Slows guessing down: after ten wrong credentials in a row, each further wrong one is answered late.

Counted for an address and a name together, so that nobody else waits. Missing credentials are no guess.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

FREE_GUESSES = 10
FIRST_DELAY, LONGEST_DELAY = 0.1, 2.0
FORGET_SECONDS = 900.0
MOST_KEYS = 10_000
MOST_WAITING, MOST_WAITING_EACH = 1000, 5

Key = tuple[str, bytes]


class Guesses:
    """What is known of one address and name."""

    __slots__ = ("last", "waiting", "wrong")

    def __init__(self) -> None:
        self.wrong, self.waiting, self.last = 0, 0, 0.0


class Throttle:
    """Wrong credentials in a row, by who sent them; the oldest are forgotten first."""

    def __init__(self) -> None:
        self.guesses: OrderedDict[Key, Guesses] = OrderedDict()
        self.waiting = 0

    def crowded(self, key: Key) -> bool:
        """Tell whether so many guesses wait already that one more is refused unread: else they would be free again."""
        found = self.guesses.get(key)
        if found is None or found.wrong < FREE_GUESSES:
            return False
        return found.waiting >= MOST_WAITING_EACH or self.waiting >= MOST_WAITING

    def forgive(self, key: Key) -> None:
        """Forget wrong credentials: right ones came."""
        self.guesses.pop(key, None)

    async def punish(self, key: Key) -> None:
        """Count wrong credentials, and wait as long as they are worth."""
        found = self.guesses.setdefault(key, Guesses())
        if time.monotonic() - found.last > FORGET_SECONDS:
            found.wrong = 0
        found.wrong, found.last = found.wrong + 1, time.monotonic()
        self.guesses.move_to_end(key)
        if len(self.guesses) > MOST_KEYS:
            self.guesses.popitem(last=False)
        if found.wrong <= FREE_GUESSES:
            return
        found.waiting, self.waiting = found.waiting + 1, self.waiting + 1
        try:
            await asyncio.sleep(delay_after(found.wrong))
        finally:
            found.waiting, self.waiting = found.waiting - 1, self.waiting - 1


def delay_after(wrong: int) -> float:
    """Return the seconds to wait after so many wrong credentials in a row."""
    if wrong <= FREE_GUESSES:
        return 0.0
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(wrong - FREE_GUESSES - 1, 10))
