"""The server as a program: one process, one event loop, one database."""

from __future__ import annotations

import logging
import signal
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from lictor.server.serve import Application
from lictor.settings import Settings, SettingsError, table
from lictor.store.address import database_path
from lictor.store.migrate import Unfit

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE_SECONDS = 7
STARTUP_FAILED = 1


def create_app(settings: Settings, host: str, port: int) -> ASGIApp:
    """Return the server as an ASGI application; it opens its database at start-up."""
    try:
        path = database_path(settings)
    except Unfit as wrong:
        raise SettingsError(str(wrong)) from None
    return Application(settings, path, f"http://{host}:{port}")


def serve(settings: Settings, host: str, port: int, log_level: str) -> None:
    """Run the server until SIGTERM or SIGINT; then finish what was accepted and return."""
    logging.basicConfig(format="%(asctime)s | %(levelname)-7s | %(name)s - %(message)s")
    logging.getLogger("lictor").setLevel(log_level.upper())
    config = uvicorn.Config(
        create_app(settings, host, port),
        host=host,
        port=port,
        log_level=log_level.lower(),
        log_config=None,
        access_log=False,
        loop="uvloop",
        http="httptools",
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
    server = uvicorn.Server(config)
    with suppress(SystemExit):  # uvicorn's own codes say no more than that it did not start
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILED)


def ignored(number: int, frame: FrameType | None) -> None:
    """Do nothing about a signal that was answered already."""
