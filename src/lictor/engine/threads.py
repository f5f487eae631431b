"""Threads that run a flow's submitted tasks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], object]

PROMPT = 32
"""So many threads start at once; further ones where they help."""
TICK = 0.005
IDLE_SHARE = 0.5
SLOWEST = 0.1
"""Where the processor is busy, a further thread starts after so many seconds: what keeps it busy may take long."""


class Threads:
    """Runs work in the order it comes, in at most `most` threads; they do not keep a process alive.

    Work may wait for other work, so there is no limit unless one is set. More threads than `PROMPT` start while work
    waits and the processor is idle, since it is others' answers that the running work waits for.
    """

    def __init__(self, name: str, most: int | None) -> None:
        self.name, self.most = name, most
        self.started = 0
        self.queue: SimpleQueue[Work | None] = SimpleQueue()
        self.idle = threading.Semaphore(0)
        self.guard = threading.Lock()
        self.watched = False

    def submit(self, work: Work) -> None:
        """Run work when a thread is free."""
        self.queue.put(work)
        if self.idle.acquire(blocking=False):
            return
        with self.guard:
            if self.started < PROMPT:
                self.grow(1)
            elif not self.watched and self.room():
                self.watched = True
                threading.Thread(target=self.watch, name=f"{self.name}-watch", daemon=True).start()

    def room(self) -> int:
        """Return how many threads may still start."""
        return 1_000_000 if self.most is None else max(0, self.most - self.started)

    def grow(self, count: int) -> None:
        """Start threads."""
        for _ in range(min(count, self.room())):
            self.started += 1
            threading.Thread(target=self.serve, name=f"{self.name}-{self.started}", daemon=True).start()

    def serve(self) -> None:
        """Do work until told to stop."""
        while True:
            work = self.queue.get()
            if work is None:
                return
            work()
            self.idle.release()

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
