"""Brings a database file to the schema of this version: numbered SQL files, forward only, one transaction each."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from uuid import UUID

from lictor.store.transaction import StoreError

FOLDER = Path(__file__).parent / "migrations"
NUMBERED = re.compile(r"(\d+)_\w+\.sql")
APPLICATION_ID = 0x4C494354  # "LICT" in the file's header: this file is ours


class Unfit(StoreError):
    """The file is no database that this version can use; the message says what to do."""


@cache
def migrations(database: str = "") -> tuple[tuple[int, str], ...]:
    """Return number and SQL of every migration, in order; a database other than SQLite has them in its own folder."""
    found = ((NUMBERED.fullmatch(path.name), path) for path in (FOLDER / database).iterdir())
    return tuple(sorted((int(match[1]), path.read_text(encoding="utf-8")) for match, path in found if match))


def newest() -> int:
    """Return the number of the last migration."""
    return migrations()[-1][0]


def migrate(path: str, migrating: bool = True) -> None:
    """Make the file if it is not there, refuse one that is not Lictor's, apply what it lacks or refuse it for that."""
    create(path)
    with closing(connect(path, "ro")) as db:
        version = fit(db, path)
    if version == newest():
        return
    if not migrating:
        raise older(path, version)
    with closing(connect(path, "rw")) as db:
        apply_all(db, version)


@cache
def fresh() -> bytes:
    """Return what the file of a new database holds, made in memory: tests have it at once, without a disk's delays."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        apply_all(db, 0)
        return db.serialize()


def apply_all(db: sqlite3.Connection, version: int) -> None:
    """Apply the migrations after a version."""
    if version == 0:
        db.execute("pragma auto_vacuum=incremental")  # of an empty file alone: it gives free pages back when told
    db.execute("pragma journal_mode=wal")
    db.create_function("id_blob", 1, lambda text: UUID(text).bytes, deterministic=True)  # SQLite has none before 3.41
    for number, text in migrations():
        if number > version:
            apply(db, number, text)


def older(name: str, version: int) -> Unfit:
    """Say that a database lacks migrations."""
    return Unfit(
        f"{name} has schema {version}; this version of Lictor needs {newest()}. "
        "Run `lictor server database upgrade`, or start the server with PREFECT_SERVER_DATABASE_MIGRATE_ON_START=true."
    )


def create(path: str) -> None:
    """Make an empty file that only its owner can read, if it is not there."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def connect(path: str, mode: str) -> sqlite3.Connection:
    """Open a connection that commits when told, and may be used by another thread than this one."""
    return sqlite3.connect(
        f"{Path(path).absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )


def fit(db: sqlite3.Connection, path: str) -> int:
    """Return the schema's version, 0 for an empty file, or refuse the file."""
    try:
        tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'").fetchall()}
        (version,) = db.execute("pragma user_version").fetchone()
        (application,) = db.execute("pragma application_id").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unfit(f"{path} cannot be read as a database: {error}. Name another file.") from error
    if "alembic_version" in tables:
        raise Unfit(
            f"{path} is a database of Prefect. Lictor leaves it as it is: name another file, "
            "for instance lictor.db, in PREFECT_SERVER_DATABASE_CONNECTION_URL."
        )
    if tables and application != APPLICATION_ID:
        raise Unfit(f"{path} is a database of another program. Name another file.")
    if version > newest():
        raise Unfit(
            f"{path} has schema {version}, made by a newer version of Lictor; this one knows {newest()}. "
            "Install that version, or name another file."
        )
    return int(version)


def apply(db: sqlite3.Connection, number: int, text: str) -> None:
    """Apply one migration, whole or not at all."""
    marks = f"pragma application_id = {APPLICATION_ID};\npragma user_version = {number};"
    try:
        db.executescript(f"begin immediate;\n{text}\n{marks}\ncommit;")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("rollback")
        raise
