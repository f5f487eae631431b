"""Puts the application together: lifespan, mount, guards, dispatch, sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lictor.server import handlers  # each registers its answers
from lictor.server.dispatch import HANDLERS, Dispatch, Server
from lictor.server.guards.api_version import HEADER, SPOKEN, version_refusal
from lictor.server.guards.gate import Gate
from lictor.server.reply import send_reply
from lictor.server.sockets import Sockets
from lictor.settings import Settings, table
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import StoreError
from lictor.wire.channels import CHANNELS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Application", "handlers"]


class Application:
    """The whole server as one ASGI application; its store opens at start-up and closes, drained, at the end."""

    def __init__(self, settings: Settings, path: str, origin: str) -> None:
        self.settings, self.path, self.origin = settings, path, origin
        self.mount = "/" + (settings[table.SERVER_API_BASE_PATH] or "/api").strip("/")
        self.server: Server | None = None
        self.entrance: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        path = scope["path"]
        inside = path.startswith(self.mount + "/")
        scope["mounted_path"] = path[len(self.mount) :] if inside else "//outside"
        assert self.entrance is not None
        await self.entrance(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Open at start-up, close at shutdown."""
        await receive()
        try:
            await self.open()
        except StoreError as error:  # foreseen: the message says what to do
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def open(self) -> None:
        """Open the store and build what stands on it."""
        store = await SQLiteStore.open(self.path, timeout=self.settings[table.SERVER_DATABASE_TIMEOUT])
        self.server = Server(self.settings, store, self.origin + self.mount)
        secret = self.settings[table.SERVER_API_AUTH_STRING]
        inside = Inside(Dispatch(self.server, HANDLERS), Sockets(self.server))
        self.entrance = Gate(inside, [secret.reveal()] if secret else [], CHANNELS)

    async def close(self) -> None:
        """Finish what was accepted."""
        if self.server is not None:
            await self.server.close()


class Inside:
    """What lies behind the guards: requests to the dispatch, sockets to theirs."""

    def __init__(self, http: ASGIApp, sockets: ASGIApp) -> None:
        self.http, self.sockets = http, sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a scope to its side."""
        if scope["type"] != "http":
            await self.sockets(scope, receive, send)
            return
        version = dict(scope["headers"]).get(HEADER, SPOKEN)
        refused = None if version == SPOKEN else version_refusal(version, scope["mounted_path"])
        await (self.http(scope, receive, send) if refused is None else send_reply(refused, send))
