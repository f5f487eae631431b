"""Gathers the events of a socket into transactions: while one is out, the next gathers."""

from __future__ import annotations

import asyncio
import logging

from lictor.kit.clock import now
from lictor.orchestration.hub import Hub
from lictor.orchestration.record_events import record
from lictor.store.transaction import Closed, Store, StoreError
from lictor.wire.types.event import Event

logger = logging.getLogger("lictor.server.events")

MOST_WAITING = 2000
LARGEST_BATCH = 500
PAUSE_SECONDS = 0.5


class Intake:
    """Events taken from one socket and not stored yet."""

    def __init__(self, store: Store, hub: Hub, by: str) -> None:
        self.store, self.hub, self.by = store, hub, by
        self.waiting: list[Event] = []
        self.storing: asyncio.Task[None] | None = None

    async def take(self, one: Event) -> None:
        """Take an event; wait while too many are not stored yet."""
        self.waiting.append(one)
        if self.storing is None:
            self.storing = asyncio.create_task(self.store_waiting())
        elif len(self.waiting) >= MOST_WAITING:
            await self.storing

    async def store_waiting(self) -> None:
        """Store batch after batch until nothing waits."""
        try:
            while self.waiting:
                batch, self.waiting = self.waiting[:LARGEST_BATCH], self.waiting[LARGEST_BATCH:]
                await self.store_batch(batch)
        finally:
            self.storing = None

    async def store_batch(self, batch: list[Event]) -> None:
        """Store a batch, again and again while the database cannot be written; a bad event fails alone."""
        while True:
            try:
                await self.store.write(record, batch, now(), self.by)
            except Closed:
                logger.exception("%d events came too late to be stored", len(batch))
            except StoreError as error:
                logger.warning("%d events wait for the database: %s", len(batch), error)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            except Exception:
                if len(batch) > 1:
                    for one in batch:
                        await self.store_batch([one])
                else:
                    logger.exception("Event %s cannot be stored", batch[0].id)
            else:
                self.hub.announce("event")
            return

    async def finish(self) -> None:
        """Wait until everything that was taken is stored."""
        while self.storing is not None:
            await asyncio.shield(self.storing)
