"""Follows the rows of a table as they are committed, without ever passing over one that became visible late.

Positions are given out before the commit: on PostgreSQL row 6 may be there before row 5. So a cursor there is a
snapshot, what was committed when it was taken; what comes after it is what that snapshot lacks and a later one has.
On SQLite, which writes one transaction at a time, a snapshot is the last position.
"""

from __future__ import annotations

from typing import NamedTuple

from lictor.store.queries import query
from lictor.store.transaction import Transaction, one


class Cursor(NamedTuple):
    """What was read: all that was there at `since`, and of what is there at `until` the rows up to `position`."""

    since: str
    until: str = ""
    position: int = 0

    def behind(self, position: int) -> Cursor:
        """Return the cursor behind a row, while there are more up to `until`."""
        return Cursor(self.since, self.until, position)

    def done(self) -> Cursor:
        """Return the cursor behind all rows up to `until`."""
        return Cursor(self.until)

    def values(self) -> dict[str, str | int]:
        """Return the values that `{committed since until position}` takes."""
        return {"since": self.since, "until": self.until, "position": self.position}


class Page(NamedTuple):
    """Rows behind a cursor as JSON, the cursor behind them, and whether there may be more by now."""

    bodies: list[str]
    cursor: Cursor
    more: bool


START = Cursor("")
"""The cursor before all rows."""


def end(table: str) -> Transaction[Cursor]:
    """Return the cursor behind all that is committed."""
    return Cursor((yield from one(str, query(f"{table}.now", f"select {{now {table}}}")())))


def ready(cursor: Cursor, table: str) -> Transaction[Cursor]:
    """Return a cursor with an end, so that a page can be read behind it."""
    if cursor.until:
        return cursor
    until = yield from end(table)
    return Cursor(cursor.since, until.since, cursor.position)
