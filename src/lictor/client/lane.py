"""One kind of thing that waits to be sent, in order and in batches."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid5

from lictor.kit.ids import uuid7

MOST_ITEMS = 500


class Kind(StrEnum):
    """What is sent."""

    EVENT = "event"
    LOG = "log"
    STATE = "state"


class Batch(NamedTuple):
    """What is sent at once, as JSON texts; `again` says that the server may have it already, under the same key."""

    kind: Kind
    items: list[bytes]
    key: UUID
    again: bool

    def halves(self) -> tuple[Batch, Batch]:
        """Cut a batch in two, the same two whenever it is cut."""
        middle = len(self.items) // 2
        first, second = (uuid5(self.key, part) for part in ("first", "second"))
        return self._replace(items=self.items[:middle], key=first), self._replace(items=self.items[middle:], key=second)


class Lane:
    """What waits of one kind; `batch` is what was taken and is not acknowledged yet."""

    def __init__(self, kind: Kind, interval: float, most_bytes: int) -> None:
        self.kind, self.interval, self.most_bytes = kind, interval, most_bytes
        self.waiting: deque[bytes | threading.Event] = deque()
        self.batch: Batch | None = None

    def __len__(self) -> int:
        return len(self.waiting) + (len(self.batch.items) if self.batch else 0)

    def take(self, passed: Callable[[threading.Event], None] = threading.Event.set) -> Batch | None:
        """Return the batch to send, a new one if the last is out of the lane's hands; None if nothing waits.

        Marks on the way tell that what stood before them is sent; `passed` is given them.
        """
        if self.batch is not None:
            return self.batch
        items: list[bytes] = []
        self.batch = Batch(self.kind, items, uuid7(), False)
        size = 0
        while self.waiting and len(items) < MOST_ITEMS and size < self.most_bytes:
            first = self.waiting[0]
            if isinstance(first, threading.Event):
                if items:
                    break
                passed(first)
            elif items and size + len(first) > self.most_bytes:
                break
            else:
                items.append(first)
                size += len(first)
            self.waiting.popleft()
        if not items:
            self.batch = None
        return self.batch

    def tried(self) -> None:
        """Note that the server may have got the batch."""
        if self.batch is not None:
            self.batch = self.batch._replace(again=True)

    def done(self) -> None:
        """Let go of the batch."""
        self.batch = None
