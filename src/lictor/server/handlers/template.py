"""Answers about templates."""

from __future__ import annotations

from lictor.kit.template import InvalidTemplate, check
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json
from lictor.wire.operations import template as operations


@answers(operations.VALIDATE)
@answers(operations.VALIDATE_OF_AUTOMATION)
async def validate(request: Request, body: str | None) -> Reply:
    """Say whether a template could be rendered, and what is wrong with it and where."""
    try:
        check(body or "")
    except InvalidTemplate as wrong:
        return json({"error": {"line": wrong.line, "message": str(wrong), "source": body}}, 422)
    return NOTHING
