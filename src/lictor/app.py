"""The server as a program: one process, one event loop, one database."""

from __future__ import annotations

import logging
import signal
import ssl
from contextlib import suppress
from types import FrameType

import uvicorn

from lictor.kit.hosts import is_loopback
from lictor.server.protocol import Protocol
from lictor.server.serve import Application
from lictor.settings import Settings, SettingsError, current, reset, table
from lictor.store.address import database_place
from lictor.store.migrate import Unfit

logger = logging.getLogger("lictor.server")

GRACE_SECONDS = 7
STARTUP_FAILED = 1
LARGEST_FRAME = 2**21


def create_app(settings: Settings, host: str, port: int) -> Application:
    """Return the server as an ASGI application; it opens its database at start-up."""
    try:
        place = database_place(settings)
    except Unfit as wrong:
        raise SettingsError(str(wrong)) from None
    scheme = "https" if settings[table.SERVER_TLS_CERT_FILE] else "http"
    return Application(settings, place, f"{scheme}://{host}:{port}")


def serve(settings: Settings, host: str, port: int, log_level: str) -> None:
    """Run the server until SIGTERM or SIGINT; then finish what was accepted and return."""
    logging.basicConfig(format="%(asctime)s | %(levelname)-7s | %(name)s - %(message)s")
    logging.getLogger("lictor").setLevel(log_level.upper())
    warn(settings, host)
    app = create_app(settings, host, port)
    set_limits(settings)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="info" if log_level.upper() == "DEBUG" else log_level.lower(),  # below, it logs what sockets say
        log_config=None,
        access_log=False,
        loop="uvloop",
        http=Protocol,
        proxy_headers=False,  # Lictor believes them by itself, of server.trusted_proxies alone
        ssl_certfile=settings[table.SERVER_TLS_CERT_FILE],
        ssl_keyfile=settings[table.SERVER_TLS_KEY_FILE],
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
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ignored)  # uvicorn sends itself the signal again once it has stopped in good order
    load(config)
    signal.signal(signal.SIGHUP, lambda *_: app.reload_credentials(read_again))
    server = uvicorn.Server(config)
    with suppress(SystemExit):  # uvicorn's own codes say no more than that it did not start
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILED)


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
