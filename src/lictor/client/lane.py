"""One kind of thing that waits to be sent, in order and in batches."""

from __future__ import annotations

import threading
from collections import deque

from lictor.wire.operation import Call, Operation

MOST_ITEMS = 500


class Lane:
    """What waits for one operation; `batch` is what was taken and is not acknowledged yet."""

    def __init__(self, operation: Operation[list[object], None], interval: float, most_bytes: int) -> None:
        self.operation, self.interval, self.most_bytes = operation, interval, most_bytes
        self.waiting: deque[bytes | threading.Event] = deque()
        self.batch: list[bytes] = []

    def __len__(self) -> int:
        return len(self.waiting) + len(self.batch)

    def take(self) -> bool:
        """Fill the batch; say whether there is one. Marks on the way tell that what stood before them is sent."""
        size = 0
        while self.waiting and len(self.batch) < MOST_ITEMS and size < self.most_bytes:
            first = self.waiting[0]
            if isinstance(first, threading.Event):
                if self.batch:
                    break
                first.set()
            else:
                self.batch.append(first)
                size += len(first)
            self.waiting.popleft()
        return bool(self.batch)

    def take_all(self) -> list[bytes]:
        """Empty the lane and return what was in it; marks are set, since it is out of the lane's hands."""
        everything, self.batch = self.batch, []
        while self.waiting:
            first = self.waiting.popleft()
            if isinstance(first, threading.Event):
                first.set()
            else:
                everything.append(first)
        return everything

    def call(self, batch: list[bytes]) -> Call[None]:
        """Return the call that sends a batch."""
        return Call(self.operation, self.operation.path, b"[" + b",".join(batch) + b"]")
