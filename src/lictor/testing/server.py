"""A whole server on an event loop of its own in this process, which is asked without a socket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from lictor.client.connection import outboxes
from lictor.client.in_process import Answered, Asked
from lictor.kit import clock
from lictor.server.serve import Application
from lictor.settings import Settings
from lictor.store.migrate import fresh

R = TypeVar("R")

FLUSH_SECONDS = 30.0
READING = (b"filter", b"count", b"paginate", b"history")
"""Last parts of paths that are asked with POST and read."""


class Server:
    """The server of one API address, with its database in a folder."""

    def __init__(self, settings: Settings, folder: Path, address: str) -> None:
        self.address = address
        database = folder / "lictor.db"
        database.write_bytes(fresh())
        self.app = Application(settings, str(database), address.removesuffix("/api"), beside=False)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="lictor-test-server", daemon=True)

    def start(self, patience: float | None) -> None:
        """Open the database and take requests; raise TimeoutError if that takes longer than `patience` seconds."""
        self.thread.start()
        try:
            self.run(self.app.open(), patience)
        except TimeoutError:
            raise TimeoutError(f"the server of the test did not start within {patience:g} s") from None

    def stop(self) -> None:
        """Finish what was accepted, and end the thread."""
        self.run(self.app.close())
        self.run(self.loop.shutdown_default_executor())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, R], patience: float | None = None) -> R:
        """Do something on the server's event loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(patience)

    def moved(self) -> None:
        """Do what is due since the clock was put forward, then let everybody look at the clock who waits."""
        self.run(self.catch_up())

    async def catch_up(self) -> None:
        """Let each service make a pass, and wake who waits: here, since a wake may end what the caller runs."""
        assert self.app.services is not None
        await self.app.services.pass_of_each()
        clock.wake_all()

    def ask(self, asked: Asked) -> Future[Answered]:
        """Answer a request; one that reads finds everything that was said before it."""
        path = asked.target.partition(b"?")[0].rstrip(b"/")
        reads = asked.method == "GET" or path.endswith(READING)
        waiting = [outbox for outbox in outboxes(self.address) if len(outbox.events) or len(outbox.logs)]
        here = threading.current_thread()
        settle = reads and waiting and all(outbox.thread is not here for outbox in waiting)
        first = (lambda: flush(self.address)) if settle else None
        return asyncio.run_coroutine_threadsafe(self.answer(asked, first), self.loop)

    async def answer(self, asked: Asked, first: Callable[[], None] | None) -> Answered:
        """Let the application answer a request."""
        if first is not None:
            await asyncio.to_thread(first)
        path, _, query = asked.target.partition(b"?")
        given = [{"type": "http.request", "body": asked.content, "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return given.pop() if given else await asyncio.Future()  # the client does not go away

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "scheme": "http",
                "method": asked.method,
                "path": unquote_to_bytes(path).decode("utf-8", "replace"),
                "raw_path": path,
                "query_string": query,
                "headers": [(name.lower(), value) for name, value in asked.headers],
                "client": ("127.0.0.1", 0),
            },
            receive,
            send,
        )
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answered(sent[0]["status"], list(sent[0]["headers"]), content)


def flush(address: str) -> None:
    """Let everything that was said so far reach the server."""
    for outbox in outboxes(address):
        outbox.flush(FLUSH_SECONDS)
