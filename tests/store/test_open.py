"""Which files the server opens, how, and which it refuses."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.store import flow
from lictor.store.address import path_of
from lictor.store.lock import Lock
from lictor.store.migrate import FOLDER, Unfit, migrate, migrations, newest
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Unavailable
from tests.running import Server

from .samples import BY, a_flow, names, rows


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


async def test_only_its_owner_can_read_the_database(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        path = tmp_path / "home" / "lictor.db"
        store = await SQLiteStore.open(str(path))
        await store.write(flow.get_or_create, a_flow(), BY)
        modes = {name: oct(mode(path.parent / name)) for name in os.listdir(path.parent)}
        assert modes == dict.fromkeys(["lictor.db", "lictor.db-wal", "lictor.db-shm", "lictor.db.lock"], "0o600")
        assert mode(path.parent) == 0o700
        await store.close()
        path.chmod(0o644)
        await (await SQLiteStore.open(str(path))).close()
        assert mode(path) == 0o600
    finally:
        os.umask(previous)


async def test_a_second_server_is_refused_while_the_first_lives(path: str) -> None:
    first = await SQLiteStore.open(path)
    with pytest.raises(Unavailable, match=rf"in use by another server \(process {os.getpid()}, lock file .*\.lock\)"):
        await SQLiteStore.open(path)
    await first.close()
    await (await SQLiteStore.open(path)).close()


def test_a_killed_server_leaves_no_lock(path: str) -> None:
    program = (
        "import sys; from lictor.store.lock import Lock; held = Lock(sys.argv[1]); print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Unavailable, match=f"process {other.pid}"):
            Lock(path)
        other.kill()
    Lock(path).release()


def test_each_migration_has_a_number_of_its_own() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == (1, newest())


def test_every_later_migration_has_its_twin() -> None:
    def later(folder: Path) -> set[str]:
        return {path.name for path in folder.glob("*.sql") if int(path.name[:4]) > 3}

    assert later(FOLDER) == later(FOLDER / "postgresql")


def test_migrating_again_changes_nothing(path: str) -> None:
    migrate(path)
    schema = rows(path, "select * from sqlite_master")
    migrate(path)
    assert rows(path, "select * from sqlite_master") == schema
    assert rows(path, "pragma user_version") == [(newest(),)]
    assert rows(path, "pragma integrity_check") == [("ok",)]


def test_slots_that_were_taken_before_leases_stay_taken(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tuple((number, text) for number, text in migrations() if number < 7)
    with monkeypatch.context() as earlier:
        earlier.setattr("lictor.store.migrate.migrations", lambda: before)
        migrate(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("insert into concurrency_slot values (x'01', x'02', null, null, 5), (x'01', x'03', x'04', 9, 6)")
        db.commit()
    migrate(path)
    columns = "limit_id, lease_id, holder_id, holder_type, slots, expires, taken"
    assert rows(path, f"select {columns} from concurrency_slot order by taken") == [
        (b"\1", b"\2", b"\2", "task_run", 1, None, 5),
        (b"\1", b"\4", b"\3", "deployment", 1, 9, 6),
    ]


def test_a_migration_that_fails_leaves_nothing(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(path)
    schema = rows(path, "select * from sqlite_master")
    broken = (*migrations(), (newest() + 1, "create table half (a); create table half (a);"))
    monkeypatch.setattr("lictor.store.migrate.migrations", lambda: broken)
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(path)
    assert rows(path, "select * from sqlite_master") == schema
    assert rows(path, "pragma user_version") == [(newest() - 1,)]


def test_a_schema_newer_than_the_code_is_refused(path: str) -> None:
    migrate(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"pragma user_version={newest() + 1}")
    with pytest.raises(Unfit, match=f"has schema {newest() + 1}, made by a newer version of Lictor"):
        migrate(path)


@pytest.fixture
def at_schema(path: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Make the file as the version of Lictor made it that knew so many migrations, with a flow and an event."""

    def make(number: int) -> None:
        known = tuple(migration for migration in migrations() if migration[0] <= number)
        with monkeypatch.context() as patch:
            patch.setattr("lictor.store.migrate.migrations", lambda: known)
            migrate(path)
        with closing(sqlite3.connect(path)) as db:
            body = encode(a_flow("kept"))[:-1].decode()
            values = (uuid7().bytes, "kept", "[]", 0, 0, body, BY)
            db.execute(
                "insert into flow (id, name, tags, created, updated, body, written_by) values (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            db.execute(
                "insert into event (id, occurred, received, name, resource_id, body, written_by) "
                "values (?, 1, 1, 'e', 'r', '{}', '')",
                (uuid7().bytes,),
            )
            db.commit()

    return make


@pytest.mark.parametrize("number", [number for number, _ in migrations()])
async def test_a_newer_server_brings_any_older_schema_up(
    path: str, at_schema: Callable[[int], None], tmp_path: Path, number: int
) -> None:
    at_schema(number)
    store = await SQLiteStore.open(path)
    assert names([await store.point(flow.text_by_name, "kept")]) == ["kept"]
    await store.close()
    assert rows(path, "select position, name from event") == [(1, "e")]
    fresh = str(tmp_path / "fresh.db")
    migrate(fresh)
    schema = "select type, name, tbl_name, sql from sqlite_master order by type, name"
    assert rows(path, schema) == rows(fresh, schema)
    assert rows(path, "pragma user_version") == [(newest(),)]


def test_a_newer_server_that_may_not_migrate_says_what_to_do(path: str, at_schema: Callable[[int], None]) -> None:
    at_schema(newest() - 1)
    before = rows(path, "select * from sqlite_master")
    with pytest.raises(RuntimeError, match="did not start") as stopped:
        Server(Path(path).parent, PREFECT_SERVER_DATABASE_MIGRATE_ON_START="false").start()
    said = str(stopped.value)
    assert f"{path} has schema {newest() - 1}; this version of Lictor needs {newest()}" in said
    assert "lictor server database upgrade" in said
    assert "Traceback" not in said
    assert rows(path, "select * from sqlite_master") == before


def test_an_older_server_on_a_newer_schema_says_what_to_do(path: str, at_schema: Callable[[int], None]) -> None:
    at_schema(newest())
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"pragma user_version={newest() + 1}")
    before = Path(path).read_bytes()
    with pytest.raises(RuntimeError, match="did not start") as stopped:
        Server(Path(path).parent).start()
    said = str(stopped.value)
    assert f"{path} has schema {newest() + 1}, made by a newer version of Lictor; this one knows {newest()}" in said
    assert "Install that version" in said
    assert "Traceback" not in said
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize(
    ("table", "message"), [("alembic_version", "is a database of Prefect"), ("notes", "of another program")]
)
def test_another_programs_database_is_left_as_it_is(path: str, table: str, message: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"create table {table} (a)")
        db.commit()
    before = Path(path).read_bytes()
    with pytest.raises(Unfit, match=message):
        migrate(path)
    assert Path(path).read_bytes() == before


def test_a_file_that_is_no_database_is_left_as_it_is(path: str) -> None:
    Path(path).write_text("my shopping list, which is longer than a header " * 20)
    with pytest.raises(Unfit, match="cannot be read as a database"):
        migrate(path)
    assert Path(path).read_text().startswith("my shopping list")


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(Unavailable, match=str(tmp_path / "taken")):
        await SQLiteStore.open(str(tmp_path / "taken" / "lictor.db"))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite+aiosqlite:////var/lib/lictor.db", "/var/lib/lictor.db"),
        ("sqlite+aiosqlite:///lictor.db", "lictor.db"),
        ("sqlite:////data/my%20runs.db?timeout=3", "/data/my runs.db"),
    ],
)
def test_the_path_is_read_from_the_url(url: str, path: str) -> None:
    assert path_of(url) == path


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://me:secret@host/db", "'mysql' databases are not supported"),
        ("sqlite+aiosqlite:///:memory:", "in memory"),
        ("sqlite+aiosqlite://", "in memory"),
    ],
)
def test_a_url_that_names_no_file_is_refused_without_its_secrets(url: str, message: str) -> None:
    with pytest.raises(Unfit, match=message) as refused:
        path_of(url)
    assert "secret" not in str(refused.value)
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" in str(refused.value)


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%20b", "ä"])
async def test_any_name_of_a_folder_is_fine(tmp_path: Path, name: str) -> None:
    store = await SQLiteStore.open(str(tmp_path / name / "lictor.db"))
    await store.write(flow.get_or_create, a_flow(), BY)
    await store.close()
    assert (tmp_path / name / "lictor.db").stat().st_size > 0
