"""Hands cleanups to a worker over its channel, as many at a time as it takes, and notes what it says of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.server.dispatch import Server
from lictor.settings import table
from lictor.store import cleanup
from lictor.store.cleanup import Lease, Outcome
from lictor.store.transaction import StoreError
from lictor.wire.types.worker_channel import (
    CLEANUP,
    AckFrame,
    CleanupFrame,
    Hello,
    Operation,
    OperationResult,
    OperationResultFrame,
    ReleaseFrame,
    RenewFrame,
)

logger = logging.getLogger("lictor.server.sockets")

TOGETHER_SECONDS = 0.25
"""Events so close to each other are looked at as one."""
LOOK_SECONDS = 5.0
"""So often cleanups are looked for whose worker had its time."""
OPERATIONS: dict[type[AckFrame | ReleaseFrame | RenewFrame], Operation] = {
    AckFrame: "ack",
    ReleaseFrame: "release",
    RenewFrame: "renew",
}


def most_of(hello: Hello) -> int:
    """Return how many cleanups a worker takes at a time, 0 for none."""
    if CLEANUP not in hello.requested_capabilities or not hello.handled_cleanup_kinds:
        return 0
    return hello.max_cleanup_concurrency if isinstance(hello.max_cleanup_concurrency, int) else 1


class CleanupDeliveries:
    """What is handed to the worker of one channel."""

    def __init__(self, server: Server, hello: Hello, pool_id: UUID, queue_ids: list[UUID], say: Say) -> None:
        self.server, self.pool_id, self.queue_ids, self.say = server, pool_id, queue_ids, say
        self.kinds, self.most = hello.handled_cleanup_kinds, most_of(hello)
        self.held: dict[UUID, datetime] = {}
        self.freed = asyncio.Event()

    @property
    def lease(self) -> Lease:
        """How long the worker has each."""
        settings = self.server.settings
        return Lease(
            timedelta(seconds=settings[table.SERVER_WORKER_CHANNEL_CLEANUP_LEASE_SECONDS]),
            settings[table.SERVER_WORKER_CHANNEL_CLEANUP_MAX_DELIVERY_ATTEMPTS],
        )

    async def go_on(self, woken: asyncio.Event) -> None:
        """Hand out what there is, again and again: woken by events, and now and then."""
        self.freed = woken
        while True:
            woken.clear()
            await self.hand_out()
            try:
                await asyncio.wait_for(woken.wait(), LOOK_SECONDS)
                await asyncio.sleep(TOGETHER_SECONDS)
            except TimeoutError:
                pass

    async def hand_out(self) -> None:
        """Hand out what there is, as far as the worker takes it."""
        store = self.server.store
        while self.has_room() and await store.point(cleanup.is_waiting, self.pool_id, self.kinds, now()):
            token = token_urlsafe(32)
            found = await store.write(
                cleanup.reserve, self.pool_id, self.kinds, self.queue_ids, token, now(), self.lease
            )
            if found is None:
                return
            self.held[found.message_id] = found.lease_expires_at
            await self.say(CleanupFrame(id=uuid7(), sent_at=now(), payload=found))

    def has_room(self) -> bool:
        """Tell whether the worker takes one more; what its time is over for counts no more."""
        moment = now()
        self.held = {message_id: until for message_id, until in self.held.items() if until > moment}
        return len(self.held) < self.most

    async def take(self, frame: AckFrame | ReleaseFrame | RenewFrame) -> None:
        """Note what the worker says of a cleanup, and answer."""
        said, operation = frame.payload, OPERATIONS[type(frame)]
        outcome = await self.outcome(said.message_id, said.reservation_token, operation)
        if outcome.until is not None:
            self.held[said.message_id] = outcome.until
        elif outcome.status != "error" and self.held.pop(said.message_id, None) is not None:
            self.freed.set()
        result = OperationResult(
            request_frame_id=frame.id,
            message_id=said.message_id,
            operation=operation,
            status=outcome.status,
            lease_expires_at=outcome.until,
            reason=outcome.reason,
        )
        await self.say(OperationResultFrame(id=uuid7(), sent_at=now(), payload=result))

    async def outcome(self, message_id: UUID, token: str, operation: Operation) -> Outcome:
        """Return what comes of what the worker says."""
        if not self.most:
            return Outcome("unauthorized", "cleanup_delivery_not_accepted")
        try:
            return await self.server.store.write(
                cleanup.operate, self.pool_id, message_id, token, operation, now(), self.lease
            )
        except StoreError as error:
            logger.warning("What a worker said of cleanup %s could not be kept: %s", message_id, error)
            return Outcome("error", "cleanup_queue_operation_failed")


Say = Callable[[Any], Awaitable[None]]
