"""How large a database is, how fast it grows, and how much of it retention will remove."""
# ruff: noqa: S608 - statements are put together from names of this package's tables

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from lictor.kit.clock import from_micros
from lictor.store.queries import queries, query
from lictor.store.retention import FINISHED, times_of
from lictor.store.transaction import Transaction

SQL = queries("statistics")
WEEK = timedelta(days=7)
LEAST = timedelta(hours=1)
DAY = timedelta(days=1)


class Timed(NamedTuple):
    """A table whose rows lie in the order they came in: its key, and the column that tells when, none for the body."""

    name: str
    key: str
    column: str | None


EVENT, LOG = Timed("event", "position", "received"), Timed("log", "position", "received")
TASK_RUN, FLOW_RUN = Timed("task_run", "number", "created"), Timed("flow_run", "number", None)
TIMED = (EVENT, LOG, TASK_RUN, FLOW_RUN)


class Table(msgspec.Struct):
    """A table: rows, bytes with its indexes where the database tells, and how many of each come in a day."""

    name: str
    rows: int
    bytes: int | None
    rows_a_day: float = 0.0
    bytes_a_day: float | None = None


class Removal(msgspec.Struct):
    """What retention removes of a table as things stand, in rows and, where the database tells, bytes."""

    table: str
    owner: str
    rows: int
    bytes: int | None


class Statistics(msgspec.Struct):
    """What a database says about itself."""

    bytes: int
    free_bytes: int
    gives_back: bool
    tables: list[Table]
    removals: list[Removal]

    @property
    def bytes_a_day(self) -> float | None:
        """How many bytes come in a day."""
        if all(each.bytes is None for each in self.tables):
            return None
        return sum(each.bytes_a_day or 0 for each in self.tables)


def read(now: datetime, cutoffs: dict[str, datetime], sizes: bool) -> Transaction[Statistics]:
    """Return everything; `cutoffs` tells by table before when rows are too old, `sizes` whether tables are measured."""
    ((taken, free),) = yield SQL["bytes"]()
    ((gives_back, _, _),) = yield query("statistics.space", "{space}")()
    known = yield from table_bytes(sizes)
    names = sorted([name for (name,) in (yield SQL["tables"]())])
    tables = []
    for name in names:
        tables.append(Table(name, (yield from count(name)), known.get(name)))
    yield from grow(tables, now)
    removals = yield from removed(tables, cutoffs)
    return Statistics(taken, free, bool(gives_back), tables, removals)


def table_bytes(wanted: bool) -> Transaction[dict[str, int]]:
    """Return the bytes of each table, if they are wanted and the database tells."""
    if not wanted or not (yield SQL["knows_sizes"]())[0][0]:
        return {}
    rows = yield SQL["sizes"]()
    return {name: size for name, size in rows}  # noqa: C416 - of any rows


def count(rows: str, **values: int) -> Transaction[int]:
    """Return how many rows there are of a table, or of some of it."""
    number: int
    ((number,),) = yield query("statistics.count", f"select count(*) from {rows}")(**values)
    return number


def grow(tables: Iterable[Table], now: datetime) -> Transaction[None]:
    """Fill in what comes in a day, as it was in the last week, or since the first row if that came later.

    Tables that hang on another, such as states on runs, grow as that does.
    """
    rates: dict[str, float] = {}
    for timed in TIMED:
        first = yield from first_since(timed, now - WEEK)
        rows = yield from count(f"{timed.name} where {timed.key} >= :first", first=first)
        began = yield from moment_of(timed, first)
        span = max(now - began, LEAST) if began else WEEK
        rates[timed.name] = rows / (span / DAY)
    totals = {table.name: table.rows for table in tables}
    for table in tables:
        owner = owner_of(table.name)
        if owner is not None and totals[owner]:
            table.rows_a_day = round(rates[owner] * table.rows / totals[owner], 1)
            if table.bytes is not None and table.rows:
                table.bytes_a_day = round(table.bytes * table.rows_a_day / table.rows)


def removed(tables: Iterable[Table], cutoffs: dict[str, datetime]) -> Transaction[list[Removal]]:
    """Return what goes of each table: what came in before its owner's moment, of flow runs only what is finished."""
    going: dict[str, int] = {}
    for timed in TIMED:
        if timed.name in cutoffs:
            first = yield from first_since(timed, cutoffs[timed.name])
            which = f"{timed.name} where {timed.key} < :first"
            if timed is FLOW_RUN:
                which += f" and state_type in ({', '.join(sorted(map(repr, FINISHED)))})"
            going[timed.name] = yield from count(which, first=first)
    totals = {table.name: table.rows for table in tables}
    found = []
    for table in tables:
        owner = owner_of(table.name)
        if owner is not None and owner in going and totals[owner]:
            share = going[owner] / totals[owner]
            size = None if table.bytes is None else round(table.bytes * share)
            found.append(Removal(table.name, owner, round(table.rows * share), size))
    return found


def owner_of(table: str) -> str | None:
    """Return the table in whose rows' names a table's begins: `flow_run` for `flow_run_state`."""
    return next((timed.name for timed in TIMED if table == timed.name or table.startswith(f"{timed.name}_")), None)


def first_since(timed: Timed, moment: datetime) -> Transaction[int]:
    """Return a key such that rows below came in before a moment, and those from it on since."""
    text = f"select coalesce(min({timed.key}), 1), coalesce(max({timed.key}), 0) from {timed.name}"
    low: int
    high: int
    ((low, high),) = yield query(f"statistics.{timed.name}.ends", text)()
    while low <= high:
        middle = (low + high) // 2
        found = yield from row_at(timed, middle)
        if found is not None and found[1] < moment:
            low = found[0] + 1
        else:
            high = middle - 1
    return low


def moment_of(timed: Timed, key: int) -> Transaction[datetime | None]:
    """Return when the first row from a key on came in."""
    found = yield from row_at(timed, key)
    return None if found is None else found[1]


def row_at(timed: Timed, key: int) -> Transaction[tuple[int, datetime] | None]:
    """Return the key of the first row from one on, and when it came in."""
    what = timed.column or "body || '}'"
    text = f"select {timed.key}, {what} from {timed.name} where {timed.key} >= :key order by {timed.key} limit 1"
    rows = yield query(f"statistics.{timed.name}.row", text)(key=key)
    if not rows:
        return None
    ((found, said),) = rows
    return found, from_micros(said) if timed.column else times_of(said).created
