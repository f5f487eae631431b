"""Holds requests for slots that are taken until some are free, and hands each freed slot to whoever waits longest.

The line itself is in the database; this process only knows which of its requests stand in it, and tries for those at
the front whenever slots may have become free: here, on another server, or because a lease ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from lictor.kit.clock import now
from lictor.orchestration import slot_line
from lictor.orchestration.hub import Hub
from lictor.orchestration.refusal import Unfit
from lictor.orchestration.slot_line import Given, Waits, Wanted
from lictor.server.reply import Disconnected
from lictor.store.transaction import Closed, Store, StoreError

logger = logging.getLogger("lictor.server")

LOOK_SECONDS = 1.0
"""So often at the least it is tried again: leases end without anybody saying so."""
AGAIN_SECONDS = 0.2
"""A client whose request was held in vain is to come again so soon; its place is kept."""


Left = Callable[[], Coroutine[Any, Any, None]]
"""Returns when the client of a request has gone away."""


class Held:
    """A request that stands in line."""

    __slots__ = ("answer", "trying", "until", "waits", "wanted")

    def __init__(self, wanted: Wanted, waits: Waits, until: float) -> None:
        self.wanted, self.waits, self.until = wanted, waits, until
        self.answer: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self.trying = asyncio.Lock()

    @property
    def order(self) -> tuple[datetime, UUID]:
        """By what requests stand in line."""
        return self.waits.waiter.since, self.waits.waiter.id


class WaitingLine:
    """The requests of this server that wait for slots; at the most `most` are held at once, with the `others`."""

    def __init__(self, store: Store, hub: Hub, most: int) -> None:
        self.store, self.hub, self.most = store, hub, most
        self.held: set[Held] = set()
        self.others = 0
        """How many requests are held for something else than slots."""
        self.task: asyncio.Task[None] | None = None
        self.closing, self.woken = asyncio.Event(), asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether no more requests are held: all others would find no place."""
        return len(self.held) + self.others >= self.most

    async def take(self, wanted: Wanted, seconds: float, left: Left) -> Given | float:
        """Take slots as soon as some are free; or return, after so many seconds, when to come again.

        If the client goes away nothing is taken, and Disconnected raised.
        """
        if self.is_full or self.closing.is_set():
            seconds = 0.0
        found = await self.store.write(slot_line.take, wanted, now(), seconds)
        if isinstance(found, Given):
            return found
        return (await self.stand(Held(wanted, found, clock() + seconds), seconds, left)) if seconds else found.seconds

    async def stand(self, held: Held, seconds: float, left: Left) -> Given | float:
        """Stand in line for so many seconds."""
        gone, closing = asyncio.create_task(left()), asyncio.create_task(self.closing.wait())
        self.held.add(held)
        self.run()
        try:
            ends: set[asyncio.Future[Any]] = {held.answer, gone, closing}
            await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            has_left = gone.done()
        finally:
            self.held.discard(held)
            closing.cancel()
            gone.cancel()
        async with held.trying:
            if held.answer.done():
                given = held.answer.result()
                if has_left:
                    await self.store.write(slot_line.end_lease, given.lease_id, now())
            elif has_left:
                held.answer.cancel()
                await self.store.write(slot_line.leave, held.waits.waiter.id)
            else:
                held.answer.cancel()
                await self.store.write(slot_line.keep, held.wanted, held.waits, now(), AGAIN_SECONDS)
                return AGAIN_SECONDS
        if has_left:
            self.hub.announce("slot")
            raise Disconnected
        return given

    def run(self) -> None:
        """See to it that somebody looks after the requests, and after the new one at once."""
        self.woken.set()
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.look(), name="waiting line")

    async def look(self) -> None:
        """Try for the requests again and again, as long as there are some."""
        with self.hub.listen("slot") as self.woken:
            while self.held:
                self.woken.clear()
                pause = await self.try_all()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.woken.wait(), pause)

    async def try_all(self) -> float:
        """Try for each request that nobody stands before; return the seconds after which to try again."""
        full: set[UUID] = set()
        pause = LOOK_SECONDS
        for held in sorted(self.held, key=lambda held: held.order):
            if held.waits.limits & full:
                continue
            try:
                found = await self.try_for(held)
            except Closed:
                return pause
            except StoreError as error:
                logger.warning("Requests for slots wait on: %s", error)
                return pause
            if found is not None:
                full |= found.full
                pause = pause if found.comes_back is None else min(pause, found.comes_back)
        return pause

    async def try_for(self, held: Held) -> Waits | None:
        """Try for a request; return for what it waits, None where it waits no more."""
        async with held.trying:
            if held.answer.done():
                return None
            left = max(held.until - clock(), AGAIN_SECONDS)
            try:
                found = await self.store.write(slot_line.take, held.wanted, now(), left, held.waits.waiter)
            except Unfit as unfit:
                held.answer.set_exception(unfit)
                return None
            if isinstance(found, Waits):
                held.waits = found
                return found
            held.answer.set_result(found)
            return None

    async def close(self) -> None:
        """Hold requests no more."""
        self.closing.set()
        if self.task is not None:
            await asyncio.gather(self.task, return_exceptions=True)


def clock() -> float:
    """Return the time of the event loop."""
    return asyncio.get_running_loop().time()
