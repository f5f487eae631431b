"""Threads that run a flow's submitted tasks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Threads:
    """Runs work in the order it comes, in as many threads as are needed, at most `most`; they do not keep a process."""

    def __init__(self, name: str, most: int | None) -> None:
        self.name, self.most = name, most
        self.started = 0
        self.queue: SimpleQueue[Work | None] = SimpleQueue()
        self.idle = threading.Semaphore(0)

    def submit(self, work: Work) -> None:
        """Run work when a thread is free."""
        self.queue.put(work)
        if not self.idle.acquire(blocking=False) and (self.most is None or self.started < self.most):
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

    def close(self) -> None:
        """Let the threads end when nothing waits."""
        for _ in range(self.started):
            self.queue.put(None)
