"""What workers are to clean up, in the store: handed to one of them at a time, until one says that it is done."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any, encode
from lictor.store.dialect import ids, texts
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, maybe
from lictor.wire.types.worker_channel import Cleanup, Operation, OperationStatus

SQL = queries("cleanup")
logger = logging.getLogger("lictor.server.cleanup")


class Outcome(NamedTuple):
    """What came of what a worker said of a cleanup, why, and until when it has it."""

    status: OperationStatus
    reason: str | None = None
    until: datetime | None = None


class Lease(NamedTuple):
    """How long a worker has a cleanup, and how often one is handed out at the most."""

    duration: timedelta
    most: int


class Held(NamedTuple):
    """A cleanup as it is handed out."""

    number: int
    work_pool_id: bytes
    deliveries: int
    token: str | None
    until: int | None


def add(pool_id: UUID, queue_id: UUID, kind: str, target: dict[str, Any], now: datetime) -> Transaction[None]:
    """Add what a worker of a pool is to clean up."""
    yield SQL["insert"](
        id=uuid7().bytes,
        work_pool_id=pool_id.bytes,
        work_queue_id=queue_id.bytes,
        kind=kind,
        target=encode(target).decode(),
        now=to_micros(now),
    )


def is_waiting(pool_id: UUID, kinds: Iterable[str], now: datetime) -> Transaction[bool]:
    """Tell whether there is something of some kinds to clean up that nobody has."""
    ask = SQL["next"](work_pool_id=pool_id.bytes, kinds=texts(kinds), queues=ids([]), now=to_micros(now))
    return bool((yield ask))


def reserve(  # whose, of which kinds, of which queues first, when, for how long
    pool_id: UUID, kinds: Iterable[str], queue_ids: Iterable[UUID], token: str, now: datetime, lease: Lease
) -> Transaction[Cleanup | None]:
    """Hand out the first cleanup that nobody has, under a token; None if there is none.

    One that was handed out as often as may be is given up.
    """
    kinds, queues, until = list(kinds), ids(queue_ids), now + lease.duration
    while True:
        ask = SQL["next"](work_pool_id=pool_id.bytes, kinds=texts(kinds), queues=queues, now=to_micros(now))
        found = yield ask
        if not found:
            return None
        ((number, message_id, deliveries),) = found
        if deliveries >= lease.most:
            yield from give_up(number, message_id, deliveries)
            continue
        take = SQL["take"](number=number, token=token, until=to_micros(until), now=to_micros(now))
        taken = yield from maybe(Taken, take)
        if taken is not None:
            return Cleanup(
                message_id=UUID(bytes=taken.id),
                reservation_token=token,
                lease_expires_at=until,
                delivery_count=taken.deliveries,
                work_queue_id=UUID(bytes=taken.work_queue_id) if taken.work_queue_id else None,
                kind=taken.kind,
                target=decode_any(taken.target),
            )


class Taken(NamedTuple):
    """A row that was handed out."""

    id: bytes
    work_queue_id: bytes | None
    kind: str
    target: str
    deliveries: int


def operate(  # on what of whose, under which token, what, when, on which terms
    pool_id: UUID, message_id: UUID, token: str, operation: Operation, now: datetime, lease: Lease
) -> Transaction[Outcome]:
    """Note that a worker has cleaned something up (`ack`), cannot (`release`), or needs longer (`renew`)."""
    held = yield from maybe(Held, SQL["read_to_change"](id=message_id.bytes))
    if held is None:
        return Outcome("not_found", "message_not_found")
    if (refused := not_held(held, pool_id, token)) is not None:
        return refused
    late = held.until is not None and from_micros(held.until) <= now
    if operation == "renew" and not late:
        yield SQL["renew"](number=held.number, until=to_micros(now + lease.duration))
        return Outcome("accepted", until=now + lease.duration)
    if operation == "ack" and not late:
        yield SQL["delete"](number=held.number)
        return Outcome("accepted")
    if held.deliveries >= lease.most:
        yield from give_up(held.number, message_id.bytes, held.deliveries)
        return Outcome("dead_lettered", "max_delivery_attempts_reached")
    yield SQL["release"](number=held.number)
    return Outcome("expired", "lease_expired") if late else Outcome("accepted")


def not_held(held: Held, pool_id: UUID, token: str) -> Outcome | None:
    """Return why a worker does not have what it speaks of, None if it has it."""
    if held.work_pool_id != pool_id.bytes:
        return Outcome("unauthorized", "work_pool_mismatch")
    if held.token is None:
        return Outcome("not_current", "no_active_reservation")
    return None if held.token == token else Outcome("invalid_token", "reservation_token_mismatch")


def give_up(number: int, message_id: bytes, deliveries: int) -> Transaction[None]:
    """Give a cleanup up that workers did not finish."""
    yield SQL["delete"](number=number)
    logger.warning("Cleanup %s is given up: it was handed to workers %d times", UUID(bytes=message_id), deliveries)


def delete_of_pool(pool_id: UUID) -> Transaction[None]:
    """Remove what the workers of a pool were to clean up."""
    yield SQL["delete_of_pool"](work_pool_id=pool_id.bytes)


def delete_old(before: datetime) -> Transaction[None]:
    """Remove what nobody has cleaned up for long."""
    yield SQL["delete_old"](before=to_micros(before))
