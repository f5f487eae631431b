"""The states that task runs completed in, for others with the same cache key."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lictor.kit.clock import to_micros
from lictor.store.dialect import micros
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, maybe
from lictor.wire.types.state import State
from lictor.wire.types.task_run import TaskRun

SQL = queries("task_run_cache")
decode = msgspec.json.Decoder(State).decode


def find(key: str, now: datetime) -> Transaction[State | None]:
    """Return the newest state that counts for a key."""
    return (yield from maybe(decode, SQL["find"](key=key, now=to_micros(now))))


def fill(key: str, expires: datetime | None, run: TaskRun, now: datetime) -> Transaction[None]:
    """Let a run's state count for a key until a time, None for ever."""
    assert run.state is not None
    until, moment = micros(expires), to_micros(now)
    yield SQL["forget_outlasted"](key=key, expires=until, now=moment)
    yield SQL["add"](key=key, now=moment, state_id=run.state.id.bytes, run_id=run.id.bytes, expires=until)
