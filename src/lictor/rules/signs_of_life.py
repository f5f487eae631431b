"""Decides whether a run that gave signs of life has fallen silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

Source = Literal["heartbeat", "lease"]
"""Where a sign comes from: an event that says that the run goes on, or the renewal of its deployment's slot."""

MISSED = 3
"""So many of its own intervals must pass without a sign."""
SHORTEST = timedelta(seconds=10)
"""An interval counts as so long at the least."""
UNKNOWN = timedelta(minutes=20)
"""The interval of a run that gave a single sign so far."""


class Sign(Struct, frozen=True, gc=False):
    """The last sign of one source: when this server saw it, and the last two intervals by its giver's clock."""

    source: Source
    seen: datetime
    gap: timedelta | None = None
    gap_before: timedelta | None = None

    @property
    def interval(self) -> timedelta:
        """How far apart its signs are: as far as the last two, so that a single early one does not shorten it."""
        known = [gap for gap in (self.gap, self.gap_before) if gap is not None]
        return max(SHORTEST, *known) if known else UNKNOWN


class Silence(Struct, frozen=True, gc=False):
    """How long a run has been silent, and how far apart its signs were."""

    lasted: timedelta
    interval: timedelta

    def __str__(self) -> str:
        """Say it as the reason of a crash."""
        return (
            f"{NO_SIGN} for {whole(self.lasted)} seconds, {MISSED} times as long as from one to the next before "
            f"({whole(self.interval)} seconds): its process is gone, or cannot reach the server."
        )


NO_SIGN = "The run gave no sign of life"


def silence(signs: Iterable[Sign], awake: datetime, now: datetime) -> Silence | None:
    """Return how long a run is silent, None while one of its sources is not overdue, or it never gave a sign.

    Time in which this server did not look (it was off or suspended, or its clock was moved) does not count: it has
    looked without a break since `awake`.
    """
    found = None
    for sign in signs:
        since = max(sign.seen, awake)
        if now - since <= MISSED * sign.interval:
            return None
        if found is None or now - sign.seen < found.lasted:
            found = Silence(now - sign.seen, sign.interval)
    return found


def whole(span: timedelta) -> int:
    """Return a duration in whole seconds."""
    return round(span.total_seconds())
