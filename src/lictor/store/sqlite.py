"""SQLite: transactions run in the writer thread, reads on connections of their own that see committed data."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from lictor.store.group_commit import Writer
from lictor.store.lock import Lock
from lictor.store.migrate import connect, fit, migrate, newest, older
from lictor.store.transaction import (
    BRIEF,
    Ask,
    Closed,
    DiskFull,
    Duplicate,
    Each,
    LostRace,
    Overloaded,
    P,
    R,
    Rows,
    StoreError,
    Transaction,
    Unavailable,
    Work,
    Write,
)

DUPLICATES = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
REASONS = {
    sqlite3.SQLITE_BUSY: "another process holds it",
    sqlite3.SQLITE_LOCKED: "another process holds it",
    sqlite3.SQLITE_IOERR: "the system reports an error of input or output",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is no database",
}
BACKLOG = 2000
READERS = 2
READER_CACHE = -16_000  # KiB, taken as it is needed
MOST_LOG_BYTES = 64 * 1024 * 1024

Asked = Ask | Each | Write


def answered(cursor: sqlite3.Cursor, asked: Asked) -> Rows:
    """Run what a transaction asks."""
    if isinstance(asked, Ask):
        return cursor.execute(asked.query.numbered, asked.values).fetchall()
    if isinstance(asked, Each):
        cursor.executemany(asked.query.numbered, asked.rows)
        return ()
    rows = cursor.execute(asked.guard.query.numbered, asked.guard.values).fetchall()
    if not rows:
        raise LostRace(asked.guard.query.name)
    for ask in asked.asks:
        answered(cursor, ask)
    return rows


class SQLiteStore:
    """Runs transactions on one SQLite file, for one server process and one event loop."""

    step_seconds = 0.005

    def __init__(self, path: str, lock: Lock, synchronous: str, timeout: float, backlog: int) -> None:
        self.path, self._lock, self._backlog = path, lock, backlog
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._db = connect(path, "rw")
        for pragma in (
            "journal_mode=wal",
            f"journal_size_limit={MOST_LOG_BYTES}",
            f"synchronous={synchronous}",
            "temp_store=memory",
            "cache_size=-8000",
        ):
            self._db.execute(f"pragma {pragma}")
        self._writer = Writer(self._db, self._play, self._translated, timeout)
        self._near = reader(path)
        self._near_cursor = self._near.cursor()
        self._far: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        for _ in range(READERS):
            self._far.put(reader(path))
        self._threads = ThreadPoolExecutor(READERS, "store-reader")

    @classmethod
    async def open(
        cls,
        path: str,
        *,
        synchronous: Literal["normal", "full"] = "normal",
        timeout: float | None = None,  # noqa: ASYNC109 - how long SQLite waits, not this coroutine
        backlog: int = BACKLOG,
        migrating: bool = True,
    ) -> SQLiteStore:
        """Own a file, made if it is not there, and bring it to this version's schema.

        `timeout` is how many seconds to wait for another process that holds the file.
        """
        make_folder(path)
        lock = Lock(path)
        try:
            migrate(path, migrating)
            protect(path)
            return cls(path, lock, synchronous, 5.0 if timeout is None else timeout, backlog)
        except BaseException as error:
            lock.release()
            if isinstance(error, sqlite3.Error):
                raise translated(error, path) from error
            raise

    async def write(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a transaction in the next group; return once its commit has returned.

        A cancelled wait drops it while it is queued; once it has left for the writer it may commit.
        """
        if self._closing:
            raise Closed("The store is closed.")
        if len(self._writer.waiting) >= self._backlog:
            raise Overloaded(f"{self._backlog} transactions wait already.")
        value: R = await self._writer.add(partial(work, *args, **kwargs), work in BRIEF)
        return value

    async def point(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read of a handful of rows by key, here on the event loop."""
        if self._closing:
            raise Closed("The store is closed.")
        return self._play(self._near_cursor, work(*args, **kwargs))

    async def read(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read of many rows in a reader thread, on one snapshot."""
        if self._closing:
            raise Closed("The store is closed.")
        return await self._loop.run_in_executor(self._threads, self._read, partial(work, *args, **kwargs))

    def _read(self, begin: Callable[[], Transaction[R]]) -> R:
        db = self._far.get()
        cursor = db.cursor()
        try:
            cursor.execute("begin")
            return self._play(cursor, begin())
        except sqlite3.Error as error:
            raise self._translated(error) from error
        finally:
            if db.in_transaction:
                cursor.execute("rollback")
            cursor.close()
            self._far.put(db)

    def _play(self, cursor: sqlite3.Cursor, work: Transaction[R]) -> R:
        """Answer every ask of a transaction; an error is raised at the `yield` that asked, and ends it."""
        rows: Rows = None  # type: ignore[assignment]  # a generator's first send must be None
        try:
            while True:
                asked = work.send(rows)
                try:
                    rows = answered(cursor, asked)
                except (sqlite3.Error, StoreError) as error:
                    work.throw(self._translated(error))
                    raise RuntimeError("a transaction ends at its first error") from error
        except StopIteration as done:
            value: R = done.value
            return value

    def _translated(self, error: BaseException) -> BaseException:
        return translated(error, self.path) if isinstance(error, sqlite3.Error) else error

    def announce(self, topic: str) -> None:
        """Do nothing: no other server has the file."""

    def listen(self, wake: Callable[[str], None]) -> None:
        """Do nothing: no other server has the file."""

    async def close(self) -> None:
        """Refuse new work, commit what was accepted, fold the log into the file."""
        if self._closing:
            return
        self._closing = True
        await self._writer.close()
        await asyncio.to_thread(self._threads.shutdown)
        while not self._far.empty():
            self._far.get().close()
        self._near_cursor.close()
        self._near.close()
        with suppress(sqlite3.Error):  # a full disk must not keep the server from stopping
            self._db.execute("pragma analysis_limit=400").close()
            self._db.execute("pragma optimize").close()
        self._db.close()
        self._lock.release()


def reader(path: str) -> sqlite3.Connection:
    """Open a connection that sees what is committed."""
    db = connect(path, "ro")
    db.execute(f"pragma cache_size={READER_CACHE}")
    return db


def look_at(path: str, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a read on one snapshot of a file that a server may be at work on."""
    try:
        with closing(reader(path)) as db:
            number = fit(db, path)
            if number != newest():
                raise older(path, number)
            db.execute("begin")
            return played(db.cursor(), work(*args, **kwargs))
    except sqlite3.Error as error:
        raise translated(error, path) from error


def played(cursor: sqlite3.Cursor, work: Transaction[R]) -> R:
    """Answer every ask of a transaction; an error ends it."""
    rows: Rows = None  # type: ignore[assignment]  # a generator's first send must be None
    try:
        while True:
            rows = answered(cursor, work.send(rows))
    except StopIteration as done:
        value: R = done.value
        return value


def make_folder(path: str) -> None:
    """Make the folder of a database, for its owner alone, if it is not there."""
    folder = Path(path).absolute().parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be made: {error.strerror}.") from error


def protect(path: str) -> None:
    """Let only its owner read the file; SQLite gives `-wal` and `-shm` the same mode."""
    for name in (path, f"{path}-wal", f"{path}-shm"):
        with suppress(OSError):  # absent, or another user's, who set its mode
            os.chmod(name, 0o600)


def translated(error: sqlite3.Error, path: str) -> Exception:
    """Return the store's own error for one of SQLite's, or that one where it shows a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    if code in DUPLICATES:
        return Duplicate(str(error))
    code &= 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(f"{path}: the disk is full.")
    reason = REASONS.get(code)
    return error if reason is None else Unavailable(f"{path}: {reason} ({error}).")
