"""Answers about automations: so far there are none."""

from __future__ import annotations

from lictor.server.dispatch import Request, answers
from lictor.server.reply import Reply, json
from lictor.wire.operations import automation as operations


@answers(operations.RELATED_TO)
async def related_to(request: Request, body: None) -> Reply:
    """Answer which automations have to do with a resource; clients ask when they show a deployment."""
    return json([])
