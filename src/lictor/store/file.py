"""What is done to a database's file while no server has it: new schema, number of the schema, emptying, compacting."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from lictor.store.lock import Lock
from lictor.store.migrate import Unfit, connect, fit, migrate, newest
from lictor.store.sqlite import make_folder, protect, translated
from lictor.store.transaction import Unavailable

PARTS = ("", "-wal", "-shm")
"""What SQLite appends to the name of a database for the files that belong to it."""


class Change(NamedTuple):
    """A number before and after: of the schema, or of bytes."""

    before: int
    after: int


@contextmanager
def held(path: str) -> Iterator[None]:
    """Hold a database, so that no server opens it; errors of SQLite and the system are the store's own."""
    lock = Lock(path)
    try:
        with foreseen(path):
            yield
    finally:
        lock.release()


@contextmanager
def foreseen(path: str) -> Iterator[None]:
    """Turn errors of SQLite and the system into the store's own."""
    try:
        yield
    except sqlite3.Error as error:
        known = translated(error, path)
        raise (Unavailable(f"{path}: {error}.") if known is error else known) from error
    except OSError as error:
        raise Unavailable(f"{error.filename or path}: {error.strerror or error}.") from error


def must_be_there(path: str) -> None:
    """Raise Unfit unless there is a file."""
    if not Path(path).is_file():
        raise Unfit(
            f"{path} is not there; the server makes it when it starts. If it lies elsewhere, name that in "
            "PREFECT_SERVER_DATABASE_CONNECTION_URL."
        )


def schema_of(path: str) -> int:
    """Return the number of a file's schema, 0 for an empty file, or refuse the file."""
    with foreseen(path), closing(connect(path, "ro")) as db:
        return fit(db, path)


def upgrade(path: str) -> Change:
    """Bring a file, made if it is not there, to this version's schema."""
    make_folder(path)
    with held(path):
        before = schema_of(path) if Path(path).exists() else 0
        migrate(path)
        protect(path)
    return Change(before, newest())


def stamp(path: str, number: int) -> Change:
    """Say that a file has a schema, and leave its tables as they are."""
    must_be_there(path)
    with held(path):
        before = schema_of(path)
        if before == 0:
            raise Unfit(f"{path} is empty: bring it to the schema with `lictor server database upgrade`.")
        with closing(connect(path, "rw")) as db:
            db.execute(f"pragma user_version={int(number)}")
    return Change(before, number)


def reset(path: str) -> None:
    """Remove all that a file holds; one that is not Lictor's is refused."""
    must_be_there(path)
    with held(path):
        schema_of(path)
        for part in PARTS:
            with suppress(FileNotFoundError):
                os.unlink(path + part)
        migrate(path)


def vacuum(path: str) -> Change:
    """Write a file anew without its free pages, and let it give back those that come; return its sizes in bytes."""
    must_be_there(path)
    with held(path):
        schema_of(path)
        with closing(connect(path, "rw")) as db:
            db.execute("pragma wal_checkpoint(truncate)").fetchall()
            before = Path(path).stat().st_size
            db.execute("pragma auto_vacuum=incremental")
            db.execute("vacuum")
            db.execute("pragma wal_checkpoint(truncate)").fetchall()
        return Change(before, Path(path).stat().st_size)
