"""Sends deferred task runs to task workers, one at a time, until each is acknowledged."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from lictor.kit.clock import now
from lictor.kit.json import decode_any
from lictor.orchestration.hub import Hub
from lictor.server.guards.gate import Refused
from lictor.store import task_worker
from lictor.store.task_worker import LEASE, Served
from lictor.store.transaction import Store
from lictor.wire.channels import TaskRunSubscription

if TYPE_CHECKING:
    from starlette.types import Receive, Send

WRONG_FRAME = 4001
LOOK_SECONDS = LEASE.total_seconds() / 6
"""So often a worker is noted to be there, and runs are looked for that nobody told of."""

read_subscription = msgspec.json.Decoder(TaskRunSubscription).decode


class Delivery:
    """One worker's socket."""

    def __init__(self, store: Store, hub: Hub, receive: Receive, send: Send) -> None:
        self.store, self.hub, self.receive, self.send = store, hub, receive, send
        self.frame: asyncio.Future[Any] = asyncio.ensure_future(receive())
        self.noted = -LOOK_SECONDS

    async def go_on(self) -> None:
        """Send runs until the worker goes or quits."""
        worker = subscribed(await self.frame)
        self.frame = asyncio.ensure_future(self.receive())
        quits = False
        try:
            with self.hub.listen("deferred") as woken:
                while True:
                    woken.clear()
                    await self.note(worker)
                    taken = await self.store.write(task_worker.take, worker, now())
                    if taken is None:
                        await self.idle(worker, woken)
                        continue
                    run_id, text = taken
                    await self.send({"type": "websocket.send", "text": text})
                    await self.acknowledged(worker)
                    await self.store.write(task_worker.acknowledge, worker, run_id)
        except Quit:
            quits = True
        except Gone:
            pass
        finally:
            self.frame.cancel()
            await asyncio.shield(self.leave(worker))
        if quits:
            await self.send({"type": "websocket.close", "code": 1000})

    async def leave(self, worker: Served) -> None:
        """Let others have what the worker has not begun."""
        await self.store.write(task_worker.gone, worker, now())
        self.hub.announce("deferred")

    async def idle(self, worker: Served, woken: asyncio.Event) -> None:
        """Wait until a run may be there; a worker that quits meanwhile, or says anything else, ends the socket."""
        waiting = asyncio.ensure_future(woken.wait())
        await asyncio.wait((waiting, self.frame), timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self.frame.done():
            expect_ack(self.frame.result())
            raise Refused("Protocol violation: nothing is to be acknowledged", WRONG_FRAME)

    async def acknowledged(self, worker: Served) -> None:
        """Wait until the worker has what it was sent."""
        while True:
            await asyncio.wait((self.frame,), timeout=LOOK_SECONDS)
            if self.frame.done():
                expect_ack(self.frame.result())
                self.frame = asyncio.ensure_future(self.receive())
                return
            await self.note(worker)

    async def note(self, worker: Served) -> None:
        """Note that a worker is there, as often as it is needed: what it has stays with it."""
        if monotonic() >= self.noted + LOOK_SECONDS:
            await self.store.write(task_worker.here, worker, now())
            self.noted = monotonic()


class Quit(Exception):
    """The worker says that it goes."""


class Gone(Exception):
    """The worker is gone."""


def expect_ack(message: Any) -> None:
    """Take an acknowledgement; end the socket for anything else."""
    if message["type"] == "websocket.disconnect":
        raise Gone
    said = read(message)
    if said == "quit":
        raise Quit
    if said != "ack":
        raise Refused("Protocol violation: expected 'ack' message", WRONG_FRAME)


def read(message: Any) -> str | None:
    """Return the type of a frame."""
    try:
        content = decode_any(message.get("text") or b"")
    except msgspec.DecodeError:
        return None
    kind = content.get("type") if isinstance(content, dict) else None
    return kind if isinstance(kind, str) else None


def subscribed(message: Any) -> Served:
    """Return who subscribes to which tasks."""
    if message["type"] == "websocket.disconnect":
        raise Refused("Gone before it said what it wants")
    if read(message) != "subscribe":
        raise Refused("Protocol violation: expected 'subscribe' message", WRONG_FRAME)
    try:
        asked = read_subscription(message["text"])
    except msgspec.ValidationError:
        raise Refused("Protocol violation: 'keys' is a list of texts, 'client_id' a text", WRONG_FRAME) from None
    for name in ("keys", "client_id"):
        if not getattr(asked, name):
            raise Refused(f"Protocol violation: expected '{name}' in subscribe message", WRONG_FRAME)
    return Served(uuid4(), asked.client_id, tuple(dict.fromkeys(asked.keys)))
