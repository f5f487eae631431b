"""Task runs that wait for a task worker, and the workers that are there, in the store.

Triggers of the database see to it that a run waits exactly as long as it is SCHEDULED and deferred.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.json import decode_any
from lictor.store import task_run
from lictor.store.dialect import texts
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe
from lictor.wire.types.task_worker import TaskWorker

SQL = queries("task_worker")
LEASE = timedelta(seconds=30)
"""So long a socket has a run, and a worker counts as being there, if nobody says so again: its server is gone."""
GRACE = timedelta(seconds=5)
"""So long a run that a worker took and did not begin stays with a worker that went away."""


class Served(NamedTuple):
    """A socket of a worker: what the worker calls itself, and the keys of the tasks that it serves."""

    connection: UUID
    identifier: str
    keys: tuple[str, ...]


def here(worker: Served, now: datetime) -> Transaction[None]:
    """Note that a worker is there; what it has stays with it."""
    connection = worker.connection.bytes
    ask = SQL["put"](
        connection=connection, identifier=worker.identifier, task_keys=texts(worker.keys), now=to_micros(now)
    )
    yield ask
    yield SQL["renew"](connection=connection, until=to_micros(now + LEASE))
    yield SQL["forget_silent"](before=to_micros(now - LEASE))


def gone(worker: Served, now: datetime) -> Transaction[None]:
    """Note that a worker is gone; what it has not begun is for others."""
    connection = worker.connection.bytes
    yield SQL["release"](connection=connection, later=to_micros(now + GRACE))
    yield SQL["forget"](connection=connection)


def take(worker: Served, now: datetime) -> Transaction[tuple[UUID, str] | None]:
    """Give a worker the run that has waited longest for it; return the run's id and its JSON."""
    while True:
        waiting: list[int] = []
        for key in worker.keys:
            first = yield from maybe(int, SQL["next"](key=key, now=to_micros(now)))
            waiting += [] if first is None else [first]
        if not waiting:
            return None
        ask = SQL["take"](
            number=min(waiting),
            connection=worker.connection.bytes,
            now=to_micros(now),
            until=to_micros(now + LEASE),
        )
        taken = yield from maybe(bytes, ask)
        if taken is not None:
            run_id = UUID(bytes=taken)
            return run_id, (yield from task_run.text(run_id, now))


def acknowledge(worker: Served, run_id: UUID) -> Transaction[None]:
    """Note that a worker has a run that it was sent."""
    yield SQL["acknowledge"](run_id=run_id.bytes, connection=worker.connection.bytes)


def workers(task_keys: Iterable[str], now: datetime) -> Transaction[list[TaskWorker]]:
    """Return the workers that serve one of some tasks, or all; a worker with several sockets is one."""
    found = yield from many(worker, SQL["list"](since=to_micros(now - LEASE)))
    known: dict[str, TaskWorker] = {}
    for each in found:
        one = known.setdefault(each.identifier, each)
        one.task_keys = sorted({*one.task_keys, *each.task_keys})
        one.timestamp = max(one.timestamp, each.timestamp)
    wanted = set(task_keys)
    return [each for each in known.values() if not wanted or wanted.intersection(each.task_keys)]


def worker(identifier: str, task_keys: str, seen: int) -> TaskWorker:
    """Read a worker."""
    return TaskWorker(identifier=identifier, task_keys=decode_any(task_keys), timestamp=from_micros(seen))
