"""Runs that nobody will move on by themselves: what the services look for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from lictor.kit.clock import to_micros
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many
from lictor.wire.types.common import DateTime
from lictor.wire.types.state import StateType

SQL = queries("overdue")


class Pause(msgspec.Struct):
    """How long a pause may last."""

    pause_timeout: DateTime | None = None


class PausedState(msgspec.Struct):
    """What of a state tells it."""

    state_details: Pause


class Paused(msgspec.Struct):
    """What of a run tells it."""

    state: PausedState


read_paused = msgspec.json.Decoder(Paused).decode


class Subflow(msgspec.Struct, frozen=True):
    """A flow run whose parent was cancelled."""

    id: UUID
    deployed: bool
    state_type: StateType


def scheduled(before: datetime, most: int) -> Transaction[list[UUID]]:
    """Return some of the scheduled flow runs whose time was before a moment, the oldest first."""
    return (yield from many(identifier, SQL["scheduled"](before=to_micros(before), most=most)))


def paused(after: int, now: datetime, most: int) -> Transaction[tuple[list[UUID], int | None]]:
    """Look at the paused flow runs after a number: those whose pause has run out, and the number to go on from."""
    rows = yield SQL["paused"](after=after, most=most)
    over = []
    for _, run_id, body in rows:
        timeout = read_paused(body).state.state_details.pause_timeout
        if timeout is not None and timeout < now:
            over.append(UUID(bytes=run_id))
    return over, rows[-1][0] if len(rows) == most else None


def claimed(after: int, before: datetime, most: int) -> Transaction[tuple[list[UUID], int | None]]:
    """Return some of the runs of deployments and queues after a number that have been pending since before a moment,
    and the number to go on from.
    """
    rows = yield SQL["claimed"](after=after, before=to_micros(before), most=most)
    return [UUID(bytes=run_id) for _, run_id in rows], rows[-1][0] if len(rows) == most else None


def claims(run_id: UUID, name: str) -> Transaction[tuple[bool, int]]:
    """Return whether a run was scheduled ever, and how often in a state with a name."""
    ((scheduled, named),) = yield SQL["claims"](id=run_id.bytes, name=name)
    return scheduled > 0, named


def cancelling(before: datetime, most: int) -> Transaction[list[UUID]]:
    """Return some of the flow runs that have been in cancellation since before a moment."""
    return (yield from many(identifier, SQL["cancelling"](before=to_micros(before), most=most)))


def task_runs(since: datetime, most: int) -> Transaction[list[UUID]]:
    """Return some of the unfinished task runs of flow runs that were cancelled since a moment."""
    return (yield from many(identifier, SQL["task_runs"](since=to_micros(since), most=most)))


def subflows(most: int) -> Transaction[list[Subflow]]:
    """Return some of the unfinished flow runs whose parent was cancelled."""
    return (yield from many(subflow, SQL["subflows"](most=most)))


def identifier(run_id: bytes) -> UUID:
    """Read an id."""
    return UUID(bytes=run_id)


def subflow(run_id: bytes, deployment_id: bytes | None, state_type: str) -> Subflow:
    """Read a subflow."""
    return Subflow(UUID(bytes=run_id), deployment_id is not None, StateType(state_type))
