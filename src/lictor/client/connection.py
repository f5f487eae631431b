"""The process's client and outbox for the API that the settings name."""

from __future__ import annotations

import atexit
import os
import threading
import time
from functools import cached_property
from uuid import UUID

from lictor.client.client import Client
from lictor.client.outbox import Outbox
from lictor.client.presence import Presence
from lictor.settings import Settings, current, table

SETTLE_SECONDS, LOOK_SECONDS = 30.0, 1.0


class Connection:
    """What a process shares to talk to one API."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        given = settings[table.API_URL]
        self.address = given.rstrip("/") if given else None
        self.presence = Presence(self.address or f"The server of {settings[table.HOME]}")
        self.outbox = Outbox(settings, self.address, self.presence)
        self.flow_ids: dict[str, UUID] = {}

    @cached_property
    def client(self) -> Client:
        """The client that the engines' calls travel with: it waits for a server that is away."""
        return Client(self.settings, self.address, self.presence, self.settings[table.CLIENT_AWAY_SECONDS])

    def expect(self) -> None:
        """Wait for a server that is away though this process never reached it: the one that started it did."""
        self.client.exchanges.reached = True

    def settle(self, hasty: bool) -> None:
        """Wait until the server has the events so far; while it is away only for as long as a run waits for it.

        With `hasty` nobody waits for a server that is away.
        """
        hopes = self.presence.given_up
        now = time.monotonic()
        slow, away = now + SETTLE_SECONDS, now + self.settings[table.CLIENT_AWAY_SECONDS]
        while not self.outbox.flush(LOOK_SECONDS, logs=False):
            now, is_away = time.monotonic(), self.presence.away
            if now > (away if is_away else slow) or (is_away and (hasty or self.presence.given_up != hopes)):
                return


_connections: dict[int, Connection] = {}
_opening = threading.Lock()


def connection() -> Connection:
    """Return the connection of the current settings."""
    settings = current()
    found = _connections.get(id(settings))
    if found is None or found.settings is not settings:
        with _opening:
            found = _connections.get(id(settings))
            if found is None or found.settings is not settings:
                found = _connections[id(settings)] = Connection(settings)
    return found


def outboxes(address: str) -> list[Outbox]:
    """Return the outboxes of all connections to an address."""
    return [one.outbox for one in list(_connections.values()) if one.address == address]


def close_all(address: str | None = None) -> None:
    """Send what waits, at the end of the process, or of a server in it; then the connections to it are forgotten."""
    for key, one in list(_connections.items()):
        if address in (None, one.address):
            one.outbox.close()
            if address is not None:
                del _connections[key]


def forget_all() -> None:
    """Start afresh in a forked child: what waits is the parent's to send, and so are its connections."""
    global _opening  # noqa: PLW0603  # the parent may have held it while it forked
    for one in _connections.values():
        one.outbox.spool.leave()
    _opening = threading.Lock()
    _connections.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_all)
