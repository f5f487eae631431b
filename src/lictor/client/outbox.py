"""Sends events and log lines in batches from one thread; what cannot be sent is kept for the next process."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from lictor.client.client import Client
from lictor.client.errors import ClientError, HTTPStatusError
from lictor.client.lane import MOST_ITEMS, Lane
from lictor.client.spool import Spool
from lictor.kit.backoff import delays
from lictor.settings import Settings, table
from lictor.wire.operation import Operation
from lictor.wire.operations import event, log

logger = logging.getLogger("lictor.client")

EVENT_INTERVAL = 0.15
EVENT_BATCH_BYTES = 1_000_000
MOST_WAITING = 20_000
LONGEST_PAUSE = 10.0
EXIT_SECONDS = 10.0
EXIT_ATTEMPTS = 3
LASTING = frozenset({408, 429})
"""Statuses below 500 that say nothing against what was sent."""


class Outbox:
    """Events and log lines of this process on their way to one API."""

    def __init__(self, settings: Settings, address: str) -> None:
        self.settings, self.address = settings, address
        self.events = Lane(plain(event.CREATE), EVENT_INTERVAL, EVENT_BATCH_BYTES)
        self.logs = Lane(
            plain(log.CREATE),
            settings[table.LOGGING_TO_API_BATCH_INTERVAL],
            settings[table.LOGGING_TO_API_BATCH_SIZE],
        )
        self.spool = Spool(Path(settings[table.HOME]) / "spool", address)
        self.client: Client | None = None
        self.thread: threading.Thread | None = None
        self.stirred = False
        self.stir = threading.Event()
        self.hurry = threading.Event()
        self.starting = threading.Lock()
        self.emptying = threading.Lock()
        self.failures = 0
        self.pauses = pauses()
        self.closed = False
        self.spooled = True

    def event(self, body: bytes) -> None:
        """Take an event, as JSON."""
        self.events.waiting.append(body)
        if not self.stirred:
            self.wake()

    def log(self, body: bytes) -> None:
        """Take a log line, as JSON."""
        self.logs.waiting.append(body)
        if not self.stirred:
            self.wake()
        if len(self.logs.waiting) > MOST_WAITING:
            self.make_room()

    def wake(self) -> None:
        """Tell the thread that there is something; start it the first time."""
        self.stirred = True
        self.stir.set()
        if self.thread is None:
            with self.starting:
                if self.thread is None and not self.closed:
                    self.thread = threading.Thread(target=self.run, name="lictor-outbox", daemon=True)
                    self.thread.start()

    @property
    def full(self) -> bool:
        """Whether more waits than should."""
        return len(self.events.waiting) > MOST_WAITING or len(self.logs.waiting) > MOST_WAITING

    def make_room(self) -> None:
        """Hold up whoever makes more than the network takes."""
        self.hurry.set()
        while self.full and not self.closed:
            time.sleep(0.01)

    def flush(self, timeout: float, logs: bool = True) -> bool:
        """Wait until what was taken so far is acknowledged; say whether it was in time."""
        end = time.monotonic() + timeout
        lanes = [lane for lane in (self.events, self.logs) if lane is self.events or logs]
        marks = []
        for lane in lanes:
            if len(lane):
                marks.append(threading.Event())
                lane.waiting.append(marks[-1])
        if not marks:
            return True
        self.wake()
        self.hurry.set()
        return all(mark.wait(max(0.0, end - time.monotonic())) for mark in marks)

    def close(self) -> None:
        """Send what waits, or keep it in a file when that takes too long."""
        if self.closed:
            return
        end = time.monotonic() + EXIT_SECONDS
        while not (in_time := self.flush(0.25)) and self.failures < EXIT_ATTEMPTS and time.monotonic() < end:
            continue
        if in_time and self.client is not None:
            self.send_spooled()
        self.closed = True
        self.hurry.set()
        self.stir.set()
        if not in_time or len(self.events) or len(self.logs):
            self.keep()

    def keep(self) -> None:
        """Move everything that waits into a file."""
        events, logs = self.events.take_all(), self.logs.take_all()
        if not events and not logs:
            return
        path = self.spool.write(events, logs)
        self.spooled = True
        logger.warning(
            "%d events and log lines did not reach %s; they are kept in %s and sent when it is back.",
            len(events) + len(logs),
            self.address,
            path,
        )

    def run(self) -> None:
        """Send, until the process ends."""
        logs_due = 0.0
        while not self.closed:
            patience = max(0.0, logs_due - time.monotonic()) if len(self.logs) else None
            self.stir.wait(patience)
            self.hurry.wait(self.events.interval)
            hurried = self.hurry.is_set()
            self.hurry.clear()
            self.stir.clear()
            self.stirred = False
            self.drain(self.events)
            if hurried or time.monotonic() >= logs_due or len(self.logs) >= MOST_ITEMS:
                self.drain(self.logs)
                logs_due = time.monotonic() + self.logs.interval
            self.send_spooled()

    def drain(self, lane: Lane) -> None:
        """Send a lane's batches until none waits."""
        while (lane.batch or lane.take()) and not self.closed:
            try:
                self.send(lane, lane.batch)
            except Exception as error:  # whatever it is, the thread and what waits must survive it
                self.failed(error)
                continue
            lane.batch = []
            self.succeeded()

    def send(self, lane: Lane, batch: list[bytes]) -> None:
        """Send a batch; one that is refused goes in halves, and an item that is refused alone is dropped."""
        if self.client is None:
            self.client = Client(self.settings, self.address)
        try:
            self.client(lane.call(batch), retries=0)
        except HTTPStatusError as error:
            if error.status >= 500 or error.status in LASTING:
                raise
            if len(batch) == 1 or error.status not in (400, 413, 422):
                logger.warning("%d items are dropped, the server refuses them: %s", len(batch), error)
                return
            half = len(batch) // 2
            self.send(lane, batch[:half])
            self.send(lane, batch[half:])

    def failed(self, error: Exception) -> None:
        """Say once that the server is away, and let time pass; what waits too long for memory goes to a file."""
        if self.failures == 0:
            logger.warning("Events and log lines wait: %s", error)
        self.failures += 1
        if self.full:
            self.keep()
        end = time.monotonic() + next(self.pauses)
        while not self.closed and not self.full and time.monotonic() < end:
            time.sleep(0.1)

    def succeeded(self) -> None:
        """Note that the server took something."""
        if self.failures:
            logger.warning("%s answers again; what waited is sent.", self.address)
            self.failures = 0
            self.pauses = pauses()
            self.spooled = True

    def send_spooled(self) -> None:
        """Send what earlier processes could not, unless that was done."""
        with self.emptying:
            if not self.spooled:
                return
            self.spooled = False
            for path in self.spool.files():
                try:
                    self.send_file(path)
                except (ClientError, OSError) as error:
                    logger.debug("%s is not sent yet: %s", path, error)
                    return

    def send_file(self, path: Path) -> None:
        """Send a file's events and log lines, unless another process does."""
        with self.spool.claim(path) as kept:
            for lane, items in zip((self.events, self.logs), kept or (), strict=False):
                for start in range(0, len(items), MOST_ITEMS):
                    self.send(lane, items[start : start + MOST_ITEMS])


def pauses() -> Iterator[float]:
    """Return the seconds before each further attempt."""
    return delays(0.25, LONGEST_PAUSE, 0.2, random.random)


def plain(operation: Operation[Any, None]) -> Operation[list[object], None]:
    """Return an operation whose bodies are lists of JSON texts."""
    return cast("Operation[list[object], None]", operation)
