"""Every named query is well formed, and every query is used."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

import lictor.store
from lictor.kit.ids import uuid7
from lictor.store.address import Postgres
from lictor.store.dialect import DIALECTS, POSTGRES, SQLITE, ids, packed, spelled
from lictor.store.migrate import migrate
from lictor.store.postgres_schema import migrate as migrate_postgres
from lictor.store.queries import FOLDER, queries
from lictor.store.transaction import Query

STORE = Path(lictor.store.__file__).parent
NAMED = [
    (path.stem, name, query) for path in sorted(FOLDER.glob("*.sql")) for name, query in queries(path.stem).items()
]


@pytest.fixture
def database(path: str) -> str:
    migrate(path)
    return path


@pytest.mark.parametrize(("resource", "name", "query"), NAMED, ids=[f"{r}.{n}" for r, n, _ in NAMED])
def test_every_query_can_be_prepared(database: str, resource: str, name: str, query: Query) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute(f"explain {query.numbered}", [None] * len(query.parameters))


@pytest.mark.parametrize("how", DIALECTS)
async def test_every_query_can_be_prepared_on_postgresql(postgres: Postgres, how: str) -> None:
    wrong = {}
    await migrate_postgres(postgres)
    db = await asyncpg.connect(**postgres.options())
    for resource, name, query in NAMED:
        if how == "reading" and not query.text.startswith("select"):
            continue
        try:
            await db.prepare(query.postgres(how))
        except asyncpg.PostgresError as error:
            wrong[f"{resource}.{name}"] = str(error)
    await db.close()
    assert not wrong


async def test_every_text_sorts_by_its_characters_on_postgresql(postgres: Postgres) -> None:
    await migrate_postgres(postgres)
    db = await asyncpg.connect(**postgres.options())
    wrong = await db.fetch(
        "select table_name || '.' || column_name from information_schema.columns where table_schema = current_schema() "
        "and data_type in ('text', 'character varying') and collation_name is distinct from 'C'"
    )
    await db.close()
    assert [row[0] for row in wrong] == [], 'write text collate "C" in the migration for PostgreSQL'


@pytest.mark.parametrize("resource", sorted({resource for resource, _, _ in NAMED}))
def test_every_statement_of_a_file_has_its_name_and_its_sentence(resource: str) -> None:
    text = (FOLDER / f"{resource}.sql").read_text()
    assert text.count(";") == len(queries(resource)) == len(re.findall(r"^-- [a-z_]+$", text, re.MULTILINE))


@pytest.mark.parametrize("resource", sorted({resource for resource, _, _ in NAMED}))
def test_every_query_is_used(resource: str) -> None:
    code = (STORE / f"{resource}.py").read_text() + (STORE / "run_row.py").read_text()
    for name in queries(resource):
        ways = {re.sub("(flow_run|task_run)(?=_state)", placeholder, name) for placeholder in ("{kind}", "{table}")}
        assert f'SQL["{name}"]' in code or any(f'SQL[f"{way}"]' in code for way in ways), name


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_a_list_of_ids_is_found_by_its_index(database: str, count: int) -> None:
    wanted = [uuid7() for _ in range(count)]
    statement = spelled("select id from flow where id {any_id v}").replace(":v", "?1")
    with closing(sqlite3.connect(database)) as db:
        for one in [*wanted, *(uuid7() for _ in range(20))]:
            db.execute(
                "insert into flow (id, name, tags, created, updated, body, written_by) values (?, ?, '', 0, 0, '', '')",
                (one.bytes, str(one)),
            )
        found = {row[0] for row in db.execute(statement, (ids(wanted),))}
        plan = str(db.execute(f"explain query plan {statement}", (ids(wanted),)).fetchall())
    assert found == {one.bytes for one in wanted}
    assert "SEARCH flow USING COVERING INDEX" in plan
    assert ids(wanted) == packed(one.bytes for one in wanted)


def test_an_unknown_fragment_is_a_mistake() -> None:
    assert SQLITE.keys() == POSTGRES.keys() == DIALECTS["again"].keys()
    with pytest.raises(KeyError):
        spelled("select {nothing}")
