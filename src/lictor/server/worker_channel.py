"""The channel between a worker and the server: signs of life come in, changes of the worker's pool go out.

A worker that says so is told what to clean up (`cleanup_deliveries.py`). Runs are still asked for over HTTP.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any, encode
from lictor.orchestration.refusal import Absent, Reserved, Unfit
from lictor.orchestration.work_pools import heartbeat
from lictor.orchestration.worker_greeting import welcome
from lictor.server.cleanup_deliveries import CleanupDeliveries
from lictor.server.dispatch import Server
from lictor.server.guards.gate import PROTOCOL_ERROR, Refused
from lictor.store import work_pool
from lictor.store.transaction import StoreError
from lictor.wire.types.worker_channel import (
    CLEANUP,
    SPOKEN,
    VERSION,
    AckFrame,
    BeatFrame,
    Hello,
    HelloFrame,
    Ready,
    ReadyFrame,
    ReleaseFrame,
    RenewFrame,
    ResolvedQueue,
    Snapshot,
    SnapshotFrame,
)

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

logger = logging.getLogger("lictor.server.sockets")

DENIED, UNSUPPORTED, WRONG, BROKEN = (
    "authorization_failed",
    "unsupported_version",
    "protocol_error",
    "heartbeat_persistence_failed",
)
"""Why a channel is closed, in the protocol's words."""
INTERNAL_ERROR = 1011
CHANGES = ("base_job_template", "concurrency_limit", "is_paused", "storage_configuration")
"""The fields of a pool of whose changes workers are told."""
TOGETHER_SECONDS = 0.25
"""Changes so close to each other are told as one."""

read_hello = msgspec.json.Decoder(HelloFrame).decode
read_later = msgspec.json.Decoder(BeatFrame | AckFrame | ReleaseFrame | RenewFrame).decode


class WorkerChannel:
    """One worker's channel."""

    def __init__(self, server: Server, scope: Scope, receive: Receive, send: Send) -> None:
        self.server, self.scope, self.receive, self.send = server, scope, receive, send
        self.by: str = scope["principal"].name
        self.name: str = scope["mounted_path"].split("/")[2]

    async def serve(self) -> None:
        """Greet the worker, then serve it until either side ends."""
        hello = read(read_hello, await self.receive()).payload
        check(hello)
        with self.server.hub.listen("event") as woken, self.server.hub.listen("event") as also_woken:
            told, cleanups = await self.greet(hello)
            tasks = [asyncio.ensure_future(self.take(hello, cleanups)), asyncio.ensure_future(self.tell(told, woken))]
            if cleanups.most:
                tasks.append(asyncio.ensure_future(cleanups.go_on(also_woken)))
            done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            for task in done:
                task.result()

    async def greet(self, hello: Hello) -> tuple[dict[str, Any], CleanupDeliveries]:
        """Let the worker in and answer it; return what it knows of its pool, and who hands it cleanups."""
        may_make = "write" in self.scope["principal"].permissions
        try:
            pool_id, queues = await self.server.store.write(
                welcome, self.server.keyring, self.name, hello, may_make, now(), self.by
            )
        except (Absent, Reserved):
            raise Refused(DENIED) from None
        except Unfit as error:
            logger.warning(
                "Worker %r brings a template that pool %s cannot have: %s", hello.worker_name, self.name, error
            )
            raise Refused(WRONG, PROTOCOL_ERROR) from None
        self.server.hub.announce("event")
        text, known = await self.pool()
        cleanups = CleanupDeliveries(self.server, hello, pool_id, [queue.id for queue in queues], self.say)
        accepted = [*SPOKEN, CLEANUP] if cleanups.most else list(SPOKEN)
        await self.say(
            ReadyFrame(
                id=uuid7(),
                sent_at=now(),
                payload=Ready(
                    consumer_id=hello.consumer_id,
                    effective_heartbeat_interval_seconds=hello.heartbeat_interval_seconds,
                    accepted_capabilities=accepted,
                    rejected_capabilities=[
                        name for name in dict.fromkeys(hello.requested_capabilities) if name not in accepted
                    ],
                    effective_max_cleanup_concurrency=cleanups.most,
                    resolved_work_queues=[ResolvedQueue(id=queue.id, name=queue.name) for queue in queues],
                    initial_snapshot=Snapshot(snapshot_sequence=1, reason="initial", work_pool=Raw(text.encode())),
                ),
            )
        )
        logger.debug("Worker %r is connected to work pool %s", hello.worker_name, pool_id)
        return known, cleanups

    async def pool(self) -> tuple[str, dict[str, Any]]:
        """Return the pool's JSON, and of it what a worker is told the changes of."""
        text = await self.server.store.point(work_pool.text, self.name)
        if text is None:
            raise Refused(DENIED)
        said = decode_any(text)
        return text, {"id": said["id"]} | {name: said[name] for name in CHANGES}

    async def take(self, hello: Hello, cleanups: CleanupDeliveries) -> None:
        """Take signs of life, and what is said of cleanups, until the worker goes."""
        while (message := await self.receive())["type"] == "websocket.receive":
            frame = read(read_later, message)
            if not isinstance(frame, BeatFrame):
                await cleanups.take(frame)
                continue
            beat = frame.payload
            if (beat.consumer_id, beat.worker_name) != (hello.consumer_id, hello.worker_name):
                raise Refused(WRONG, PROTOCOL_ERROR)
            seconds = beat.heartbeat_interval_seconds
            try:
                ready = await self.server.store.write(heartbeat, self.name, beat.worker_name, seconds, now(), self.by)
            except Absent:
                raise Refused(DENIED) from None
            except StoreError as error:
                logger.warning("A sign of life of worker %r could not be kept: %s", beat.worker_name, error)
                raise Refused(BROKEN, INTERNAL_ERROR) from None
            if ready:
                self.server.hub.announce("event")

    async def tell(self, known: dict[str, Any], woken: asyncio.Event) -> None:
        """Tell the worker of each change of its pool, woken by the events that tell of them."""
        sequence = 1
        while True:
            await woken.wait()
            await asyncio.sleep(TOGETHER_SECONDS)
            woken.clear()
            text, found = await self.pool()
            if found["id"] != known["id"]:
                raise Refused(DENIED)
            if found == known:
                continue
            known, sequence = found, sequence + 1
            snapshot = Snapshot(snapshot_sequence=sequence, reason="work_pool_updated", work_pool=Raw(text.encode()))
            await self.say(SnapshotFrame(id=uuid7(), sent_at=now(), payload=snapshot))

    async def say(self, frame: Any) -> None:
        """Send a frame."""
        await self.send({"type": "websocket.send", "text": encode(frame).decode()})


def read(decode: Any, message: Any) -> Any:
    """Decode a frame, or end the channel."""
    if message["type"] == "websocket.disconnect":
        raise Refused("Gone before it said what it wants")
    try:
        return decode(message.get("text") or "")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Refused(WRONG, PROTOCOL_ERROR) from None


def check(hello: Hello) -> None:
    """End the channel of a worker that cannot be understood."""
    if not set(SPOKEN) <= set(hello.requested_capabilities):
        raise Refused(WRONG, PROTOCOL_ERROR)
    if CLEANUP not in hello.requested_capabilities and (hello.handled_cleanup_kinds or hello.max_cleanup_concurrency):
        raise Refused(WRONG, PROTOCOL_ERROR)
    if VERSION not in hello.supported_channel_versions:
        raise Refused(UNSUPPORTED)
