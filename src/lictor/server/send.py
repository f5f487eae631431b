"""Sends a small answer that a guard gives by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Send

    from lictor.server.reply import Reply


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer as it is."""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.content))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.content})
