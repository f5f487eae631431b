"""Bounds of lists that depend on the server's settings."""

from __future__ import annotations

from lictor.server.dispatch import Request
from lictor.server.reply import Refusal, detail
from lictor.settings import table


def limit_of(request: Request, limit: int | None) -> int:
    """Return how many rows to answer: the default when nothing was said, never more than it."""
    most = request.server.settings[table.SERVER_API_DEFAULT_LIMIT]
    if limit is None:
        return most
    if limit < 0:
        raise Refusal(detail("Invalid limit: must be greater than or equal to 0.", 422))
    if limit > most:
        raise Refusal(detail(f"Invalid limit: must be less than or equal to {most}.", 422))
    return limit
