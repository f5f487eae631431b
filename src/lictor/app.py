"""The server as a program: a process with an event loop, or several that share a socket, and one database."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from types import FrameType
from typing import NamedTuple

import msgspec
import uvicorn

from lictor.kit import log_file, server_file
from lictor.kit.hosts import is_loopback
from lictor.kit.server_file import SERVICES, Running, ServerFile
from lictor.server.protocol import Protocol
from lictor.server.serve import Application
from lictor.server.services import run_alone
from lictor.server.workers import Workers, forks
from lictor.settings import Settings, SettingsError, current, reset, table
from lictor.store.address import Postgres, database_place, in_memory
from lictor.store.migrate import Unfit
from lictor.store.transaction import StoreError

logger = logging.getLogger("lictor.server")

GRACE_SECONDS = 7
STARTUP_FAILED = 1
LARGEST_FRAME = 2**21
TAKEOVER_SECONDS = 30.0
"""How long a temporary server is waited for to start or to end."""


class Listener(uvicorn.Server):
    """uvicorn's server, which says when it listens; with `idle_seconds` it ends when nobody talked to it so long.

    It ends, too, when `parent` is not the process that it comes from any more.
    """

    parent: int | None = None

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None], idle_seconds: float | None) -> None:
        super().__init__(config)
        self.listens, self.idle_seconds = listens, idle_seconds
        self.requests, self.since = 0, time.monotonic()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self.since = time.monotonic()
            self.listens()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the requests that are held, then finish the others."""
        if isinstance(self.config.app, Application):
            await self.config.app.release()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Whether to end, asked ten times a second."""
        orphaned = self.parent is not None and os.getppid() != self.parent
        return await super().on_tick(counter) or orphaned or self.idle()

    def idle(self) -> bool:
        """Whether there was no connection for as long as a temporary server waits for one."""
        state, moment = self.server_state, time.monotonic()
        if state.connections or state.tasks or state.total_requests != self.requests:
            self.requests, self.since = state.total_requests, moment
        return self.idle_seconds is not None and moment - self.since >= self.idle_seconds


class Serving(NamedTuple):
    """How the server is to run: where it listens, how much it logs, and what is called with its API's address.

    `services` says whether it runs the services, too, `workers` how many processes answer requests.
    """

    host: str
    port: int
    log_level: str
    listens: Callable[[str], None]
    services: bool = True
    workers: int = 1


def serve(settings: Settings, wanted: Serving) -> None:
    """Run the server until SIGTERM or SIGINT; then finish what was accepted and return.

    It takes the place of a temporary server of the home folder.
    """
    home = settings[table.HOME]
    try:
        with server_file.starting(home, time.monotonic() + TAKEOVER_SECONDS):
            running = server_file.running(home)
            if running is not None and running.temporary:
                server_file.stop(home, running, TAKEOVER_SECONDS)
            held = claim(home, Running(os.getpid()))
    except OSError as error:  # a folder that cannot be written to: clients need the address then
        logger.warning("%s: %s; clients do not find this server by themselves.", error.filename or home, error.strerror)
        held = None
    run(settings, wanted, held, Running(os.getpid()))


def serve_temporary(settings: Settings, log_level: str) -> None:
    """Run the server for clients of the home folder, on a free port of the loopback, until nobody needs it.

    They are let in by an auth string that the folder's file tells them, and that nobody else can read.
    """
    me = Running(os.getpid(), temporary=True, auth=f"lictor:{secrets.token_urlsafe(24)}")
    held = claim(settings[table.HOME], me)
    if held is None:
        raise SettingsError(f"{settings[table.HOME]} has a server already.")
    run(settings, Serving("127.0.0.1", 0, log_level, lambda url: None), held, me)


def serve_services(settings: Settings, log_level: str, ready: Callable[[], None]) -> None:
    """Run the services that are on until SIGTERM or SIGINT; raise SettingsError where they cannot run."""
    begin_logging(log_level, settings[table.HOME])
    home, place = settings[table.HOME], place_of(settings)
    try:
        held = ServerFile(home, Running(os.getpid()), SERVICES)
    except BlockingIOError:
        other = server_file.running(home, SERVICES) or Running()
        raise SettingsError(
            f"The services run already (process {other.pid}): end them with `lictor server services stop`."
        ) from None

    def begun() -> None:
        held.write(Running(os.getpid(), url="services"))
        ready()

    try:
        asyncio.run(run_alone(settings, place, begun))
    except StoreError as error:
        raise SettingsError(str(error)) from None
    finally:
        held.release()


def claim(home: str, running: Running) -> ServerFile | None:
    """Take the folder's file, unless another server has it, which then is the one that clients find."""
    try:
        return ServerFile(home, running)
    except BlockingIOError:
        return None


def run(settings: Settings, wanted: Serving, held: ServerFile | None, me: Running) -> None:
    """Run the server, and tell the folder's file where it listens."""
    begin_logging(wanted.log_level, settings[table.HOME])
    warn(settings, wanted.host)
    memory = tempfile.TemporaryDirectory(prefix="lictor-") if in_memory(settings) else nullcontext()
    with memory as folder:
        run_on(f"{folder}/lictor.db" if folder else place_of(settings), settings, wanted, held, me)


def begin_logging(level: str, home: str) -> None:
    """Log to standard error."""
    logging.basicConfig(format=log_file.FORMAT, handlers=[log_file.handler(home)])
    logging.getLogger("lictor").setLevel(level.upper())


def run_on(place: str | Postgres, settings: Settings, wanted: Serving, held: ServerFile | None, me: Running) -> None:
    """Run the server on a database."""
    several = wanted.workers > 1
    if several:
        check_workers(place, wanted.workers)
    sockets = [bound(wanted.host, wanted.port)] if several or not wanted.port else None
    port = sockets[0].getsockname()[1] if sockets else wanted.port
    app = create_app(settings, place, wanted, port, me)
    set_limits(settings)
    config = configuration(app, settings, wanted, port, me)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ignored)  # uvicorn sends itself the signal again once it has stopped in good order
    load(config)
    signal.signal(signal.SIGHUP, lambda *_: app.reload_credentials(read_again))

    def listens() -> None:
        url = f"{app.origin}{app.mount}"
        if held is not None:
            held.write(msgspec.structs.replace(me, url=reached(url)))
        wanted.listens(url)

    def work(number: int, ready: Callable[[], None]) -> bool:
        """Serve, in this process; of several the first runs the services."""
        app.beside = wanted.services and number == 0
        server = Listener(config, ready, settings[table.SERVER_EPHEMERAL_IDLE_SECONDS] if me.temporary else None)
        server.parent = me.pid if several else None
        with suppress(SystemExit):  # uvicorn's own codes say no more than that it did not start
            server.run(sockets)
        return server.started

    started = Workers(wanted.workers, work).run(listens) if several else work(0, listens)
    if held is not None:
        held.release()
    if not started:
        raise SystemExit(STARTUP_FAILED)


def check_workers(place: str | Postgres, count: int) -> None:
    """Raise SettingsError where several processes cannot serve."""
    if isinstance(place, str):
        raise SettingsError(
            f"{count} worker processes need PostgreSQL: a SQLite file belongs to one process. Leave --workers out, or "
            f"set {table.SERVER_DATABASE_CONNECTION_URL.name} to postgresql+asyncpg://<user>@<host>/<name>."
        )
    if not forks():
        raise SettingsError("Several worker processes are not possible on this system: leave --workers out.")


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port, with 0 on one that nobody else has."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(f"The server cannot listen on {host}:{port}: {error.strerror}.") from None


def place_of(settings: Settings) -> str | Postgres:
    """Return where the database is."""
    try:
        return database_place(settings)
    except Unfit as wrong:
        raise SettingsError(str(wrong)) from None


def create_app(settings: Settings, place: str | Postgres, wanted: Serving, port: int, me: Running) -> Application:
    """Return the server as an ASGI application; it opens its database at start-up."""
    host = wanted.host
    scheme = "https" if settings[table.SERVER_TLS_CERT_FILE] and not me.temporary else "http"
    shown = f"[{host}]" if ":" in host else host
    return Application(settings, place, f"{scheme}://{shown}:{port}", (me.auth,) if me.auth else (), wanted.services)


def configuration(app: Application, settings: Settings, wanted: Serving, port: int, me: Running) -> uvicorn.Config:
    """Return how uvicorn is to run the application; between one user's processes there is no need of TLS."""
    level = wanted.log_level
    return uvicorn.Config(
        app,
        host=wanted.host,
        port=port,
        log_level="info" if level.upper() == "DEBUG" else level.lower(),  # below, it logs what sockets say
        log_config=None,
        access_log=False,
        loop="uvloop",
        http=Protocol,
        proxy_headers=False,  # Lictor believes them by itself, of server.trusted_proxies alone
        ssl_certfile=None if me.temporary else settings[table.SERVER_TLS_CERT_FILE],
        ssl_keyfile=None if me.temporary else settings[table.SERVER_TLS_KEY_FILE],
        ws_max_size=max(LARGEST_FRAME, 2 * settings[table.SERVER_EVENTS_MAXIMUM_SIZE_BYTES]),
        ws="websockets-sansio",
        ws_ping_interval=settings[table.SERVER_API_WEBSOCKET_PING_INTERVAL],
        ws_ping_timeout=settings[table.SERVER_API_WEBSOCKET_PING_TIMEOUT],
        ws_per_message_deflate=False,
        server_header=False,
        headers=[("server", "lictor")],
        timeout_keep_alive=settings[table.SERVER_API_KEEPALIVE_TIMEOUT],
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )


def reached(url: str) -> str:
    """Return the address at which this machine reaches a server that listens on all of its addresses."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:", 1).replace("//[::]:", "//[::1]:", 1)


def warn(settings: Settings, host: str) -> None:
    """Say loudly what is open to others."""
    if is_loopback(host):
        return
    open_to_all = not (settings[table.SERVER_API_AUTH_STRING] or settings[table.SERVER_API_AUTH_STRING_FILE])
    if open_to_all:
        logger.warning(
            "Everybody who reaches %s can do everything here: set PREFECT_SERVER_API_AUTH_STRING to name:password, "
            "or listen on 127.0.0.1.",
            host,
        )
    if settings[table.SERVER_API_CORS_ALLOWED_ORIGINS].strip() == "*":
        logger.warning(
            "Pages of any site may read this server's API: set PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS to the origins "
            "that need it."
        )


def set_limits(settings: Settings) -> None:
    """Hand the limits on heads to the protocol."""
    Protocol.header_bytes = settings[table.SERVER_LIMITS_HEADER_BYTES]
    Protocol.header_lines = settings[table.SERVER_LIMITS_HEADER_LINES]
    Protocol.stalled_seconds = settings[table.SERVER_LIMITS_STALLED_SECONDS]
    Protocol.head_seconds = settings[table.SERVER_LIMITS_HANDSHAKE_SECONDS]


def load(config: uvicorn.Config) -> None:
    """Prepare the configuration; raise SettingsError where the certificate or its key cannot be used."""
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"PREFECT_SERVER_TLS_CERT_FILE or PREFECT_SERVER_TLS_KEY_FILE cannot be used: {error}."
        ) from None
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2


def read_again() -> Settings:
    """Read all settings afresh."""
    reset()
    return current()


def ignored(number: int, frame: FrameType | None) -> None:
    """Do nothing about a signal that was answered already."""
