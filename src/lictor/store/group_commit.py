"""Group commit: one thread runs queued transactions and commits those of the same moment together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from lictor.store.transaction import Transaction

Begin = Callable[[], Transaction[Any]]
Play = Callable[[sqlite3.Cursor, Transaction[Any]], Any]
Translate = Callable[[BaseException], BaseException]

LARGEST_GROUP = 64
LONGEST_SECONDS = 0.02


class Job:
    """One transaction that waits for its commit."""

    __slots__ = ("begin", "error", "future", "value")

    def __init__(self, future: asyncio.Future[Any], begin: Begin) -> None:
        self.future, self.begin = future, begin
        self.value: Any = None
        self.error: BaseException | None = None

    def answer(self) -> None:
        """Tell the awaiter, unless it has gone."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Owns the writing connection; jobs wait on the loop while a group is out, so that no bookkeeping needs a lock."""

    def __init__(self, db: sqlite3.Connection, play: Play, translate: Translate) -> None:
        self.waiting: deque[Job] = deque()
        self._db, self._cursor, self._play, self._translate = db, db.cursor(), play, translate
        self._loop = asyncio.get_running_loop()
        self._groups: SimpleQueue[deque[Job] | None] = SimpleQueue()
        self._busy = False
        self._idle = asyncio.Event()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def add(self, begin: Begin) -> asyncio.Future[Any]:
        """Queue a transaction; it leaves at the end of this tick, or when the group that is out comes back."""
        job = Job(self._loop.create_future(), begin)
        self.waiting.append(job)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._hand_over)
        return job.future

    def _hand_over(self) -> None:
        jobs = deque(job for job in self.waiting if not job.future.done())  # a cancelled job is dropped here, not later
        self.waiting.clear()
        if jobs:
            self._groups.put(jobs)
        else:
            self._busy = False
            self._idle.set()

    def _answer(self, jobs: list[Job], last: bool) -> None:
        for job in jobs:
            job.answer()
        if last:
            self._loop.call_soon(self._hand_over)  # after the awaiters ran: their next writes come along

    def _run(self) -> None:
        while (jobs := self._groups.get()) is not None:
            while jobs:
                done = self._commit(jobs)
                self._loop.call_soon_threadsafe(self._answer, done, not jobs)

    def _commit(self, jobs: deque[Job]) -> list[Job]:
        """Commit the next jobs together and return them; nobody is answered before COMMIT has returned."""
        if len(jobs) == 1:
            return [self._alone(jobs.popleft())]
        done: list[Job] = []
        until = monotonic() + LONGEST_SECONDS
        try:
            self._cursor.execute("begin immediate")
            while jobs and len(done) < LARGEST_GROUP and (not done or monotonic() < until):
                done.append(jobs.popleft())
                self._in_savepoint(done[-1])
            self._cursor.execute("commit")
        except BaseException as error:
            self._rollback()
            if done:
                return [self._alone(job) for job in done]  # the group is lost; who is to blame fails alone
            return self._give_up(jobs, error)
        return done

    def _give_up(self, jobs: deque[Job], error: BaseException) -> list[Job]:
        """Fail all who wait: the file cannot be written now, and each try would wait as long as the first did."""
        failed = list(jobs)
        jobs.clear()
        for job in failed:
            job.error = self._translate(error)
        return failed

    def _in_savepoint(self, job: Job) -> None:
        self._cursor.execute("savepoint job")
        try:
            job.value = self._play(self._cursor, job.begin())
        except BaseException as error:
            if not self._db.in_transaction:  # SQLite gave up the whole group: disk full, I/O error, no memory
                raise
            job.error = error
            self._cursor.execute("rollback to job")
        self._cursor.execute("release job")

    def _alone(self, job: Job) -> Job:
        job.value = job.error = None
        try:
            self._cursor.execute("begin immediate")
            job.value = self._play(self._cursor, job.begin())
            self._cursor.execute("commit")
        except BaseException as error:
            self._rollback()
            job.error = self._translate(error)
        return job

    def _rollback(self) -> None:
        if self._db.in_transaction:
            self._cursor.execute("rollback")

    async def close(self) -> None:
        """Commit what was accepted, then let the thread and its cursor go."""
        while self._busy:
            self._idle.clear()
            await self._idle.wait()
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join)
        self._cursor.close()  # a living cursor would keep the closed connection, and its -wal file, open
