"""What is done to a PostgreSQL database on command: new schema, number of the schema, emptying."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from lictor.store.address import Postgres
from lictor.store.file import Change
from lictor.store.migrate import Unfit, migrations
from lictor.store.postgres_errors import translated
from lictor.store.postgres_schema import LOCK, check_server, fit, migrate, newest
from lictor.store.transaction import Unavailable

MADE = re.compile(r"^create (table|function) (?:if not exists )?([a-z_]+)", re.MULTILINE)
OTHERS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
        and application_name = current_setting('application_name')"""


@asynccontextmanager
async def connected(address: Postgres) -> AsyncIterator[tuple[Any, int]]:
    """Give a connection with the number of the schema, in a transaction that no other migration joins."""
    try:
        db = await asyncpg.connect(**{**address.options(), "statement_cache_size": 0})
    except Exception as error:
        raise translated(error, address.name) from error
    try:
        await check_server(db, address)
        async with db.transaction(isolation="read_committed"):
            await db.execute(f"select pg_advisory_xact_lock({LOCK})")
            yield db, await fit(db, address)
    except (asyncpg.PostgresError, OSError) as error:
        raise translated(error, address.name) from error
    finally:
        await db.close(timeout=5)


async def upgrade(address: Postgres) -> Change:
    """Bring a database to this version's schema."""
    async with connected(address) as (_, before):
        pass
    await migrate(address)
    return Change(before, newest())


async def stamp(address: Postgres, number: int) -> Change:
    """Say that a database has a schema, and leave its tables as they are."""
    async with connected(address) as (db, before):
        if before == 0:
            raise Unfit(f"{address.name} is empty: bring it to the schema with `lictor server database upgrade`.")
        await db.execute("update lictor_schema set version = $1", number)
    return Change(before, number)


async def reset(address: Postgres) -> None:
    """Remove all that a database holds of Lictor's, and make its tables anew."""
    async with connected(address) as (db, _):
        if others := await db.fetchval(OTHERS):
            raise Unavailable(f"{address.name} is in use by other servers ({others} connections). Stop them first.")
        for kind, name in sorted({found for _, text in migrations("postgresql") for found in MADE.findall(text)}):
            await db.execute(f"drop {kind} if exists {name} cascade")
        await db.execute("drop table if exists lictor_schema")
    await migrate(address)
