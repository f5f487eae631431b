"""Slots of concurrency limits: how a process asks for them, keeps them by a lease and gives them back.

Of those who want slots of the same limits here, one asks the server at a time, in the order in which they came. The
server holds the question until a slot is free; only a few questions of a process are held, for they occupy connections.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID, uuid4

from lictor.client.connection import connection
from lictor.client.errors import ClientError, HTTPStatusError, ObjectNotFound
from lictor.engine.effects import Block, Effect, Look, Repeat, Steps, Wait, Within
from lictor.wire.operation import Call
from lictor.wire.operations import concurrency_limit
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimitWithLease,
    DecrementWithLease,
    Increment,
    IncrementWithLease,
    MinimalConcurrencyLimit,
    RenewLease,
)

if TYPE_CHECKING:
    from lictor.engine.task_run import LiveTaskRun

LEASE_SECONDS = 300.0
UNLIMITED_SECONDS = 5.0
GIVE_BACK_SECONDS = 10.0
HOLD_SECONDS = 5.0
"""So long the server may hold a question: whoever is cancelled meanwhile waits no longer for its end."""
MOST_HELD = 3
FULL = 423
USUAL_PAUSE = 1.0

_unlimited_until: dict[tuple[str, ...], float] = {}
_lines: dict[tuple[str, ...], deque[Turn]] = {}
_guard = threading.Lock()
_holding = threading.Semaphore(MOST_HELD)


class SlotsTimeout(TimeoutError):
    """No slot was free in time."""


class Wanted(NamedTuple):
    """Slots that are wanted of each of some limits: by a lease of so many seconds, or of a rate without one.

    `until` is when waiting ends, by `time.monotonic`; `retries` is how often the server may say that none is free.
    """

    names: tuple[str, ...]
    slots: int = 1
    mode: Literal["concurrency", "rate_limit"] = "concurrency"
    lease_seconds: float | None = LEASE_SECONDS
    holder: ConcurrencyLeaseHolder | None = None
    until: float | None = None
    retries: int | None = None

    def left(self) -> float | None:
        """Return the seconds for which there is time; None without an end."""
        return None if self.until is None else max(self.until - time.monotonic(), 0.0)

    def call(self) -> Call[Any]:
        """Return the question to the server."""
        names, slots, mode = list(self.names), self.slots, self.mode
        if self.lease_seconds is None:
            return concurrency_limit.INCREMENT_GLOBAL(Increment(names=names, slots=slots, mode=mode))
        return concurrency_limit.INCREMENT_WITH_LEASE(
            IncrementWithLease(
                names=names, slots=slots, mode=mode, lease_duration=self.lease_seconds, holder=self.holder
            )
        )


class Given(NamedTuple):
    """Slots that were given: by which lease, and of which limits."""

    lease: UUID | None
    limits: list[MinimalConcurrencyLimit]


class Turn:
    """Somebody's place among those of this process who want the same."""

    __slots__ = ("came", "wake", "wanted")

    def __init__(self, wanted: Wanted) -> None:
        self.wanted, self.came = wanted, threading.Event()
        self.wake: Callable[[], object] = self.came.is_set

    def come(self) -> None:
        """Let it be this one's turn."""
        self.came.set()
        with suppress(RuntimeError):  # its event loop is gone
            self.wake()

    def wait(self, timeout: float | None = None) -> None:
        """Wait for it, as long as there is time."""
        self.came.wait(self.wanted.left())

    async def wait_async(self) -> None:
        """Wait for it on the event loop, as long as there is time."""
        import asyncio  # noqa: PLC0415  # threads do without

        loop, over = asyncio.get_running_loop(), asyncio.Event()
        self.wake = lambda: loop.call_soon_threadsafe(over.set)
        if not self.came.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self.wanted.left())


class Question:
    """One question to the server; slots that come when nobody wants them any more are given back."""

    def __init__(self, wanted: Wanted, waiter: str) -> None:
        self.wanted, self.waiter = wanted, waiter
        self.given: Given | None = None
        self.abandoned = False
        self.guard = threading.Lock()

    def __call__(self) -> Given:
        """Ask."""
        held = _holding.acquire(blocking=False)
        try:
            answer = connection().client(self.call(self.patience() if held else 0.0))
        finally:
            if held:
                _holding.release()
        leased = isinstance(answer, ConcurrencyLimitWithLease)
        given = Given(answer.lease_id, answer.limits) if leased else Given(None, answer)
        with self.guard:
            self.given = given
            abandoned = self.abandoned
        if abandoned:
            self.return_slots(given)
        return given

    def patience(self) -> float:
        """Return for how many seconds the server may hold this question."""
        left = self.wanted.left()
        if self.wanted.retries is not None:
            return 0.0
        return HOLD_SECONDS if left is None else min(left, HOLD_SECONDS)

    def call(self, seconds: float) -> Call[Any]:
        """Return what is sent: the server finds the place in its line by the name of who waits."""
        call = self.wanted.call()
        call.headers = {"Prefer": f"wait={seconds:.3f}", "Lictor-Waiter": self.waiter}
        return call

    def abandon(self) -> None:
        """Want nothing any more."""
        with self.guard:
            self.abandoned = True
            given = self.given
        if given is not None:
            self.return_slots(given)

    @staticmethod
    def return_slots(given: Given) -> None:
        """Give slots back that nobody holds; if that fails their lease ends by itself."""
        if given.lease is not None:
            with suppress(ClientError):
                connection().client(end_of(given.lease), retries=0)


def end_of(lease: UUID) -> Call[None]:
    """Return the call that gives back what a lease holds."""
    return concurrency_limit.DECREMENT_WITH_LEASE(DecrementWithLease(lease_id=lease))


def renewal(lease: UUID, seconds: float, over: Callable[[], None] | None = None) -> Repeat:
    """Return what keeps a lease; `over` is called if the server says that it has ended."""
    call = concurrency_limit.RENEW_LEASE(RenewLease(lease_duration=seconds), lease_id=lease)
    return Repeat(call, seconds / 3, over)


def acquire(wanted: Wanted, needless: Callable[[], bool] = bool) -> Generator[Effect, Any, Given | None]:
    """Wait for slots; return None if none are needed any more when it is this one's turn.

    Raises SlotsTimeout, and HTTPStatusError where the server refuses.
    """
    turn = Turn(wanted)
    with _guard:
        line = _lines.setdefault(wanted.names, deque())
        line.append(turn)
        if line[0] is turn:
            turn.come()
    try:
        if not turn.came.is_set():
            yield Wait([turn])
        if not turn.came.is_set():
            raise SlotsTimeout
        return None if needless() else (yield from ask(wanted))
    finally:
        leave(wanted.names, turn)


def leave(names: tuple[str, ...], turn: Turn) -> None:
    """Let it be the next one's turn."""
    with _guard:
        line = _lines[names]
        line.remove(turn)
        if line:
            line[0].come()
        else:
            del _lines[names]


def ask(wanted: Wanted) -> Generator[Effect, Any, Given]:
    """Ask the server until it gives slots."""
    waiter, retries = str(uuid4()), wanted.retries
    while True:
        question = Question(wanted, waiter)
        try:
            given: Given = yield Block(question)
        except HTTPStatusError as refused:
            if refused.status != FULL or retries == 0:
                raise
            pause = USUAL_PAUSE if refused.retry_after is None else refused.retry_after
        except BaseException:
            question.abandon()
            raise
        else:
            return given
        retries = None if retries is None else retries - 1
        left = wanted.left()
        yield Look(pause if left is None else min(pause, left))
        if left is not None and pause >= left:
            raise SlotsTimeout


class Slots:
    """The slots that one task run takes of its tags' limits and gives back."""

    __slots__ = ("lease", "names", "run_id", "stop_renewing")

    def __init__(self, names: tuple[str, ...], run_id: UUID) -> None:
        self.names, self.run_id = names, run_id
        self.lease: UUID | None = None
        self.stop_renewing: Callable[[], None] | None = None

    def take(self) -> Steps:
        """Wait for a slot of each limit; names that have none are remembered for a moment."""
        names = tuple(f"tag:{name}" for name in self.names)
        holder = ConcurrencyLeaseHolder(type="task_run", id=self.run_id)
        try:
            given = yield from acquire(Wanted(names, holder=holder), self.unlimited)
        except ObjectNotFound:  # a server without such limits
            given = Given(None, [])
        if given is None:
            return
        if given.limits and given.lease is not None:
            _unlimited_until.pop(self.names, None)
            self.lease = given.lease
            self.stop_renewing = yield renewal(self.lease, LEASE_SECONDS)
        else:
            _unlimited_until[self.names] = time.monotonic() + UNLIMITED_SECONDS

    def unlimited(self) -> bool:
        """Whether somebody has just found that there are no such limits."""
        return _unlimited_until.get(self.names, 0.0) > time.monotonic()

    def let_go(self) -> None:
        """Renew the lease no more: it ends by itself."""
        if self.stop_renewing is not None:
            self.stop_renewing()

    def give_back(self) -> Steps:
        """Give back what was taken; a lease that cannot be given back ends by itself."""
        if self.lease is None:
            return
        lease, self.lease = self.lease, None
        self.let_go()
        with suppress(ClientError):
            yield Within(end_of(lease), GIVE_BACK_SECONDS)


def forget() -> None:
    """Forget which names had no limit."""
    _unlimited_until.clear()


def begin_anew() -> None:
    """Begin anew in a child process, where nobody waits."""
    global _guard, _holding  # the parent may have held them while it forked
    _guard, _holding = threading.Lock(), threading.Semaphore(MOST_HELD)
    _lines.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=begin_anew)


def slots(live: LiveTaskRun) -> Slots | None:
    """Return the slots that a tagged task run needs, or None if its tags had no limits when that was last asked.

    The answer holds for a moment, and for as long as the server is away.
    """
    names = tuple(live.run.tags)
    until = _unlimited_until.get(names)
    if until is not None and (until > time.monotonic() or live.outbox.presence.away):
        return None
    return Slots(names, live.run.id)
