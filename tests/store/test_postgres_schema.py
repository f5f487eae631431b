"""Which PostgreSQL databases a server opens, and which it leaves as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import msgspec
import pytest

from lictor.kit.secret import Secret
from lictor.store.address import Postgres
from lictor.store.migrate import Unfit, migrations
from lictor.store.postgres import PostgresStore
from lictor.store.postgres_schema import migrate, newest
from lictor.store.transaction import Unavailable
from tests.postgres import Cluster

SCHEMA = """select table_name, column_name, data_type, is_nullable from information_schema.columns
    where table_schema = current_schema() order by 1, 2"""


@pytest.fixture
def fresh(cluster: Cluster) -> Iterator[Postgres]:
    with cluster.database() as name:
        yield cluster.address(name)


async def run(address: Postgres, *statements: str) -> list[tuple[object, ...]]:
    db = await asyncpg.connect(**address.options())
    try:
        found: list[tuple[object, ...]] = []
        for statement in statements:
            found = [tuple(row) for row in await db.fetch(statement)]
        return found
    finally:
        await db.close()


async def test_servers_that_start_at_once_make_one_schema(fresh: Postgres) -> None:
    await asyncio.gather(*(migrate(fresh) for _ in range(6)))
    schema = await run(fresh, SCHEMA)
    await migrate(fresh)
    assert await run(fresh, SCHEMA) == schema
    assert await run(fresh, "select version from lictor_schema") == [(newest(),)]
    assert len(schema) > 50


async def test_a_migration_that_fails_leaves_nothing(fresh: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(fresh)
    schema = await run(fresh, SCHEMA)
    number = newest() + 1
    broken = (*migrations("postgresql"), (number, "create table half (a bigint); create table half (a bigint);"))
    monkeypatch.setattr("lictor.store.postgres_schema.migrations", lambda database: broken)
    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(fresh)
    assert await run(fresh, SCHEMA) == schema
    assert await run(fresh, "select version from lictor_schema") == [(number - 1,)]


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["create table alembic_version (version_num text)"], "is a database of Prefect.*create database lictor"),
        (["create table notes (a text)"], "holds tables of another program, such as notes"),
    ],
)
async def test_another_programs_database_is_left_as_it_is(fresh: Postgres, statements: list[str], message: str) -> None:
    await run(fresh, *statements)
    before = await run(fresh, SCHEMA)
    with pytest.raises(Unfit, match=message):
        await migrate(fresh)
    assert await run(fresh, SCHEMA) == before


async def test_a_schema_of_its_own_beside_another_programs_is_fine(fresh: Postgres) -> None:
    await run(fresh, "create table alembic_version (version_num text)", "create schema lictor")
    own = msgspec.structs.replace(fresh, server_settings={"search_path": "lictor"})
    store = await PostgresStore.open(own)
    await store.close()
    assert await run(own, "select version from lictor_schema") == [(newest(),)]


async def test_a_schema_newer_than_the_code_is_refused(fresh: Postgres) -> None:
    await migrate(fresh)
    await run(fresh, f"update lictor_schema set version = {newest() + 1}")
    with pytest.raises(Unfit, match=f"has schema {newest() + 1}, made by a newer version of Lictor"):
        await PostgresStore.open(fresh)


async def test_an_older_schema_is_left_where_that_is_wished(fresh: Postgres) -> None:
    with pytest.raises(Unfit, match="lictor server database upgrade"):
        await PostgresStore.open(fresh, migrating=False)
    assert await run(fresh, SCHEMA) == []


async def test_an_encoding_that_cannot_hold_every_text_is_refused(cluster: Cluster) -> None:
    make = "create database latin encoding 'LATIN1' locale 'C' template template0 locale_provider libc"
    await run(cluster.address("postgres"), make)
    try:
        with pytest.raises(Unfit, match="is encoded in LATIN1"):
            await migrate(cluster.address("latin"))
    finally:
        await run(cluster.address("postgres"), "drop database latin")


async def test_a_database_that_cannot_be_reached_is_named_without_its_password(fresh: Postgres) -> None:
    wrong = {"port": 1, "database": "nowhere", "user": "nobody"}
    for name, value in wrong.items():
        changed = msgspec.structs.replace(fresh, password=Secret("hidden"), **{name: value})
        with pytest.raises(Unavailable, match=f"PostgreSQL database '{changed.database}' on {fresh.host}") as refused:
            await PostgresStore.open(changed)
        assert "hidden" not in str(refused.value)
