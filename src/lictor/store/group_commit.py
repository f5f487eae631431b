"""Group commit: one thread runs queued transactions and commits those of the same moment together.

A brief transaction that waits alone is committed at once, on the event loop: handing it to the thread and back would
cost more than the transaction. What may take long stays in the thread: groups, the wait for a file that another process
holds, and checkpoints (folding the log into the file), which SQLite would otherwise do inside some unlucky commit.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any

from lictor.store.transaction import Transaction

Begin = Callable[[], Transaction[Any]]
Play = Callable[[sqlite3.Cursor, Transaction[Any]], Any]
Translate = Callable[[BaseException], BaseException]

LARGEST_GROUP = 64
LONGEST_SECONDS = 0.02
COMMITS_TO_CHECKPOINT = 250
CHANGES_TO_CHECKPOINT = 2000
FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.1


class Job:
    """One transaction that waits for its commit."""

    __slots__ = ("begin", "brief", "error", "future", "value")

    def __init__(self, future: asyncio.Future[Any], begin: Begin, brief: bool) -> None:
        self.future, self.begin, self.brief = future, begin, brief
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

    def __init__(self, db: sqlite3.Connection, play: Play, translate: Translate, timeout: float) -> None:
        self.waiting: deque[Job] = deque()
        self._db, self._cursor, self._play, self._translate = db, db.cursor(), play, translate
        self._timeout = timeout
        self._cursor.execute("pragma busy_timeout=0")  # the loop never waits; the thread waits by itself
        self._cursor.execute("pragma wal_autocheckpoint=0")
        self._commits = self._changes = self._counted = 0
        self._loop = asyncio.get_running_loop()
        self._groups: SimpleQueue[deque[Job] | None] = SimpleQueue()
        self._busy = False
        self._idle = asyncio.Event()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def add(self, begin: Begin, brief: bool = False) -> asyncio.Future[Any]:
        """Queue a transaction; it leaves at the end of this tick, or when the group that is out comes back."""
        job = Job(self._loop.create_future(), begin, brief)
        self.waiting.append(job)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._hand_over)
        return job.future

    def _hand_over(self) -> None:
        jobs = deque(job for job in self.waiting if not job.future.done())  # a cancelled job is dropped here, not later
        self.waiting.clear()
        if len(jobs) == 1 and jobs[0].brief and self._at_once(jobs[0]):
            due = self._due()
            self._answer([jobs.popleft()], last=not due)
            if due:
                self._groups.put(jobs)
        elif jobs:
            self._groups.put(jobs)
        else:
            self._busy = False
            self._idle.set()

    def _at_once(self, job: Job) -> bool:
        """Commit a transaction here on the loop; return False, with nothing done, if another process is in the way."""
        try:
            self._cursor.execute("begin immediate")
        except sqlite3.OperationalError:
            return False
        self._finish(job)
        return True

    def _answer(self, jobs: list[Job], last: bool) -> None:
        for job in jobs:
            job.answer()
        if last:
            self._loop.call_soon(self._hand_over)  # after the awaiters ran: their next writes come along

    def _run(self) -> None:
        while (jobs := self._groups.get()) is not None:
            last = False
            while jobs:
                done = self._commit(jobs)
                last = not jobs and not self._due()
                if not self._tell(done, last):
                    return
            if not last:
                self._checkpoint()
                if not self._tell([], True):
                    return

    def _tell(self, done: list[Job], last: bool) -> bool:
        """Have what is done answered; say whether anybody waits: an event loop that is closed has nobody."""
        try:
            self._loop.call_soon_threadsafe(self._answer, done, last)
        except RuntimeError:
            if not self._loop.is_closed():
                raise
            return False
        return True

    def _due(self) -> bool:
        """Tell whether the log has grown enough to be folded into the file."""
        return self._commits >= COMMITS_TO_CHECKPOINT or self._changes >= CHANGES_TO_CHECKPOINT

    def _checkpoint(self) -> None:
        self._commits = self._changes = 0
        with suppress(sqlite3.Error):  # a full disk, or a reader in the way: the log grows until the next time
            self._cursor.execute("pragma wal_checkpoint(passive)").fetchall()

    def _begin(self) -> None:
        """Begin to write, once no other process does; give up after a time."""
        until, pause = monotonic() + self._timeout, FIRST_PAUSE
        while True:
            try:
                self._cursor.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() + pause > until:
                    raise
                sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                return

    def _end(self) -> None:
        changed = self._db.total_changes
        self._cursor.execute("commit")
        self._commits += 1
        self._changes += changed - self._counted
        self._counted = changed

    def _commit(self, jobs: deque[Job]) -> list[Job]:
        """Commit the next jobs together and return them; nobody is answered before COMMIT has returned."""
        if len(jobs) == 1:
            return [self._alone(jobs.popleft())]
        done: list[Job] = []
        until = monotonic() + LONGEST_SECONDS
        try:
            self._begin()
            while jobs and len(done) < LARGEST_GROUP and (not done or monotonic() < until):
                done.append(jobs.popleft())
                self._in_savepoint(done[-1])
            self._end()
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
            self._begin()
        except BaseException as error:
            job.error = self._translate(error)
            return job
        return self._finish(job)

    def _finish(self, job: Job) -> Job:
        """Run a transaction that has begun, and commit it."""
        try:
            job.value = self._play(self._cursor, job.begin())
            self._end()
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
