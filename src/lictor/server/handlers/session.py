"""Signs browsers in and out."""

from __future__ import annotations

from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json
from lictor.wire.operations import session as operations
from lictor.wire.operations.session import SignedIn


@answers(operations.OPEN)
async def open_session(request: Request, body: None) -> Reply:
    """Exchange the credentials that the request carries for a cookie."""
    server, scope = request.server, request.scope
    if not server.credentials:
        return NOTHING
    secure, prefix = scope["scheme"] == "https", scope.get("prefix", "")
    cookie = await server.sessions.open(request.principal, server.credentials, secure=secure, prefix=prefix)
    return Reply(b"", 204, ((b"set-cookie", cookie),))


@answers(operations.READ)
async def read_session(request: Request, body: None) -> Reply:
    """Answer who is signed in."""
    server = request.server
    return json(SignedIn(name=request.by, csrf=bool(server.credentials) or server.csrf.enabled))


@answers(operations.CLOSE)
async def close_session(request: Request, body: None) -> Reply:
    """End the session of the request's cookie."""
    scope = request.scope
    secure, prefix = scope["scheme"] == "https", scope.get("prefix", "")
    cookie = await request.server.sessions.close(request.headers, secure=secure, prefix=prefix)
    return Reply(b"", 204, ((b"set-cookie", cookie),))
