"""The process's client and outbox for the API that the settings name."""

from __future__ import annotations

import atexit
import os
import threading
from functools import cached_property
from uuid import UUID

from lictor.client.client import Client
from lictor.client.exchange import DEFAULT_URL
from lictor.client.outbox import Outbox
from lictor.settings import Settings, current, table


class Connection:
    """What a process shares to talk to one API."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.address = (settings[table.API_URL] or DEFAULT_URL).rstrip("/")
        self.outbox = Outbox(settings, self.address)
        self.flow_ids: dict[str, UUID] = {}

    @cached_property
    def client(self) -> Client:
        """The client that the engines' calls travel with."""
        return Client(self.settings, self.address)


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
    _opening = threading.Lock()
    _connections.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_all)
