"""Opens the database that the settings name."""

from __future__ import annotations

import asyncio
from functools import partial

from lictor.settings import Settings, table
from lictor.store import file
from lictor.store.address import Postgres
from lictor.store.file import Change, must_be_there
from lictor.store.sqlite import SQLiteStore, look_at
from lictor.store.transaction import P, R, Store, Work


async def open_store(place: str | Postgres, settings: Settings) -> Store:
    """Open a SQLite file or a PostgreSQL database, brought to this version's schema."""
    migrating = settings[table.SERVER_DATABASE_MIGRATE_ON_START]
    if isinstance(place, str):
        return await SQLiteStore.open(place, timeout=settings[table.SERVER_DATABASE_TIMEOUT], migrating=migrating)
    from lictor.store.postgres import PostgresStore  # noqa: PLC0415 - its driver is loaded where it is needed

    return await PostgresStore.open(place, migrating=migrating)


async def look(place: str | Postgres, settings: Settings, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a read on a database that servers may be at work on; neither it nor its schema is changed."""
    if isinstance(place, str):
        must_be_there(place)
        return await asyncio.to_thread(partial(look_at, place, work, *args, **kwargs))
    from lictor.store.postgres import PostgresStore  # noqa: PLC0415 - see above

    store = await PostgresStore.open(place, migrating=False)
    try:
        return await store.read(work, *args, **kwargs)
    finally:
        await store.close()


async def upgrade(place: str | Postgres) -> Change:
    """Bring a database to this version's schema."""
    if isinstance(place, str):
        return await asyncio.to_thread(file.upgrade, place)
    from lictor.store import postgres_upkeep  # noqa: PLC0415 - see above

    return await postgres_upkeep.upgrade(place)


async def stamp(place: str | Postgres, number: int) -> Change:
    """Say that a database has a schema, and leave its tables as they are."""
    if isinstance(place, str):
        return await asyncio.to_thread(file.stamp, place, number)
    from lictor.store import postgres_upkeep  # noqa: PLC0415 - see above

    return await postgres_upkeep.stamp(place, number)


async def reset(place: str | Postgres) -> None:
    """Remove all that a database holds, unless a server uses it."""
    if isinstance(place, str):
        await asyncio.to_thread(file.reset, place)
        return
    from lictor.store import postgres_upkeep  # noqa: PLC0415 - see above

    await postgres_upkeep.reset(place)
