"""Brings a PostgreSQL database to this version's schema: numbered SQL files, forward only, one transaction each."""

from __future__ import annotations

from typing import Any

import asyncpg

from lictor.store.address import Postgres
from lictor.store.migrate import Unfit, migrations, older
from lictor.store.postgres_errors import DRIVER, translated

OLDEST = 130000
LOCK = 0x4C494354
"""The advisory lock that is held while the schema is read and changed: "LICT", as in the header of SQLite's files."""
TABLES = """
    select relname from pg_class where relnamespace = cast(current_schema() as regnamespace) and relkind in ('r', 'p')
    and not exists (  -- tables of extensions do not count
        select 1 from pg_depend where classid = cast('pg_class' as regclass) and objid = pg_class.oid and deptype = 'e'
    )"""


async def migrate(address: Postgres, migrating: bool = True) -> None:
    """Apply what the database lacks, or refuse it; of several servers that start at once, one does it."""
    options = address.options()
    options.pop("statement_cache_size", None)
    try:
        db = await asyncpg.connect(**options, statement_cache_size=0, command_timeout=address.migration_timeout)
    except Exception as error:
        raise translated(error, address.name) from error
    try:
        await check_server(db, address)
        await bring_up(db, address, migrating)
    except DRIVER as error:
        raise translated(error, address.name) from error
    finally:
        await db.close(timeout=5)


async def check_server(db: Any, address: Postgres) -> None:
    """Refuse a server that is too old, and a database that cannot hold every character."""
    version = int(await db.fetchval("show server_version_num"))
    if version < OLDEST:
        raise Unfit(
            f"{address.name} is on PostgreSQL {version // 10000}; Lictor needs {OLDEST // 10000} or newer. Upgrade it."
        )
    encoding = await db.fetchval("show server_encoding")
    if encoding != "UTF8":
        raise Unfit(
            f"{address.name} is encoded in {encoding}, which cannot hold every text. Make one with "
            "create database lictor encoding 'UTF8' template template0."
        )


async def bring_up(db: Any, address: Postgres, migrating: bool) -> None:
    """Apply migration after migration, each under the lock and whole or not at all."""
    for number, text in migrations("postgresql"):
        async with db.transaction(isolation="read_committed"):
            await db.execute(f"select pg_advisory_xact_lock({LOCK})")
            version = await fit(db, address)
            if version >= number:
                continue
            if not migrating:
                raise older(address.name, version)
            await db.execute(text)
            await db.execute("create table if not exists lictor_schema (version bigint not null)")
            await db.execute("delete from lictor_schema")
            await db.execute("insert into lictor_schema (version) values ($1)", number)


def newest() -> int:
    """Return the number of the last migration."""
    return migrations("postgresql")[-1][0]


async def fit(db: Any, address: Postgres) -> int:
    """Return the schema's version, 0 for an empty database, or refuse the database."""
    tables = {row[0] for row in await db.fetch(TABLES)}
    if "alembic_version" in tables:
        raise Unfit(
            f"{address.name} is a database of Prefect. Lictor leaves it as it is: make another one "
            "(create database lictor) and name that in PREFECT_SERVER_DATABASE_CONNECTION_URL."
        )
    if "lictor_schema" not in tables:
        if tables:
            raise Unfit(
                f"{address.name} holds tables of another program, such as {min(tables)}. Make a database for Lictor "
                "alone (create database lictor)."
            )
        return 0
    version = int(await db.fetchval("select version from lictor_schema"))
    if version > newest():
        raise Unfit(
            f"{address.name} has schema {version}, made by a newer version of Lictor; this one knows {newest()}. "
            "Install that version, or name another database."
        )
    return version
