"""Several processes that serve one socket, each with an event loop of its own, and the one that looks after them."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable

logger = logging.getLogger("lictor.server")

ENDING = (signal.SIGTERM, signal.SIGINT)
STEP_SECONDS = 0.1
AGAIN_SECONDS = 1.0
"""How long after a worker ended by itself the next is started."""

Work = Callable[[int, Callable[[], None]], bool]
"""Serves as the worker of a number, calls the function once it listens, and says whether it ever did."""


def forks() -> bool:
    """Whether this system can run workers."""
    return hasattr(os, "fork") and hasattr(signal, "sigwait")


class Workers:
    """Worker processes: one that ends by itself is replaced, signals are handed on to all."""

    def __init__(self, count: int, work: Work) -> None:
        self.count, self.work = count, work
        self.numbers: dict[int, int] = {}
        """The number of each process."""

    def run(self, listens: Callable[[], None]) -> bool:
        """Run them until the end is told; say whether they started. `listens` is called once all listen."""
        waited: set[int] = {*ENDING, signal.SIGHUP, signal.SIGCHLD}
        before: set[int] = {*signal.pthread_sigmask(signal.SIG_BLOCK, waited)}
        try:
            if not all(self.start(number, before) for number in range(self.count)):  # the first makes the tables
                self.end()
                return False
            listens()
            while (number := signal.sigwait(waited)) not in ENDING:
                if number == signal.SIGHUP:
                    self.tell(number)
                for ended in self.gone():
                    logger.error("Worker %s ended by itself; the next one takes its place.", ended + 1)
                    time.sleep(AGAIN_SECONDS)
                    self.start(ended, before)
            self.end()
            return True
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def start(self, number: int, mask: set[int]) -> bool:
        """Start a worker, and say whether it listens now."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self.be(number, lambda: told(writing))
        os.close(writing)
        self.numbers[pid] = number
        try:
            while not select.select([reading], [], [], STEP_SECONDS)[0]:
                if signal.sigpending() & set(ENDING):
                    return False
            return bool(os.read(reading, 1))
        finally:
            os.close(reading)

    def be(self, number: int, ready: Callable[[], None]) -> None:
        """Work in this process, and end it."""
        code = 1
        try:
            code = 0 if self.work(number, ready) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def gone(self) -> list[int]:
        """Return the numbers of the workers that have ended."""
        return [self.numbers.pop(pid) for pid in [*self.numbers] if os.waitpid(pid, os.WNOHANG)[0] == pid]

    def tell(self, number: int) -> None:
        """Hand a signal on to all."""
        for pid in self.numbers:
            os.kill(pid, number)

    def end(self) -> None:
        """Let all finish what they accepted, and wait for them."""
        self.tell(signal.SIGTERM)
        for pid in self.numbers:
            os.waitpid(pid, 0)
        self.numbers.clear()


def told(writing: int) -> None:
    """Say through a pipe that a worker listens."""
    os.write(writing, b".")
    os.close(writing)
