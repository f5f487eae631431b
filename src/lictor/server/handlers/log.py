"""Takes and answers log lines."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, json, texts
from lictor.store import log
from lictor.wire.operations import log as operations
from lictor.wire.operations.log import ReadLogs
from lictor.wire.types.log import LogCreate


@answers(operations.CREATE)
async def create(request: Request, body: list[LogCreate]) -> Reply:
    """Store log lines."""
    if body:
        add = log.add_few if len(body) <= log.FEW else log.add
        await request.store.write(add, body, now(), request.by)
        request.server.hub.announce("log")
    return json(None, 201)


@answers(operations.FILTER)
async def find(request: Request, body: ReadLogs) -> Reply:
    """Answer the log lines that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(log.texts, body))
