"""PostgreSQL: a transaction's asks are awaited on one connection of a pool, independent writes as one statement.

A transaction that lost a race, or its connection before it was committed, is called again. Its first try reads
without locks, save where a query asks for some; a later one locks what it decides on (`dialect.DIALECTS`).
"""
# ruff: noqa: S608 - statements are put together from texts of this package

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial
from itertools import count
from typing import Any, NoReturn

import asyncpg

from lictor.store.address import Postgres
from lictor.store.postgres_errors import DRIVER, Again, Gone, is_lost, translated
from lictor.store.postgres_schema import migrate
from lictor.store.postgres_text import kept, read
from lictor.store.relay import Relay
from lictor.store.transaction import (
    Ask,
    Closed,
    Duplicate,
    Each,
    LostRace,
    Overloaded,
    P,
    Query,
    R,
    Rows,
    StoreError,
    TooLong,
    Transaction,
    Unavailable,
    Uncertain,
    Work,
    Write,
)

BACKLOG = 2000
TRIES, TRIES_OF_DUPLICATES = 15, 4
BEGIN_WRITING = "begin isolation level read committed"
BEGIN_READING = "begin isolation level repeatable read read only; set local plan_cache_mode = force_custom_plan"
"""Reads of many rows are planned for the values that they are given: a state or a tag may be rare or common."""
STATEMENTS = 200
SAFE_LENGTH = 600
"""So many characters of any kind fit in an index."""
NEVER_INDEXED = ("body", "lines")
CLOSING_SECONDS = 5.0
INSERT = re.compile(r"(insert into .*\))\s*values \((.*?)\)\s*(on conflict \([a-z_, ]+\) do nothing)?$", re.DOTALL)
NUMBER = re.compile(r"\$(\d+)")


@lru_cache(maxsize=1000)
def merged(guard: Query, queries: tuple[Query, ...]) -> str | None:
    """Return one statement that does all the inserts if the guard finds its row, or None where some are none.

    Its parts see one snapshot and not each other, and run in no promised order.
    """
    parts, offset = [f"with guard as ({guard.postgres('writing')})"], len(guard.parameters)
    for index, query in enumerate(queries):
        insert = INSERT.fullmatch(query.postgres("writing"))
        if insert is None:
            return None
        into, values, conflict = insert.groups()
        text = f"{into} select {values} where exists (select from guard) {conflict or ''}"
        parts.append(f"part{index} as ({moved(text, offset)})")
        offset += len(query.parameters)
    return ", ".join(parts) + " select * from guard"


def moved(text: str, offset: int) -> str:
    """Return a statement whose parameters are numbered on from others."""
    return NUMBER.sub(lambda found: f"${int(found[1]) + offset}", text)


def too_long(asked: Ask | Each | Write) -> str:
    """Say which texts of a write are too long to be found by."""
    if isinstance(asked, Write):
        return ", ".join(filter(None, map(too_long, (asked.guard, *asked.asks))))
    rows = [asked.values] if isinstance(asked, Ask) else asked.rows
    names = dict.fromkeys(
        name
        for row in rows
        for name, value in zip(asked.query.parameters, row, strict=True)
        if isinstance(value, str) and len(value) > SAFE_LENGTH and name not in NEVER_INDEXED
    )
    said = "too long to be found by on PostgreSQL; keep it under {:,} characters."
    return f"{', '.join(names)}: {said.format(SAFE_LENGTH)}" if names else ""


def ended(work: Transaction[R], told: BaseException, error: Exception) -> NoReturn:
    """Raise an error where a transaction asked for what failed; after that the database takes nothing more of it."""
    with suppress(StopIteration):
        work.throw(told)
    raise RuntimeError("a transaction ends at its first error") from error


async def prepare(connection: Any) -> None:
    """Make a new connection carry any text, and end where a server is gone that holds locks by it.

    Said in a statement: a pooler between refuses what it does not know as it connects.
    """
    await connection.execute("set idle_in_transaction_session_timeout = '60s'")
    await connection.set_type_codec("text", schema="pg_catalog", encoder=kept, decoder=read, format="text")


async def keep(connection: Any) -> None:
    """Give a connection back as it is: transactions leave nothing behind, so that a round trip is saved."""


class PostgresStore:
    """Runs transactions on a PostgreSQL database, which other servers may use as well."""

    step_seconds = 0.25  # writers of other rows go on meanwhile

    def __init__(self, pool: Any, address: Postgres, backlog: int) -> None:
        self.pool, self.address, self._backlog = pool, address, backlog
        self._waiting = 0
        self._closing = False
        self._relay = Relay(address)

    @classmethod
    async def open(cls, address: Postgres, *, migrating: bool = True, backlog: int = BACKLOG) -> PostgresStore:
        """Connect, and bring the database to this version's schema, or refuse it where that is not to be done."""
        await migrate(address, migrating)
        options = {"statement_cache_size": STATEMENTS, **address.options()}
        try:
            pool = await asyncpg.create_pool(
                **options,
                command_timeout=address.timeout,
                min_size=0,  # its driver complains at length when it cannot keep more
                max_size=address.connections,
                init=prepare,
                reset=keep,
            )
        except Exception as error:
            raise translated(error, address.name) from error
        return cls(pool, address, backlog)

    async def write(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a transaction; return once it is committed."""
        return await self._again_and_again(partial(self._write, partial(work, *args, **kwargs)))

    async def read(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read on one snapshot."""
        return await self._again_and_again(partial(self._read, partial(work, *args, **kwargs)))

    async def point(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read of a handful of rows by key."""
        return await self._again_and_again(partial(self._point, partial(work, *args, **kwargs)))

    async def _again_and_again(self, attempt: Callable[[int], Awaitable[R]]) -> R:
        """Try until it is done, cannot be done, or took too long."""
        if self._closing:
            raise Closed("The store is closed.")
        if self._waiting >= self._backlog:
            raise Overloaded(f"{self._backlog} transactions wait already.")
        self._waiting += 1
        patience, lost = time.monotonic() + self.address.patience, 0
        try:
            for number in count(1):
                try:
                    return await attempt(number - lost)
                except (Again, LostRace):
                    if number - lost == TRIES:
                        raise
                except Duplicate:  # of a row that another transaction made since: the next try finds it
                    if number - lost == TRIES_OF_DUPLICATES:
                        raise
                except Gone:
                    if time.monotonic() > patience or self._closing:
                        raise
                    lost += 1
                if number > 1:  # after giving the connection back
                    await asyncio.sleep(random.uniform(0, min(0.002 * 2**number, 0.2)))  # noqa: S311 - not a secret
        finally:
            self._waiting -= 1
        raise AssertionError

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """Borrow a connection of the pool."""
        try:
            db = await self.pool.acquire(timeout=self.address.pool_timeout)
        except TimeoutError as error:
            raise Overloaded("No connection to the database came free: try again.") from error
        except Exception as error:
            raise self._translated(error) from error
        try:
            yield db
        finally:
            with suppress(*DRIVER):  # it is broken: the pool drops it
                await self.pool.release(db)

    async def _write(self, begin: Callable[[], Transaction[R]], attempt: int) -> R:
        async with self._connection() as db:
            try:
                await db.execute(BEGIN_WRITING)
                value = await self._play(db, begin(), "writing" if attempt == 1 else "again")
            except BaseException as error:
                await self._undo(db)
                if isinstance(error, asyncpg.ReadOnlySQLTransactionError):  # another server has become the first
                    await self.pool.expire_connections()
                    raise Gone(f"{self.address.name}: it takes no changes any more") from error
                self._refuse(error, db)
                raise
            try:
                await db.execute("commit")
            except Exception as error:
                raise self._uncertain(error, db) from error
            return value

    def _uncertain(self, error: Exception, db: Any) -> BaseException:
        """Return the error of a commit: where the connection was lost nobody knows what became of it."""
        found = self._translated(error, db)
        if isinstance(found, Unavailable):
            return Uncertain(f"{self.address.name}: the connection was lost while a change was committed.")
        return found

    async def _undo(self, db: Any) -> None:
        """Roll back, where the connection is still there; whoever gets it next must not find a transaction on it."""
        if is_lost(db):
            return
        try:
            await db.execute("rollback")
        except DRIVER:
            with suppress(*DRIVER):
                db.terminate()

    async def _read(self, begin: Callable[[], Transaction[R]], attempt: int) -> R:
        async with self._connection() as db:
            try:
                await db.execute(BEGIN_READING)
                value = await self._play(db, begin(), "reading")
            except BaseException as error:
                await self._undo(db)
                self._refuse(error, db)
                raise
            await self._undo(db)
            return value

    async def _point(self, begin: Callable[[], Transaction[R]], attempt: int) -> R:
        async with self._connection() as db:
            return await self._play(db, begin(), "reading")

    async def _play(self, db: Any, work: Transaction[R], how: str) -> R:
        """Answer every ask of a transaction; an error is raised at the `yield` that asked, and ends it."""
        rows: Rows = None  # type: ignore[assignment]  # a generator's first send must be None
        try:
            while True:
                asked = work.send(rows)
                try:
                    rows = await self._answered(db, asked, how)
                except asyncpg.ProgramLimitExceededError as error:
                    ended(work, TooLong(too_long(asked)), error)
                except (*DRIVER, StoreError) as error:
                    ended(work, self._translated(error, db), error)
        except StopIteration as done:
            value: R = done.value
            return value

    async def _answered(self, db: Any, asked: Ask | Each | Write, how: str) -> Rows:
        """Run what a transaction asks."""
        rows: Rows
        if isinstance(asked, Ask):
            rows = await db.fetch(asked.query.postgres(how), *asked.values)
            return rows
        if isinstance(asked, Each):
            if asked.rows:
                await db.executemany(asked.query.postgres(how), asked.rows)
            return ()
        guard, together = asked.guard, [ask for ask in asked.asks if isinstance(ask, Ask)]
        text = merged(guard.query, tuple([ask.query for ask in together])) if together else None
        if text is None:
            rows = await db.fetch(guard.query.postgres(how), *guard.values)
        else:
            rows = await db.fetch(text, *sum((ask.values for ask in together), guard.values))
        if not rows:
            raise LostRace(guard.query.name)
        for ask in asked.asks:
            if text is None or isinstance(ask, Each):
                await self._answered(db, ask, how)
        return rows

    def _refuse(self, error: BaseException, db: Any) -> None:
        """Raise the store's own error for another, if it has one."""
        found = self._translated(error, db)
        if found is not error:
            raise found from error

    def _translated(self, error: BaseException, db: Any = None) -> BaseException:
        lost = db is not None and is_lost(db)
        return translated(error, self.address.name, lost) if isinstance(error, Exception) else error

    def announce(self, topic: str) -> None:
        """Tell other servers on the same database that rows of a topic were committed."""
        self._relay.announce(topic)

    def listen(self, wake: Callable[[str], None]) -> None:
        """Call `wake` with each topic that other servers announce."""
        self._relay.listen(wake)

    async def close(self) -> None:
        """Refuse new work, finish what was accepted, let go."""
        if self._closing:
            return
        self._closing = True
        await self._relay.close()
        try:
            await asyncio.wait_for(self.pool.close(), CLOSING_SECONDS)
        except TimeoutError:
            self.pool.terminate()
