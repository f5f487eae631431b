"""Bounds of lists that depend on the server's settings."""

from __future__ import annotations

from lictor.server.dispatch import Request
from lictor.server.reply import Refusal, detail
from lictor.settings import table
from lictor.store.dialect import whole
from lictor.store.history import Intervals, intervals
from lictor.wire.types.history import HistoryBounds

SECOND = 1_000_000


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


def intervals_of(body: HistoryBounds) -> Intervals:
    """Return the intervals that a request names; each has at least a second."""
    length = whole(body.history_interval_seconds * 1_000_000)
    if length < SECOND:
        raise Refusal(detail("History interval must not be less than 1 second.", 422))
    spans = intervals(body.history_start, body.history_end, length)
    try:
        spans.time(spans.number)
    except OverflowError:
        raise Refusal(detail("history_interval_seconds: the last interval ends after the year 9999.", 422)) from None
    return spans
