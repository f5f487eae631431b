"""Opens the database that the settings name."""

from __future__ import annotations

from lictor.settings import Settings, table
from lictor.store.address import Postgres
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Store


async def open_store(place: str | Postgres, settings: Settings) -> Store:
    """Open a SQLite file or a PostgreSQL database, brought to this version's schema."""
    migrating = settings[table.SERVER_DATABASE_MIGRATE_ON_START]
    if isinstance(place, str):
        return await SQLiteStore.open(place, timeout=settings[table.SERVER_DATABASE_TIMEOUT], migrating=migrating)
    from lictor.store.postgres import PostgresStore  # noqa: PLC0415 - its driver is loaded where it is needed

    return await PostgresStore.open(place, migrating=migrating)
