"""What it costs to know who asks: CPU of the gate alone, in this process."""

from __future__ import annotations

import asyncio
import base64
import time
from types import SimpleNamespace
from typing import Any, cast

from lictor.kit.hashing import hash_of
from lictor.server.dispatch import Server
from lictor.server.guards.cors import Cors
from lictor.server.guards.credentials import Credentials
from lictor.server.guards.gate import Gate
from lictor.server.guards.origins import Origins
from lictor.settings import Settings
from lictor.settings.auth_strings import auth_strings
from lictor.store.transaction import Store

SECRET = "admin:a password of usual length"
TIMES = 20_000


async def cost(auth_string: str | None) -> float:
    """Return the microseconds of CPU that the gate takes for a request of a client that it knows."""
    given = {"PREFECT_SERVER_API_AUTH_STRING": auth_string} if auth_string else {}
    settings = Settings(given)
    credentials = Credentials(auth_strings(settings))
    nowhere = cast("Store", SimpleNamespace(announce=None, listen=lambda wake: None))
    server = Server(settings, nowhere, credentials, public_url="http://here/api", base="")
    gate = Gate(server, Origins(Cors(settings), ()), ())
    header = (b"authorization", b"Basic " + base64.b64encode(SECRET.encode()))
    scope: dict[str, Any] = {"type": "http", "method": "GET", "mounted_path": "/hello", "path": "/api/hello"}
    scope |= {"headers": [header], "given": dict([header]), "client": ("127.0.0.1", 1)}
    assert await gate.refusal(scope) is None
    before = time.process_time()
    for _ in range(TIMES):
        await gate.refusal(scope)
    return (time.process_time() - before) * 1e6 / TIMES


def compared() -> dict[str, Any]:
    """Return the cost of each way to say who one is, less that of an open server."""
    none = asyncio.run(cost(None))
    ways = {"in clear": SECRET, "as a hash, once known": hash_of(SECRET)}
    return {"unit": "µs CPU"} | {name: round(asyncio.run(cost(text)) - none, 2) for name, text in ways.items()}
