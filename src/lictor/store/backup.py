"""Copies of a database's file: made while a server writes to it, checked, and put in its place again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from lictor.store.file import PARTS, foreseen, held, must_be_there, schema_of
from lictor.store.migrate import Unfit, connect, create
from lictor.store.sqlite import make_folder
from lictor.store.transaction import StoreError, Unavailable

PAGES_AT_ONCE = 1000

Told = Callable[[int, int], None]
"""Is told how many pages are copied, and of how many."""


def back_up(path: str, target: str, told: Told) -> int:
    """Copy a database, a server at work on it or not, as it is at this moment; return the number of its schema.

    The copy is one file that only its owner can read; it has its name once it is whole and checked.
    """
    must_be_there(path)
    schema_of(path)
    if os.path.lexists(target):
        raise Unfit(f"{target} is there already: name another file.")
    unfinished = f"{target}.unfinished"
    try:
        with foreseen(target):
            copy(path, unfinished, told)
            number = check(unfinished)
            os.replace(unfinished, target)
            settle(target)
        return number
    finally:
        remove(unfinished)


def copy(source: str, target: str, told: Told) -> None:
    """Copy a database as it is at this moment into a new file that is one by itself."""
    remove(target)
    create(target)
    with closing(connect(source, "ro")) as origin, closing(connect(target, "rw")) as made:
        origin.execute("begin")
        origin.execute("select count(*) from sqlite_master").fetchone()  # from here on, what is committed is not seen
        origin.backup(made, pages=PAGES_AT_ONCE, progress=lambda status, left, all_: told(all_ - left, all_), sleep=0)
        origin.execute("rollback")
        made.execute("pragma journal_mode=delete").fetchone()
    os.chmod(target, 0o600)


def check(path: str) -> int:
    """Return the number of a file's schema; refuse a file that is damaged or not Lictor's."""
    number = schema_of(path)
    if number == 0:
        raise Unfit(f"{path} is empty.")
    with foreseen(path), closing(connect(path, "ro")) as db:
        try:
            ((found,),) = db.execute("pragma integrity_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise Unfit(f"{path} is damaged: {found}.")
    return number


def restore(path: str, source: str, now: datetime, told: Told) -> str | None:
    """Put a copy in a database's place, and return where what was there is kept."""
    if not Path(source).is_file():
        raise Unfit(f"{source} is not there.")
    make_folder(path)
    with held(path):
        if os.path.exists(path) and os.path.samefile(path, source):
            raise Unfit(f"{source} is the database itself.")
        check(source)
        unfinished = f"{path}.unfinished"
        try:
            copy(source, unfinished, told)
            check(unfinished)
            kept = set_aside(path, f"{path}.before-{now:%Y%m%dT%H%M%S}")
            os.replace(unfinished, path)
            settle(path)
        finally:
            remove(unfinished)
    return kept


def set_aside(path: str, name: str) -> str | None:
    """Give what is at a path another name; where that can be, it keeps its own too, until a copy takes that over."""
    if not os.path.exists(path):
        return None
    if os.path.lexists(name):
        raise Unavailable(f"{name} is there already: try again.")
    if alone(path):
        with suppress(OSError):  # a file system without links
            os.link(path, name)
            return name
    for part in reversed(PARTS):
        with suppress(FileNotFoundError):
            os.rename(path + part, name + part)
    return name


def alone(path: str) -> bool:
    """Fold the files that belong to a database into it; tell whether it is one by itself then."""
    with suppress(StoreError, sqlite3.Error):  # a damaged one stays as it is
        schema_of(path)
        with closing(connect(path, "rw")) as db:
            db.execute("pragma journal_mode=delete").fetchone()
    return not any(os.path.exists(path + part) for part in PARTS if part)


def remove(path: str) -> None:
    """Remove an unfinished file."""
    for part in (*PARTS, "-journal"):
        with suppress(FileNotFoundError):
            os.unlink(path + part)


def settle(path: str) -> None:
    """Have the system keep a file and its name, whatever happens next."""
    for place in (path, str(Path(path).absolute().parent)):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
