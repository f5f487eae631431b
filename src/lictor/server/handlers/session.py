"""Signs browsers in and out."""

from __future__ import annotations

from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json
from lictor.wire.operations import session as operations
from lictor.wire.operations.session import SignedIn


@answers(operations.OPEN)
async def open_session(request: Request, body: None) -> Reply:
    """Exchange the auth string that the request carries for a cookie; where it carries none, none is needed."""
    if request.scope.get("credential") is None:
        return NOTHING
    cookie = await request.server.sessions.open(request.principal, request.scope)
    return Reply(b"", 204, ((b"set-cookie", cookie),))


@answers(operations.READ)
async def read_session(request: Request, body: None) -> Reply:
    """Answer who is signed in."""
    server = request.server
    return json(SignedIn(name=request.by, csrf=bool(server.credentials) or server.csrf.enabled))


@answers(operations.CLOSE)
async def close_session(request: Request, body: None) -> Reply:
    """End the session of the request's cookie."""
    cookie = await request.server.sessions.close(request.scope)
    return Reply(b"", 204, ((b"set-cookie", cookie),))
