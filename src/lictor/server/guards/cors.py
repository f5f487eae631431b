"""Cross-origin resource sharing: what the three settings let pages of other origins do, never with credentials."""

from __future__ import annotations

from lictor.server.reply import Reply
from lictor.settings import Settings, table

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
SAFE_HEADERS = ("Accept", "Accept-Language", "Content-Language", "Content-Type")
MAX_AGE = (b"access-control-max-age", b"600")
TEXT = (b"content-type", b"text/plain; charset=utf-8")
VARY = (b"vary", b"Origin")
ALLOW_ORIGIN, ALLOW_METHODS = b"access-control-allow-origin", b"access-control-allow-methods"
ALLOW_HEADERS = b"access-control-allow-headers"
REQUESTED_METHOD, REQUESTED_HEADERS = b"access-control-request-method", b"access-control-request-headers"

HeaderLines = tuple[tuple[bytes, bytes], ...]


def listed(text: str) -> tuple[str, ...] | None:
    """Return the parts of a comma-separated setting, None if it allows all."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    return None if "*" in parts else parts


class Cors:
    """The lists of the settings; None allows all."""

    def __init__(self, settings: Settings) -> None:
        origins = listed(settings[table.SERVER_API_CORS_ALLOWED_ORIGINS])
        self.origins = None if origins is None else frozenset(origin.encode() for origin in origins)
        self.methods = listed(settings[table.SERVER_API_CORS_ALLOWED_METHODS]) or METHODS
        self.headers = listed(settings[table.SERVER_API_CORS_ALLOWED_HEADERS])

    def names(self, origin: bytes) -> bool:
        """Tell whether an explicit list holds an origin."""
        return self.origins is not None and origin in self.origins

    def answer_headers(self, origin: bytes) -> HeaderLines:
        """Return what an answer to a page of an origin says."""
        if self.origins is None:
            return ((ALLOW_ORIGIN, b"*"), VARY)
        return ((ALLOW_ORIGIN, origin), VARY) if origin in self.origins else (VARY,)

    def preflight(self, given: dict[bytes, bytes]) -> Reply:
        """Answer a browser that asks before it sends."""
        wrong = []
        if self.origins is not None and given[b"origin"] not in self.origins:
            wrong.append("origin")
        if given[REQUESTED_METHOD].decode("latin-1") not in self.methods:
            wrong.append("method")
        requested = given.get(REQUESTED_HEADERS)
        if requested is not None and not self.takes_headers(requested.decode("latin-1")):
            wrong.append("headers")
        lines = [TEXT, (ALLOW_METHODS, ", ".join(self.methods).encode()), MAX_AGE, *self.allow_headers(requested)]
        if wrong:
            return Reply(f"Disallowed CORS {', '.join(wrong)}".encode(), 400, tuple(lines))
        return Reply(b"OK", 200, tuple(lines))

    def takes_headers(self, requested: str) -> bool:
        """Tell whether all headers that a page wants to send are allowed."""
        if self.headers is None:
            return True
        allowed = {name.lower() for name in (*self.headers, *SAFE_HEADERS)}
        return all(name.strip().lower() in allowed for name in requested.split(",") if name.strip())

    def allow_headers(self, requested: bytes | None) -> HeaderLines:
        """Return which headers are allowed: those that were asked for, where all are."""
        if self.headers is None:
            return () if requested is None else ((ALLOW_HEADERS, requested),)
        return ((ALLOW_HEADERS, ", ".join(sorted({*self.headers, *SAFE_HEADERS})).encode()),)
