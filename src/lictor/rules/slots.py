"""Whether slots of limits can be taken, how many of a limit are taken, and how long somebody should wait.

Of most limits a slot is a row of whoever holds it. Of a limit with a decay the slots come back by themselves, so many a
second, as water runs out of a bucket: its level counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from uuid import UUID

from msgspec import Struct

MILLION = 1_000_000
SHORTEST_WAIT, LONGEST_WAIT = 0.05, 86400.0
LARGEST = 2.0**63


class Limit(Struct, frozen=True):
    """A limit as somebody finds it who wants slots: what of it is taken, and how many want some who came before.

    `level` are the millionths of slots that had not come back at `level_at`; `occupancy` is for how many seconds a slot
    is held, as a mean.
    """

    id: UUID
    name: str
    slots: int
    created: datetime
    updated: datetime
    active: bool
    decay: float
    level: int
    level_at: datetime
    occupancy: float
    rows: int = 0
    ahead: int = 0

    @property
    def decays(self) -> bool:
        """Whether slots come back by themselves."""
        return self.decay > 0


def level(limit: Limit, now: datetime) -> int:
    """Return how many millionths of slots have not come back yet."""
    return max(limit.level - come_back(limit, limit.level_at, now), 0)


def come_back(limit: Limit, since: datetime, now: datetime) -> int:
    """Return how many millionths of slots may have come back since a moment."""
    passed = max((now - since).total_seconds(), 0.0)
    return int(min(limit.decay * passed * MILLION, LARGEST))


def taken(limit: Limit, now: datetime) -> int:
    """Return how many slots are taken."""
    return limit.rows + ceil(level(limit, now) / MILLION)


def has_room(limit: Limit, wanted: int, now: datetime) -> bool:
    """Tell whether so many slots are free for somebody, after all who came before."""
    return taken(limit, now) + limit.ahead + wanted <= limit.slots


def full(limits: Sequence[Limit], wanted: int, now: datetime) -> list[Limit]:
    """Return which limits keep somebody from taking so many slots of each."""
    return [limit for limit in limits if limit.active and not has_room(limit, wanted, now)]


def unfit(limits: Sequence[Limit], wanted: int, rate: bool) -> str | None:
    """Return why slots can never be taken like this; None where they can."""
    for limit in limits:
        if limit.active and wanted > limit.slots:
            return f"slots: {wanted} are more than the limit {limit.name!r} has ({limit.slots})."
        if limit.active and rate and not limit.decays:
            return (
                f"mode: the limit {limit.name!r} limits no rate, since its slots do not come back by themselves: "
                "give it a slot_decay_per_second, or take slots in the mode 'concurrency'."
            )
    return None


def comes_back(limit: Limit, wanted: int, now: datetime) -> float | None:
    """Return in how many seconds so many slots of a limit have come back by themselves; None where they do not."""
    if not limit.decays:
        return None
    over = level(limit, now) / MILLION - max(limit.slots - limit.rows - limit.ahead - wanted, 0)
    return min(max(over / limit.decay, SHORTEST_WAIT), LONGEST_WAIT)


def wait(limit: Limit, wanted: int, now: datetime, most: float) -> float:
    """Return the seconds after which slots of a limit may be free, as they are held and as many wait."""
    back = comes_back(limit, wanted, now)
    if back is not None:
        return back
    return max(min(limit.occupancy * (limit.ahead + wanted) / max(limit.slots, 1), most), SHORTEST_WAIT)


def not_come_back(limit: Limit, poured: int, taken_at: datetime, now: datetime) -> int:
    """Return how many millionths of the slots that somebody took of a limit have surely not come back yet."""
    return max(poured * MILLION - come_back(limit, taken_at, now), 0)
