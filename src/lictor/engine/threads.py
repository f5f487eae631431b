"""Threads that run a flow's submitted tasks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

logger = logging.getLogger("lictor.engine")

Work = Callable[[], object]

PROMPT = 32
"""So many threads start at once; further ones where they help."""
TICK = 0.005
IDLE_SHARE = 0.5
SLOWEST = 0.1
"""Where the processor is busy, a further thread starts after so many seconds: what keeps it busy may take long."""


class Threads:
    """Runs work in the order it comes, in at most `most` threads; they do not keep a process alive.

    Work may wait for other work, so there is no limit unless one is set, but there are never more threads than work.
    More threads than `PROMPT` start while work waits and the processor is idle, since it is others' answers that the
    running work waits for.
    """

    def __init__(self, name: str, most: int | None) -> None:
        self.name, self.most = name, most
        self.started = 0
        self.unfinished = 0
        """Work that waits or runs."""
        self.queue: SimpleQueue[Work | None] = SimpleQueue()
        self.guard = threading.Lock()
        self.watched = False

    def submit(self, work: Work) -> None:
        """Run work when a thread is free."""
        self.queue.put(work)
        with self.guard:
            self.unfinished += 1
            if self.started < PROMPT:
                self.grow(1)
            elif not self.watched and self.room():
                self.watched = self.start(self.watch, f"{self.name}-watch")

    def room(self) -> int:
        """Return how many threads may still start."""
        most = self.unfinished if self.most is None else min(self.most, self.unfinished)
        return max(0, most - self.started)

    def grow(self, count: int) -> None:
        """Start threads."""
        for _ in range(min(count, self.room())):
            if not self.start(self.serve, f"{self.name}-{self.started + 1}"):
                return
            self.started += 1

    def start(self, work: Callable[[], None], name: str) -> bool:
        """Start a thread; if the system refuses it, do with those that there are."""
        try:
            threading.Thread(target=work, name=name, daemon=True).start()
        except RuntimeError:
            if not self.started:
                raise
            self.most = self.started
            logger.warning("Only %d threads run what is submitted: the system refuses more.", self.started)
            return False
        return True

    def serve(self) -> None:
        """Do work until told to stop."""
        while (work := self.queue.get()) is not None:
            work()
            with self.guard:
                self.unfinished -= 1

    def watch(self) -> None:
        """Start threads while work waits for one and more of them help."""
        grown = time.monotonic()
        while True:
            wall, processor = time.monotonic(), time.process_time()
            time.sleep(TICK)
            passed = time.monotonic() - wall
            idle = time.process_time() - processor < IDLE_SHARE * passed
            with self.guard:
                if self.queue.empty() or not self.room():
                    self.watched = False
                    return
                if idle or time.monotonic() - grown > SLOWEST:
                    grown = time.monotonic()
                    self.grow(self.started // 2 if idle else 1)

    def close(self) -> None:
        """Let the threads end when nothing waits."""
        for _ in range(self.started):
            self.queue.put(None)
