"""Puts the application together: lifespan, mounts, guards, dispatch, sockets, pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lictor.kit.clock import now
from lictor.orchestration import block_catalogue
from lictor.orchestration.retention import kinds
from lictor.server import handlers  # each registers its answers
from lictor.server.dispatch import HANDLERS, Dispatch, Server
from lictor.server.guards.api_version import HEADER, SPOKEN, version_refusal
from lictor.server.guards.cors import REQUESTED_METHOD, Cors
from lictor.server.guards.credentials import Credentials
from lictor.server.guards.gate import Gate
from lictor.server.guards.origins import Origins
from lictor.server.guards.proxy import Proxies
from lictor.server.pages import Pages
from lictor.server.reply import Reply, deliver, detail
from lictor.server.services import Services
from lictor.server.sockets import Sockets
from lictor.settings import Settings, SettingsError, table
from lictor.settings.auth_strings import auth_strings
from lictor.store import block_document
from lictor.store.address import Postgres
from lictor.store.keyring import KeyProblem, missing
from lictor.store.opening import open_store
from lictor.store.transaction import Store, StoreError
from lictor.wire.channels import CHANNELS

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["Application", "handlers"]

logger = logging.getLogger("lictor.server")

ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"))
PRIVATE = (
    *ALWAYS,
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")
BUSY = detail("The server works on as many requests as it may: try again.", 503, (b"retry-after", b"1"))
PROBES = frozenset({"/health", "/ready"})
BROWSER = frozenset({b"origin", b"sec-fetch-site"})


class Application:
    """The whole server as one ASGI application; its store opens at start-up and closes, drained, at the end."""

    def __init__(
        self,
        settings: Settings,
        place: str | Postgres,
        origin: str,
        further: tuple[str, ...] = (),
        beside: bool = True,
    ) -> None:
        """`further` are auth strings that count beside those of the settings; without `beside` no service runs."""
        self.beside = beside
        self.settings, self.place, self.origin, self.further = settings, place, origin, further
        self.mount = "/" + (settings[table.SERVER_API_BASE_PATH] or "/api").strip("/")
        self.base = ("/" + settings[table.SERVER_UI_SERVE_BASE].strip("/")).rstrip("/")
        self.credentials = Credentials(
            (*auth_strings(settings), *further)
        )  # what cannot be used stops the program here
        kinds(settings)  # see above
        self.proxies = Proxies(settings)
        self.server: Server | None = None
        self.entrance: Entrance | None = None
        self.services: Services | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        assert self.entrance is not None
        scope["given"] = dict(scope["headers"])
        if self.proxies.networks:
            self.proxies.reveal(scope)
        if scope["type"] == "http":
            await self.entrance.request(scope, receive, send)
        else:
            await self.entrance.socket(scope, receive, send)

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
        store = await open_store(self.place, self.settings)
        await register_blocks(store, self.settings)
        public_url = self.origin + self.mount
        self.server = Server(self.settings, store, self.credentials, public_url=public_url, base=self.base)
        await look_for_keys(self.server)
        self.entrance = Entrance(self.server, (self.mount, f"{self.base}/api"))
        self.services = Services(store, self.settings, partial(self.server.hub.announce, "event"))
        if self.beside:
            await self.services.start()

    def reload_credentials(self, read: Callable[[], Settings]) -> None:
        """Take other auth strings from now on; keep the ones there are if the new ones cannot be read or used."""
        try:
            self.credentials = Credentials((*auth_strings(read()), *self.further))
        except SettingsError as error:
            logger.error("The credentials stay as they were: %s", error)
            return
        if self.server is not None:
            self.server.credentials = self.credentials
        logger.warning("The credentials were read again.")

    async def release(self) -> None:
        """Hold no request any longer: the server is about to end."""
        if self.server is not None:
            await self.server.line.close()

    async def close(self) -> None:
        """End the services, and finish what was accepted."""
        if self.services is not None:
            await self.services.stop()
        if self.server is not None:
            await self.server.close()


async def register_blocks(store: Store, settings: Settings) -> None:
    """Register the built-in block types, unless that was done at a start before, or shall not be."""
    if not settings[table.SERVER_REGISTER_BLOCKS_ON_START]:
        return
    if not settings[table.SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION] or await store.read(block_catalogue.needed):
        await store.write(block_catalogue.install, now(), "server")


async def look_for_keys(server: Server) -> None:
    """Say in the log which keys are missing that block documents are encrypted with; the server works without them."""
    try:
        for name in await server.store.read(block_document.keys):
            if server.keyring.named(name) is None:
                logger.error("%s", missing(name, server.keyring.place))
    except KeyProblem as problem:
        logger.error("%s", problem)


class Entrance:
    """The guards, in order: other sites' pages, CSRF tokens, credentials, the API's version; then dispatch or pages."""

    def __init__(self, server: Server, mounts: tuple[str, ...]) -> None:
        self.server, self.mounts = server, tuple(dict.fromkeys(mount + "/" for mount in mounts))
        settings = server.settings
        self.cors = Cors(settings)
        self.origins = Origins(self.cors, (settings[table.SERVER_UI_API_URL], settings[table.API_URL]))
        self.gate = Gate(server, self.origins, CHANNELS)
        self.dispatch, self.sockets = Dispatch(server, HANDLERS), Sockets(server)
        self.pages = Pages(server, self.gate)
        self.most, self.busy = settings[table.SERVER_LIMITS_REQUESTS], 0

    async def request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        given = scope["given"]
        mounted = scope["mounted_path"] = self.mounted(scope)
        always = ALWAYS if mounted is None else PRIVATE
        scope["answer_headers"] = always if scope["scheme"] == "http" else (*always, HSTS)
        refused = self.elsewhere(scope, given) if BROWSER & given.keys() else None
        if refused is None and self.server.csrf.enabled:
            refused = await self.server.csrf.refusal(scope)
        if mounted is None:
            await (self.pages(scope, receive, send) if refused is None else deliver(refused, scope, send))
            return
        if refused is None:
            refused = await self.gate.refusal(scope)
        version = given.get(HEADER, SPOKEN)
        if refused is None and version != SPOKEN:
            refused = version_refusal(version, mounted)
        await (deliver(refused, scope, send) if refused is not None else self.work(scope, receive, send))

    async def work(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that every guard let through, unless too many are worked on."""
        if self.busy >= self.most and scope["mounted_path"] not in PROBES:
            await deliver(BUSY, scope, send)
            return
        self.busy += 1
        try:
            await self.dispatch(scope, receive, send)
        finally:
            self.busy -= 1

    def elsewhere(self, scope: Scope, given: dict[bytes, bytes]) -> Reply | None:
        """Deal with what a browser says of a page's origin: answer a preflight, or refuse a foreign change."""
        origin = given.get(b"origin")
        if origin is not None:
            scope["answer_headers"] = (*scope["answer_headers"], *self.cors.answer_headers(origin))
            if scope["method"] == "OPTIONS" and REQUESTED_METHOD in given:
                return self.cors.preflight(given)
        return self.origins.refusal(scope)

    def mounted(self, scope: Scope) -> str | None:
        """Return a path as the API sees it, None outside of the API."""
        path: str = scope["path"]
        for mount in self.mounts:
            if path.startswith(mount):
                scope["mount"] = mount[:-1]
                return path[len(mount) - 1 :]
        return None

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket."""
        scope["mounted_path"] = self.mounted(scope)
        await self.gate.socket(self.sockets, scope, receive, send)
