"""Gives clients their CSRF tokens."""

from __future__ import annotations

import secrets

from lictor.kit.clock import now
from lictor.server.dispatch import Request, answers
from lictor.server.guards.csrf import digest_of
from lictor.server.reply import Refusal, Reply, detail, json
from lictor.server.sessions import token_of
from lictor.settings import table
from lictor.store import csrf_token
from lictor.wire.operations import csrf_token as operations
from lictor.wire.types.csrf_token import CsrfToken

DISABLED = detail("CSRF protection is disabled.", 422)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a fresh token; the client's last one is no longer valid. Pages with a session get one in any case."""
    if not request.server.csrf.enabled and token_of(request.headers) is None:
        raise Refusal(DISABLED)
    token, client, moment = secrets.token_hex(32), request.query.client, now()
    expires = moment + request.server.settings[table.SERVER_API_CSRF_TOKEN_EXPIRATION]
    write = request.store.write(csrf_token.issue, client, digest_of(token.encode()), moment, expires)
    row_id, created = await write
    return json(CsrfToken(id=row_id, created=created, updated=moment, token=token, client=client, expiration=expires))
