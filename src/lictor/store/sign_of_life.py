"""Signs of life of runs in the store, and when the service that looks for them passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from lictor.kit.clock import from_micros, to_micros
from lictor.rules.signs_of_life import SHORTEST, Sign, Source
from lictor.store.dialect import ids
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many

SQL = queries("sign_of_life")
FIRST = UUID(int=0)


def give(signs: Iterable[tuple[UUID, datetime]], source: Source, now: datetime) -> Transaction[None]:
    """Note signs of life of runs, each with its time by the clock of whoever gave it."""
    rows = [
        {"run_id": run_id.bytes, "source": source, "seen": to_micros(now), "told": to_micros(told)}
        for run_id, told in signs
    ]
    if rows:
        yield SQL["give"].each(rows)


def of_run(run_id: UUID) -> Transaction[list[Sign]]:
    """Return the signs of life of a run."""
    return (yield from many(sign, SQL["of_run"](run_id=run_id.bytes)))


def overdue(after: UUID, now: datetime, most: int) -> Transaction[list[UUID]]:
    """Return running runs after one, in the order of their ids, of which a sign of life may be overdue."""
    before = to_micros(now - SHORTEST)
    return (yield from many(identifier, SQL["overdue"](after=after.bytes, before=before, most=most)))


def forget(before: datetime, most: int) -> Transaction[bool]:
    """Remove some old signs of life of runs that have ended; return whether there were any."""
    return bool((yield SQL["forget"](before=to_micros(before), most=most)))


def crashed(run_ids: Iterable[UUID]) -> Transaction[list[UUID]]:
    """Return which of some runs count as crashed."""
    return (yield from many(identifier, SQL["crashed"](ids=ids(run_ids))))


def pass_by(name: str, now: datetime, longest: timedelta) -> Transaction[datetime]:
    """Note that a service passes; return since when it does without a break longer than this, and without the clock
    being put back.
    """
    rows = yield SQL["read_round"](name=name)
    awake = to_micros(now)
    if rows and 0 <= awake - rows[0][0] <= longest // timedelta(microseconds=1):
        awake = rows[0][1]
    yield SQL["save_round"](name=name, passed=to_micros(now), awake=awake)
    return from_micros(awake)


def sign(source: Source, seen: int, gap: int | None, gap_before: int | None) -> Sign:
    """Read a sign of life."""
    return Sign(source, from_micros(seen), span(gap), span(gap_before))


def span(micros: int | None) -> timedelta | None:
    """Read a duration."""
    return None if micros is None else timedelta(microseconds=micros)


def identifier(found: bytes) -> UUID:
    """Read an id."""
    return UUID(bytes=found)
