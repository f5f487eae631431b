"""Refuses clients whose API is older than the one spoken here."""

from __future__ import annotations

from lictor.server.reply import Reply, detail

HEADER = b"x-prefect-api-version"
API_VERSION = "0.8.4"
SPOKEN = API_VERSION.encode()
OLDEST = (0, 8, 0)
EXEMPT = frozenset({"/health", "/version"})
MALFORMED = detail("X-PREFECT-API-VERSION must be three numbers, such as 0.8.4.", 400)
TOO_OLD = detail(f"This client's API is too old for this server, which speaks {API_VERSION}: upgrade the client.", 400)


def version_refusal(version: bytes, path: str) -> Reply | None:
    """Return the refusal of a version header, None where the version will do."""
    if path in EXEMPT:
        return None
    parts = version.split(b".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return MALFORMED
    return TOO_OLD if tuple(int(part) for part in parts) < OLDEST else None
