"""How long a client would have its request held: `Prefer: wait=SECONDS` (RFC 7240, with parts of seconds)."""

from __future__ import annotations

import re

from lictor.server.dispatch import Request
from lictor.settings import table

PREFERRED = re.compile(rb"(?:^|[,\s])wait\s*=\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)(?![0-9.])", re.IGNORECASE)


def preferred_seconds(request: Request, otherwise: float) -> float:
    """Return for how many seconds a request is held: as it prefers, and at the most as the settings say."""
    most: float = request.server.settings[table.SERVER_CONCURRENCY_HOLD_SECONDS]
    found = PREFERRED.search(request.headers.get(b"prefer", b""))
    return min(otherwise if found is None else float(found[1]), most)
