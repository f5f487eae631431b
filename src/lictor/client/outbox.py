"""Sends events, log lines and last states from one thread; while the server is away they wait in a file."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Raw

from lictor.client.client import Client
from lictor.client.errors import ClientError, HTTPStatusError, ObjectNotFound
from lictor.client.lane import MOST_ITEMS, Batch, Kind, Lane
from lictor.client.presence import Presence
from lictor.client.spool import Spool
from lictor.kit.backoff import delays
from lictor.kit.json import encode
from lictor.settings import Settings, table
from lictor.wire.operation import Call
from lictor.wire.operations import event, flow_run, log

logger = logging.getLogger("lictor.client")

EVENT_INTERVAL = 0.15
EVENT_BATCH_BYTES = 1_000_000
MOST_WAITING = 20_000
LONGEST_PAUSE = 5.0
EXIT_SECONDS = 10.0
EXIT_ATTEMPTS = 3
REFUSED = frozenset({400, 413, 422})
"""Statuses that say that something is wrong with what was sent."""


class LastState(msgspec.Struct):
    """A state that a flow run's process could not set: `left` is the state that it left the run in."""

    flow_run_id: UUID
    left: UUID | None
    proposal: Raw


read_last_state = msgspec.json.Decoder(LastState).decode


class Outbox:
    """What this process has to tell one API."""

    def __init__(self, settings: Settings, address: str | None, presence: Presence | None = None) -> None:
        self.settings, self.address = settings, address
        self.presence = presence or Presence(address or "The server")
        self.presence.told.append(self.try_now)
        self.events = Lane(Kind.EVENT, EVENT_INTERVAL, EVENT_BATCH_BYTES)
        self.logs = Lane(
            Kind.LOG, settings[table.LOGGING_TO_API_BATCH_INTERVAL], settings[table.LOGGING_TO_API_BATCH_SIZE]
        )
        self.states = Lane(Kind.STATE, EVENT_INTERVAL, EVENT_BATCH_BYTES)
        self.spool = Spool(Path(settings[table.HOME]) / "spool", address or "")
        self.passed: list[threading.Event] = []
        """Marks that what stands in the file comes before."""
        self.client: Client | None = None
        self.thread: threading.Thread | None = None
        self.stirred = False
        self.stir = threading.Event()
        self.hurry = threading.Event()
        self.starting = threading.Lock()
        self.filing = threading.Lock()
        self.emptying = threading.Lock()
        self.failures = 0
        self.next_try = 0.0
        self.unwritten = False
        self.pauses = pauses()
        self.closed = False
        self.others = True
        """Whether to look for files that other processes left."""

    @property
    def lanes(self) -> tuple[Lane, Lane, Lane]:
        """The lanes, in the order in which they are sent."""
        return self.events, self.logs, self.states

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

    def last_state(self, run_id: UUID, left: UUID | None, proposal: bytes) -> None:
        """Take the state that a flow run ended in, to be set unless somebody else has set one until then."""
        self.states.waiting.append(encode(LastState(run_id, left, Raw(proposal))))
        self.wake()

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
        """Whether more waits in memory than should."""
        return len(self.events.waiting) > MOST_WAITING or len(self.logs.waiting) > MOST_WAITING

    def make_room(self) -> None:
        """Hold up whoever makes more than the network, or the disk, takes."""
        self.hurry.set()
        while self.full and not self.closed:
            time.sleep(0.01)

    def flush(self, timeout: float, logs: bool = True) -> bool:
        """Wait until what was taken so far is acknowledged; say whether it was in time."""
        end = time.monotonic() + timeout
        marks = []
        for lane in self.lanes:
            if (lane is not self.logs or logs) and (len(lane) or self.spool.path is not None):
                marks.append(threading.Event())
                lane.waiting.append(marks[-1])
        if not marks:
            return True
        self.wake()
        self.hurry.set()
        return all(mark.wait(max(0.0, end - time.monotonic())) for mark in marks)

    def close(self) -> None:
        """Send what waits, or leave it in a file when that takes too long."""
        if self.closed:
            return
        end = time.monotonic() + EXIT_SECONDS
        while not (in_time := self.flush(0.25)) and self.failures < EXIT_ATTEMPTS and time.monotonic() < end:
            continue
        if in_time and self.client is not None:
            self.send_others()
        self.closed = True
        self.hurry.set()
        self.stir.set()
        if not in_time:
            self.leave()

    def leave(self) -> None:
        """Leave what waits to the next process."""
        self.put_aside()
        path = self.spool.leave()
        if path is not None:
            said = f"kept in {path}, and sent by the next process that reaches it"
        elif any(lane.batch is not None for lane in self.lanes):
            said = "lost"
        else:
            return
        logger.warning("Not all that runs had to tell reached %s. It is %s.", self.presence.server, said)

    def run(self) -> None:
        """Send, until the process ends."""
        logs_due = 0.0
        while not self.closed:
            hurried = self.rest(logs_due)
            if self.failures:
                self.put_aside()
                if time.monotonic() < self.next_try or not self.catch_up():
                    continue
            sent = self.drain(self.events) and self.drain(self.states)
            if sent and (hurried or time.monotonic() >= logs_due or len(self.logs) >= MOST_ITEMS):
                sent = self.drain(self.logs)
                logs_due = time.monotonic() + self.logs.interval
            if sent:
                self.succeeded()
                self.send_others()

    def rest(self, logs_due: float) -> bool:
        """Wait until there is something to do; say whether somebody waits for it."""
        patience = None
        if self.failures:
            patience = max(0.0, self.next_try - time.monotonic())
        elif len(self.logs):
            patience = max(0.0, logs_due - time.monotonic())
        self.stir.wait(patience)
        self.hurry.wait(self.events.interval)
        hurried = self.hurry.is_set()
        self.hurry.clear()
        self.stir.clear()
        self.stirred = False
        return hurried

    def drain(self, lane: Lane) -> bool:
        """Send a lane's batches until none waits; say whether all were sent."""
        while (batch := lane.take()) and not self.closed:
            if not self.sent(batch):
                lane.tried()
                return False
            lane.done()
        return True

    def sent(self, batch: Batch) -> bool:
        """Send a batch; say whether it is out of this process's hands."""
        try:
            self.send(batch)
        except Exception as error:  # whatever it is, the thread and what waits must survive it
            self.failed(error)
            return False
        return True

    def send(self, batch: Batch) -> None:
        """Send a batch; one that is refused goes in halves, and an item that is refused alone is dropped."""
        if self.client is None:
            self.client = Client(self.settings, self.address, self.presence)
        if batch.kind == Kind.STATE:
            for item in batch.items:
                set_last_state(self.client, read_last_state(item))
            return
        try:
            self.client(call_of(batch), retries=0)
        except HTTPStatusError as error:
            if error.status not in REFUSED:
                raise
            if len(batch.items) == 1:
                logger.warning("%d items are dropped, the server refuses them: %s", 1, error)
                return
            for half in batch.halves():
                self.send(half)

    def failed(self, error: Exception) -> None:
        """Say once that things wait, where nobody else does, and when they are tried again."""
        if not self.failures and not self.presence.away:
            logger.warning("Events and log lines wait: %s", error)
        self.failures += 1
        self.next_try = time.monotonic() + next(self.pauses)

    def put_aside(self) -> None:
        """Move everything that waits into a file, so that memory holds little and the end of the process loses none."""
        with self.filing:
            try:
                for lane in self.lanes:
                    while batch := lane.take(self.passed.append):
                        self.spool.append(batch)
                        lane.done()
            except OSError as error:
                if not self.unwritten:
                    logger.warning(
                        "What waits for %s stays in memory, it cannot be kept: %s", self.presence.server, error
                    )
                self.unwritten = True

    def catch_up(self) -> bool:
        """Send what the file holds and delete it; say whether that is done."""
        while not self.closed:
            with self.filing:
                batch = self.spool.first()
                if batch is None:
                    self.spool.finish()
                    self.pass_marks()
                    return True
            if not self.sent(batch):
                return False
            self.spool.sent()
            if self.full:
                self.put_aside()
        return False

    def succeeded(self) -> None:
        """Note that nothing waits any more for having failed before."""
        if self.failures:
            self.failures, self.pauses, self.others = 0, pauses(), True

    def pass_marks(self) -> None:
        """Tell those who wait for it that all of the file was sent."""
        passed, self.passed = self.passed, []
        for mark in passed:
            mark.set()

    def try_now(self) -> None:
        """Lose no time: the server is back."""
        self.next_try = 0.0
        self.stir.set()

    def send_others(self) -> None:
        """Send what other processes left, unless that was done."""
        with self.emptying:
            if not self.others:
                return
            self.others = False
            for path in self.spool.files():
                try:
                    with self.spool.claim(path) as batches:
                        for batch in batches or ():
                            self.send(batch)
                except (ClientError, OSError) as error:
                    logger.debug("%s is not sent yet: %s", path, error)
                    return


def call_of(batch: Batch) -> Call[None]:
    """Return the call that sends a batch of events or log lines."""
    content = b"[" + b",".join(batch.items) + b"]"
    if batch.kind == Kind.EVENT:  # known by their own ids
        return Call(event.CREATE, event.CREATE.path, content)
    name = f"{batch.key}; {log.AGAIN}" if batch.again else str(batch.key)
    return Call(log.CREATE, log.CREATE.path, content, {log.BATCH: name})


def set_last_state(client: Client, last: LastState) -> None:
    """Set the state that a run ended in, if it still is in the state that its process left it in."""
    try:
        run = client(flow_run.READ(id=last.flow_run_id), retries=0)
    except ObjectNotFound:
        return
    if run.state is not None and run.state.id != last.left:
        logger.info("Flow run %s was given a state by somebody else since its process ended.", last.flow_run_id)
        return
    url = flow_run.SET_STATE.path.format(id=last.flow_run_id)
    client(Call(flow_run.SET_STATE, url, bytes(last.proposal)), retries=0)


def pauses() -> Iterator[float]:
    """Return the seconds before each further attempt."""
    return delays(0.25, LONGEST_PAUSE, 0.2, random.random)
