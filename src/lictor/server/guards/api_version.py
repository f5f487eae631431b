"""Refuses clients whose API is older than the one spoken here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lictor.server.reply import detail
from lictor.server.send import send_reply

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = b"x-prefect-api-version"
API_VERSION = "0.8.4"
OLDEST = (0, 8, 0)
EXEMPT = frozenset({"/health", "/version"})
MALFORMED = detail("X-PREFECT-API-VERSION must be three numbers, such as 0.8.4.", 400)
TOO_OLD = detail(f"This client's API is too old for this server, which speaks {API_VERSION}: upgrade the client.", 400)


class ApiVersion:
    """Checks the version header of a request, where there is one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse its version."""
        if scope["type"] == "http" and scope["mounted_path"] not in EXEMPT:
            for name, value in scope["headers"]:
                if name == HEADER and value != b"0.8.4":
                    parts = value.split(b".")
                    if len(parts) != 3 or not all(part.isdigit() for part in parts):
                        await send_reply(MALFORMED, send)
                        return
                    if tuple(int(part) for part in parts) < OLDEST:
                        await send_reply(TOO_OLD, send)
                        return
        await self.app(scope, receive, send)
