"""A store for each test: on a SQLite file of its own, and on an emptied PostgreSQL database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from lictor.store.address import Postgres
from lictor.store.postgres import PostgresStore
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Store
from tests.postgres import Cluster

DATABASES = ["sqlite", "postgresql"]
EMPTY = """do $$ declare name text; begin
    for name in select relname from pg_class where relnamespace = cast(current_schema() as regnamespace)
        and relkind = 'r' and relname <> 'lictor_schema'
    loop execute format('delete from %I', name); end loop;
    for name in select relname from pg_class where relnamespace = cast(current_schema() as regnamespace)
        and relkind = 'S'
    loop perform setval(cast(quote_ident(name) as regclass), 1, false); end loop;
end $$"""


@pytest.fixture
def path(tmp_path: Any) -> str:
    return str(tmp_path / "lictor.db")


@pytest.fixture(scope="session")
def postgres(cluster: Cluster) -> Iterator[Postgres]:
    """Give a database for one test after another."""
    with cluster.database() as name:
        yield cluster.address(name)


async def emptied(address: Postgres) -> Postgres:
    """Remove all rows, and count from 1 again."""
    db = await asyncpg.connect(**address.options())
    await db.execute(EMPTY)
    await db.close()
    return address


@pytest.fixture
async def sqlite(path: str) -> AsyncIterator[SQLiteStore]:
    opened = await SQLiteStore.open(path)
    yield opened
    await opened.close()


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, path: str) -> str | Postgres:
    address: Postgres | str = path if request.param == "sqlite" else request.getfixturevalue("postgres")
    return address


@pytest.fixture
async def store(place: str | Postgres) -> AsyncIterator[Store]:
    opened: Store
    if isinstance(place, str):
        opened = await SQLiteStore.open(place)
    else:
        opened = await PostgresStore.open(await emptied(place))
    yield opened
    await opened.close()
