"""`lictor server database`, called as people call it, with servers at work and without."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from lictor.cli.database import database
from lictor.store.migrate import apply, connect, create, migrate, migrations, newest
from tests.postgres import Cluster, program
from tests.running import Server, clean_environment

Lictor = Callable[..., subprocess.CompletedProcess[str]]
NAME = "lictor.db"


def call(home: Path, *words: str, limit: int | None = None, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command, where told with a limit on the size of files, in blocks of 1024 bytes."""
    command = [sys.executable, "-m", "lictor.cli.main", "server", "database", *words]
    if limit is not None:
        command = ["bash", "-c", f"ulimit -f {limit}; exec {shlex.join(command)}"]
    environment = {**clean_environment(), "PREFECT_HOME": str(home), "COLUMNS": "120"}
    if url:
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command printed that did its work."""
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a command that could not do its work."""
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    return line


def ask(path: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def flows(path: Path) -> set[str]:
    return {name for (name,) in ask(path, "select name from flow")}


def make_flow(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "insert into flow (id, name, tags, created, updated, body, written_by) values (?, ?, '[]', 0, 0, '{', '')",
            (os.urandom(16), name),
        )
        db.commit()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a database of one flow."""
    migrate(str(tmp_path / NAME))
    make_flow(tmp_path / NAME, "kept")
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        http = httpx.Client(base_url=running.url)
        flow = http.post("/flows/", json={"name": "nightly"}).json()
        for _ in range(3):
            http.post("/flow_runs/", json={"flow_id": flow["id"], "state": {"type": "COMPLETED"}})
        yield running


def test_a_database_is_made_and_upgraded_once(tmp_path: Path) -> None:
    home = tmp_path / "new"
    assert f"from schema 0 to {newest()}" in told(call(home, "upgrade"))
    assert stat.S_IMODE((home / NAME).stat().st_mode) == 0o600
    make_flow(home / NAME, "kept")
    assert f"has schema {newest()} already" in told(call(home, "upgrade"))
    assert flows(home / NAME) == {"kept"}


def test_an_older_schema_is_named_and_upgraded(home: Path) -> None:
    older = newest() - 1
    for file in home.glob(f"{NAME}*"):
        file.unlink()
    create(str(home / NAME))
    with closing(connect(str(home / NAME), "rw")) as db:
        db.create_function("id_blob", 1, lambda text: UUID(text).bytes)
        for number, text in migrations()[:-1]:
            apply(db, number, text)
        db.execute(f"pragma user_version = {newest()}")
    assert f"counts as schema {older} now" in told(call(home, "stamp", str(older), "--yes"))
    line = refused(call(home, "stats"))
    assert f"has schema {older}; this version of Lictor needs {newest()}" in line
    assert "lictor server database upgrade" in line
    assert f"from schema {older} to {newest()}" in told(call(home, "upgrade"))
    told(call(home, "stats"))


def test_a_stamp_that_does_not_fit_is_said_at_the_upgrade(home: Path) -> None:
    told(call(home, "stamp", "1", "-y"))
    assert str(home / NAME) in refused(call(home, "upgrade"))
    told(call(home, "stamp", "head", "-y"))
    assert ask(home / NAME, "pragma user_version") == [(newest(),)]
    assert flows(home / NAME) == {"kept"}


@pytest.mark.parametrize("revision", ["0", str(newest() + 1), "tail", "-1"])
def test_a_schema_that_is_none_is_refused(home: Path, revision: str) -> None:
    assert f"from 1 to {newest()}" in refused(call(home, "stamp", "-y", "--", revision))


@pytest.mark.parametrize("words", [("reset",), ("stamp", "1"), ("restore", "copy.db")], ids=lambda words: words[0])
def test_nothing_is_done_unless_it_is_confirmed(home: Path, words: tuple[str, ...]) -> None:
    done = call(home, *words)
    assert done.returncode == 1
    assert "[y/N]" in done.stderr
    assert flows(home / NAME) == {"kept"}


def test_everything_is_removed(home: Path) -> None:
    assert "is empty" in told(call(home, "reset", "--yes"))
    assert flows(home / NAME) == set()
    assert ask(home / NAME, "pragma user_version") == [(newest(),)]
    assert stat.S_IMODE((home / NAME).stat().st_mode) == 0o600


REFUSED_WITH_A_SERVER = [("upgrade",), ("stamp", "head", "-y"), ("reset", "-y"), ("vacuum",)]


@pytest.mark.parametrize("words", REFUSED_WITH_A_SERVER, ids=lambda words: words[0])
def test_a_database_that_a_server_uses_is_left_alone(server: Server, words: tuple[str, ...]) -> None:
    assert f"in use by another server (process {server.pid}" in refused(call(server.home, *words))


def test_a_backup_while_the_server_writes(server: Server, tmp_path: Path) -> None:
    http = httpx.Client(base_url=server.url)
    made = {http.post("/flows/", json={"name": f"flow {at}"}).json()["name"] for at in range(20)}
    copy = tmp_path / "copy.db"
    writing = subprocess.Popen([sys.executable, "-c", WRITING, server.url])
    try:
        assert "is checked" in told(call(server.home, "backup", str(copy)))
        assert writing.poll() is None
    finally:
        writing.kill()
        writing.wait()
    assert made < flows(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert ask(copy, "pragma integrity_check") == [("ok",)]
    assert os.listdir(tmp_path) == ["copy.db"]
    assert "is in use" in refused(call(server.home, "restore", str(copy), "-y"))
    assert "there already" in refused(call(server.home, "backup", str(copy)))


WRITING = """
import sys, httpx, itertools
with httpx.Client(base_url=sys.argv[1]) as http:
    for at in itertools.count():
        http.post("/flows/", json={"name": f"meanwhile {at}"}).raise_for_status()
"""


def test_a_backup_is_restored_and_what_was_there_is_kept(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    told(call(home, "backup", str(copy)))
    make_flow(home / NAME, "made later")
    said = told(call(home, "restore", str(copy), "--yes"))
    assert flows(home / NAME) == {"kept"}
    assert stat.S_IMODE((home / NAME).stat().st_mode) == 0o600
    (aside,) = home.glob("lictor.db.before-*[0-9]")
    assert str(aside) in said
    assert flows(aside) == {"kept", "made later"}
    with Server(home) as server:
        assert httpx.post(f"{server.url}/flows/count", json={}).json() == 1


def test_a_damaged_database_is_replaced_and_kept_with_its_log(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    told(call(home, "backup", str(copy)))
    damaged = {"": b"no database " * 1000, "-wal": b"no log either"}
    for part, content in damaged.items():
        (home / f"{NAME}{part}").write_bytes(content)
    told(call(home, "restore", str(copy), "--yes"))
    assert flows(home / NAME) == {"kept"}
    (aside,) = home.glob("lictor.db.before-*[0-9]")
    assert {part: Path(f"{aside}{part}").read_bytes() for part in damaged} == damaged


def test_a_backup_is_restored_where_nothing_was(home: Path, tmp_path: Path) -> None:
    told(call(tmp_path / "other", "restore", str(home / NAME), "--yes"))
    assert flows(tmp_path / "other" / NAME) == {"kept"}


def spoil(home: Path, how: str) -> Path:
    """Make a copy that cannot be restored."""
    copy = home / "copy.db"
    told(call(home, "backup", str(copy)))
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        if how == "newer":
            db.execute(f"pragma user_version={newest() + 1}")
        elif how == "another program's":
            db.execute("pragma application_id=7")
        elif how == "Prefect's":
            db.execute("create table alembic_version (a)")
    if how == "damaged":
        content = bytearray(copy.read_bytes())
        content[8192:40000] = b"\7" * (40000 - 8192)
        copy.write_bytes(content)
    elif how in ("a text", "empty"):
        copy.write_text("my shopping list " * 100 if how == "a text" else "")
    elif how == "missing":
        copy.unlink()
    return copy


SPOILED = {
    "newer": f"has schema {newest() + 1}, made by a newer version of Lictor",
    "another program's": "is a database of another program",
    "Prefect's": "is a database of Prefect",
    "damaged": "is damaged",
    "a text": "cannot be read as a database",
    "empty": "is empty",
    "missing": "is not there",
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_copy_that_cannot_be_used_is_not_restored(home: Path, how: str) -> None:
    copy = spoil(home, how)
    before = (home / NAME).read_bytes()
    assert SPOILED[how] in refused(call(home, "restore", str(copy), "-y"))
    assert (home / NAME).read_bytes() == before
    assert not list(home.glob("*.before-*"))
    assert not list(home.glob("*.unfinished*"))


@pytest.mark.parametrize("words", [("reset", "-y"), ("vacuum",), ("stamp", "1", "-y"), ("upgrade",), ("stats",)])
def test_another_programs_database_is_left_as_it_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        db.execute("create table notes (a)")
    before = (tmp_path / NAME).read_bytes()
    assert "is a database of another program" in refused(call(tmp_path, *words))
    assert (tmp_path / NAME).read_bytes() == before


def test_a_full_disk_leaves_no_half_copy(home: Path, tmp_path: Path) -> None:
    before = (home / NAME).read_bytes()
    copy = tmp_path / "copy.db"
    assert "Error" in refused(call(home, "backup", str(copy), limit=100))
    assert not list(tmp_path.glob("copy*"))
    (home / "whole.db").write_bytes(before)
    assert "Error" in refused(call(home, "restore", str(home / "whole.db"), "-y", limit=100))
    assert "Error" in refused(call(home, "vacuum", limit=100))
    assert flows(home / NAME) == {"kept"}
    assert ask(home / NAME, "pragma integrity_check") == [("ok",)]


def test_free_space_is_given_back(home: Path) -> None:
    with closing(sqlite3.connect(home / NAME, isolation_level=None)) as db:
        db.execute("pragma auto_vacuum=none")
        db.execute("vacuum")
        db.execute("create table large as select zeroblob(3000000)")
        db.execute("drop table large")
    full = (home / NAME).stat().st_size
    shown = told(call(home, "stats"))
    assert "lictor server database vacuum" in shown
    assert "takes" in told(call(home, "vacuum"))
    assert (home / NAME).stat().st_size < full / 5
    assert ask(home / NAME, "pragma auto_vacuum") == [(2,)]
    assert flows(home / NAME) == {"kept"}


def test_statistics_while_a_server_is_at_work(server: Server) -> None:
    found = json.loads(told(call(server.home, "stats", "--output", "json")))
    tables = {table["name"]: table for table in found["tables"]}
    assert tables["flow_run"]["rows"] == tables["flow_run_state"]["rows"] == 3
    assert tables["flow_run"]["rows_a_day"] == 72  # the first came within the last hour, which counts as one
    assert 0 < tables["flow_run"]["bytes"] < found["bytes"]
    assert {each["table"] for each in found["removals"] if each["on"]} >= {"event"}
    shown = told(call(server.home, "stats", "--quick"))
    assert "flow_run_state" in shown
    assert "a day" in shown


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[str]:
    with cluster.database() as name:
        yield f"{cluster.origin.replace('postgresql://', 'postgresql+asyncpg://')}/{name}"


def test_postgresql(postgres: str, tmp_path: Path) -> None:
    assert f"from schema 0 to {newest()}" in told(call(tmp_path, "upgrade", url=postgres))
    assert "already" in told(call(tmp_path, "upgrade", url=postgres))
    with Server(tmp_path, PREFECT_SERVER_DATABASE_CONNECTION_URL=postgres) as server:
        httpx.post(f"{server.url}/flows/", json={"name": "nightly"})
        found = json.loads(told(call(tmp_path, "stats", "-o", "json", url=postgres)))
        assert {table["name"]: table["rows"] for table in found["tables"]}["flow"] == 1
        assert "in use by other servers" in refused(call(tmp_path, "reset", "-y", url=postgres))
    assert "counts as schema 3" in told(call(tmp_path, "stamp", "3", "-y", url=postgres))
    assert "has schema 3" in refused(call(tmp_path, "stats", url=postgres))
    told(call(tmp_path, "stamp", "head", "-y", url=postgres))
    assert "is empty" in told(call(tmp_path, "reset", "-y", url=postgres))
    found = json.loads(told(call(tmp_path, "stats", "-o", "json", url=postgres)))
    assert {table["name"]: table["rows"] for table in found["tables"]}["flow"] == 0
    assert "vacuum" in refused(call(tmp_path, "vacuum", url=postgres))


def test_the_commands_for_backups_of_postgresql(postgres: str, tmp_path: Path) -> None:
    told(call(tmp_path, "upgrade", url=postgres))
    copy = str(tmp_path / "copy.dump")
    for words in (("backup", copy), ("restore", copy)):
        command = shlex.split(refused(call(tmp_path, *words, url=postgres)).partition(" Run: ")[2])
        found = program(command[0])
        assert found, command
        subprocess.run([found, *command[1:]], check=True, timeout=60)
    told(call(tmp_path, "stats", url=postgres))


@pytest.mark.parametrize("words", [("backup", "a b.dump"), ("restore", "a b.dump")], ids=lambda words: words[0])
def test_a_password_is_never_printed(tmp_path: Path, words: tuple[str, ...]) -> None:
    url = "postgresql+asyncpg://me:s3cret@db.example:6543/runs"
    done = call(tmp_path, *words, url=url)
    line = refused(done)
    assert "--host db.example --port 6543 --username me --dbname runs" in line
    assert "'a b.dump'" in line
    assert "s3cret" not in done.stdout + done.stderr


def test_every_command_says_what_it_does_with_an_example() -> None:
    for name, command in database.commands.items():
        assert f"Example: lictor server database {name}" in (command.help or "")
    assert set(database.commands) == {"upgrade", "stamp", "reset", "stats", "backup", "restore", "vacuum"}
