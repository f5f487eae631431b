"""Remembers which run a value came from, by the value's identity, for as long as someone else holds the value."""

from __future__ import annotations

from sys import getrefcount
from typing import Any
from uuid import UUID
from weakref import ref

from lictor.engine.states import UNTRACKABLE

CONTAINERS = (list, tuple, set, frozenset, dict)
MOST_ITEMS = 256
FEWEST = 16


class Origins:
    """The origins of values in one flow run.

    A value that can be watched is held weakly. Others, such as lists, are held until a sweep finds that nobody else
    holds them; a sweep comes when the table has doubled, so that it costs little and what is dead stays little.
    """

    __slots__ = ("_held", "_sweep_at", "_watched")

    def __init__(self) -> None:
        self._held: dict[int, tuple[Any, UUID]] = {}
        self._watched: dict[int, tuple[ref[Any], UUID]] = {}
        self._sweep_at = FEWEST

    def __len__(self) -> int:
        return len(self._held) + len(self._watched)

    def note(self, value: Any, run_id: UUID) -> None:
        """Remember that a run returned a value, and the items of a collection that is not too large."""
        self.note_one(value, run_id)
        if isinstance(value, CONTAINERS) and len(value) <= MOST_ITEMS:
            for item in list(value.values()) if isinstance(value, dict) else list(value):
                self.note_one(item, run_id)

    def note_one(self, value: Any, run_id: UUID) -> None:
        """Remember that a run returned a value."""
        if isinstance(value, UNTRACKABLE):
            return
        key = id(value)
        try:
            self._watched[key] = (ref(value, lambda _: self._watched.pop(key, None)), run_id)
        except TypeError:
            self._held[key] = (value, run_id)
            if len(self._held) > self._sweep_at:
                self.sweep()

    def sweep(self) -> None:
        """Forget what nobody else holds."""
        for key, kept in list(self._held.items()):
            if getrefcount(kept[0]) <= ALONE:
                self._held.pop(key, None)
        self._sweep_at = max(FEWEST, 2 * len(self._held))

    def of(self, value: Any) -> UUID | None:
        """Return the run that a value came from."""
        key = id(value)
        held = self._held.get(key)
        if held is not None:
            return held[1] if held[0] is value else None
        watched = self._watched.get(key)
        return watched[1] if watched is not None and watched[0]() is value else None


def alone() -> int:
    """Return the reference count that `sweep` sees of a value that only the table holds."""
    held: dict[int, tuple[Any, int]] = {0: ([], 0)}
    for _, kept in list(held.items()):
        return getrefcount(kept[0])
    raise AssertionError


ALONE = alone()
