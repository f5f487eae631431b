"""A transaction is a function that yields what it asks of the database; a driver answers each ask with rows.

    run = await store.write(set_state, run_id, "RUNNING", now)

The store is given the function and its arguments, never a started generator: so it can call it again after a
deadlock, a lost race, or a group that could not commit. A transaction has no other effect than its asks; whatever
must happen once (waking a subscriber) happens after `write` has returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

import msgspec

from lictor.store.dialect import DIALECTS, SQLITE, spelled

P = ParamSpec("P")
R = TypeVar("R")
Rows: TypeAlias = Sequence[Sequence[Any]]
PARAMETER = re.compile(r"(?<!:):([a-z][a-z0-9_]*)")


class StoreError(Exception):
    """The store could not do what was asked."""


class NotFound(StoreError):
    """The query that must find a row found none."""


class LostRace(StoreError):
    """The guarded row changed between read and write; the driver calls the transaction again, up to a point."""


class Duplicate(StoreError):
    """A unique constraint refused the row."""


class Overloaded(StoreError):
    """More transactions wait than the store holds; the server answers 503 with Retry-After."""


class Unavailable(StoreError):
    """The database refused to write: disk full, I/O error, or held by another process; nothing was changed."""


class Uncertain(Unavailable):
    """The connection was lost while the change was committed: it may have been made, or not; never by half."""


class DiskFull(Unavailable):
    """The disk has no room for the change; nothing was changed."""


class Closed(StoreError):
    """The store is shutting down."""


class TooLong(Exception):
    """A text is longer than the database can keep in an index; the message names it."""


class Query:
    """One named SQL text; `:name` parameters are numbered once, `?1` for SQLite and `$1` for PostgreSQL."""

    __slots__ = ("_spelled", "name", "numbered", "parameters", "text")

    def __init__(self, name: str, text: str) -> None:
        sqlite = spelled(text, SQLITE)
        names = list(dict.fromkeys(PARAMETER.findall(sqlite)))
        self.name, self.text, self.parameters = name, text, tuple(names)
        self.numbered = PARAMETER.sub(lambda found: f"?{names.index(found[1]) + 1}", sqlite)
        self._spelled: dict[str, str] = {}

    def postgres(self, how: str = "reading") -> str:
        """Return the text for PostgreSQL: `reading`, `writing` (which locks rows), `again` (which locks more)."""
        text = self._spelled.get(how)
        if text is None:
            names = self.parameters
            text = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", spelled(self.text, DIALECTS[how]))
            self._spelled[how] = text
        return text

    def __call__(self, **values: Any) -> Ask:
        """Return the query with its values, as an ask."""
        return Ask(self, self.values(values))

    def each(self, rows: Sequence[dict[str, Any]]) -> Each:
        """Return the query to be run once for each row of values; such an ask is answered with no rows."""
        return Each(self, [self.values(row) for row in rows])

    def values(self, values: dict[str, Any]) -> tuple[Any, ...]:
        """Return values in the order of the parameters; all of them, and no other, must be given."""
        if len(values) != len(self.parameters):
            raise TypeError(f"{self.name} takes {self.parameters}, not {tuple(values)}")
        return tuple([values[name] for name in self.parameters])


class Ask(msgspec.Struct, frozen=True, gc=False):
    """One query with its values; answered with its rows."""

    query: Query
    values: tuple[Any, ...]


class Each(msgspec.Struct, frozen=True, gc=False):
    """One writing query, run for every row of values; answered with nothing."""

    query: Query
    rows: list[tuple[Any, ...]]


class Write(msgspec.Struct, frozen=True):
    """Independent writes that a driver may merge into one round trip, in no promised order.

    `guard` is an update with `returning`: if it finds no row nothing is written and the driver raises LostRace.
    """

    guard: Ask
    asks: tuple[Ask | Each, ...] = ()


Transaction: TypeAlias = Generator[Ask | Each | Write, Rows, R]
Work: TypeAlias = Callable[P, Transaction[R]]


def one(row: Callable[..., R], ask: Ask) -> Transaction[R]:
    """Answer the only row, as `row`; raise NotFound without one."""
    rows = yield ask
    if not rows:
        raise NotFound(ask.query.name)
    return row(*rows[0])


def maybe(row: Callable[..., R], ask: Ask) -> Transaction[R | None]:
    """Answer the only row, as `row`, or None."""
    rows = yield ask
    return row(*rows[0]) if rows else None


def many(row: Callable[..., R], ask: Ask) -> Transaction[list[R]]:
    """Answer every row, as `row`."""
    rows = yield ask
    return [row(*values) for values in rows]


def write(guard: Ask, *asks: Ask | Each) -> Transaction[None]:
    """Write `guard` and, if it found its row, `asks`."""
    yield Write(guard, asks)


BRIEF: set[Callable[..., Any]] = set()


def brief(work: Callable[P, Transaction[R]]) -> Callable[P, Transaction[R]]:
    """Mark a transaction that touches a handful of rows by key: it may be run where it would hold up others if long."""
    BRIEF.add(work)
    return work


class Store(Protocol):
    """What the rest of the server knows of a database."""

    step_seconds: float
    """How long a transaction of a service that runs beside may take, so that nobody waits for it long."""

    async def write(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a transaction; return once it is committed."""
        ...

    async def read(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a transaction that only reads, on one snapshot, away from the event loop."""
        ...

    async def point(self, work: Work[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a read of a handful of rows by key, here on the event loop."""
        ...

    def announce(self, topic: str) -> None:
        """Tell other servers on the same database that rows of a topic were committed."""
        ...

    def listen(self, wake: Callable[[str], None]) -> None:
        """Call `wake` with each topic that other servers announce."""
        ...

    async def close(self) -> None:
        """Refuse new work, finish what was accepted, let go."""
        ...
