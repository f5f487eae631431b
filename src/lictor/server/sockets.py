"""What happens on a websocket after the gate has let it in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from lictor.kit.clock import in_utc, now
from lictor.kit.json import decode_any
from lictor.orchestration.hub import Topic
from lictor.orchestration.record_events import problem_of
from lictor.server.deliveries import Delivery
from lictor.server.dispatch import Server
from lictor.server.guards.gate import PROTOCOL_ERROR, Refused
from lictor.server.intake import Intake
from lictor.server.worker_channel import WorkerChannel
from lictor.settings import table
from lictor.store import event, log
from lictor.store.cursor import Cursor, Page
from lictor.store.where import Unbuilt
from lictor.wire.channels import EventSubscription, LogSubscription
from lictor.wire.types.event import Event

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

logger = logging.getLogger("lictor.server.sockets")

EVENTS, BLOCKS = 200, 10
"""How many rows are read at once."""
NextRows = Callable[[Cursor], Awaitable[Page]]

read_event = msgspec.json.Decoder(Event).decode
read_event_subscription = msgspec.json.Decoder(EventSubscription).decode
read_log_subscription = msgspec.json.Decoder(LogSubscription).decode


class Sockets:
    """The ASGI application behind the guards, for websockets."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.talks = {
            "/events/in": self.events_in,
            "/events/out": self.events_out,
            "/logs/out": self.logs_out,
            "/work_pools/{name}/workers/connect": self.worker,
            "/task_runs/subscriptions/scheduled": self.task_runs,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket until either side ends it."""
        talk = self.talks.get(scope["channel"].path, self.idle)
        await talk(scope, receive, send)

    async def idle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep a socket open whose resource is not built yet."""
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def events_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one event a frame; what was taken is stored before the socket ends."""
        settings = self.server.settings
        most_related = settings[table.SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES]
        longest = settings[table.SERVER_EVENTS_MAXIMUM_EVENT_NAME_LENGTH]
        intake = Intake(self.server.store, self.server.hub, scope["principal"].name)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                one = read_frame(read_event, message, "event")
                wrong = problem_of(one, most_related, longest)
                if wrong is None:
                    await intake.take(one)
                else:
                    logger.warning("Event %s is not stored: %s: %s", one.id, ".".join(map(str, wrong[0])), wrong[1])
        finally:
            await intake.finish()

    async def events_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events that a filter matches: those of late, oldest first, then each new one."""
        if not self.server.settings[table.SERVER_EVENTS_STREAM_OUT_ENABLED]:
            raise Refused("Event streaming is switched off: set PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED.")
        asked = read_frame(read_event_subscription, await receive(), "filter")
        store, wanted = self.server.store, asked.filter
        cursor = await store.point(event.end)
        if asked.backfill:
            oldest = now() - self.server.settings[table.SERVER_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL]
            since = max(in_utc(wanted.occurred.since), oldest) if wanted.occurred else oldest
            cursor = await store.read(event.since, since)
        await self.stream("event", lambda after: store.read(event.after, after, wanted, EVENTS), cursor, receive, send)

    async def logs_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send each new log line that a filter matches."""
        if not self.server.settings[table.SERVER_LOGS_STREAM_OUT_ENABLED]:
            raise Refused("Log streaming is switched off: set PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED.")
        asked = read_frame(read_log_subscription, await receive(), "filter")
        store, wanted = self.server.store, asked.filter
        cursor = await store.point(log.end)
        await self.stream("log", lambda after: store.read(log.after, after, wanted, BLOCKS), cursor, receive, send)

    async def worker(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a worker."""
        await WorkerChannel(self.server, scope, receive, send).serve()

    async def task_runs(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the task runs that wait for a task worker."""
        await Delivery(self.server.store, self.server.hub, receive, send).go_on()

    async def stream(self, topic: Topic, rows: NextRows, cursor: Cursor, receive: Receive, send: Send) -> None:
        """Send rows after a cursor, page by page, woken by commits, until the client goes."""
        gone = asyncio.ensure_future(receive())
        with self.server.hub.listen(topic) as woken:
            while True:
                woken.clear()
                bodies, cursor, more = await self.page(rows, cursor)
                for body in bodies:
                    await send({"type": "websocket.send", "text": f'{{"type":"{topic}","{topic}":{body}}}'})
                if more:
                    continue
                waiting = asyncio.ensure_future(woken.wait())
                await asyncio.wait((waiting, gone), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if gone.done():
                    if gone.result()["type"] == "websocket.disconnect":
                        return
                    gone = asyncio.ensure_future(receive())

    async def page(self, rows: NextRows, cursor: Cursor) -> Page:
        """Return the next page and the cursor behind it, or end the socket where the filter cannot be answered."""
        try:
            return await rows(cursor)
        except Unbuilt as unbuilt:
            raise Refused(f"Invalid filter: {unbuilt}", PROTOCOL_ERROR) from None


def read_frame(read: Callable[[str], Any], message: Any, expected: str) -> Any:
    """Decode a frame, or end the socket with a code that says what is wrong with it."""
    if message["type"] == "websocket.disconnect":
        raise Refused("Gone before it said what it wants")
    content = message.get("text")
    if content is None:
        raise Refused("Binary frames are not spoken here", 1003)
    try:
        return read(content)
    except msgspec.ValidationError as wrong:
        said = decode_any(content)
        known = expected == "event" or (isinstance(said, dict) and said.get("type") == expected)
        raise Refused(
            f"Invalid {expected}: {wrong}" if known else f"Expected '{expected}' message", PROTOCOL_ERROR
        ) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Refused("The frame is not JSON", 1007) from None
