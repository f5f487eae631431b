"""The web interface: its page, told what it must know when it is asked for; its files; and `ui-settings`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lictor import __version__
from lictor.server.addresses import seen_base
from lictor.server.guards.gate import Gate
from lictor.server.principal import Principal
from lictor.server.reply import Reply, deliver, detail
from lictor.server.reply import json as json_reply
from lictor.settings import table

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from lictor.server.dispatch import Server

BUNDLE = Path(__file__).parent.parent / "ui" / "bundle"
CONFIG = "<!--lictor-config-->"
MEDIA = {".js": b"text/javascript; charset=utf-8", ".css": b"text/css; charset=utf-8", ".svg": b"image/svg+xml"}
HTML = (b"content-type", b"text/html; charset=utf-8")
FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
AFRESH = (b"cache-control", b"no-cache")
NOWHERE = detail("Not Found", 404)
NOT_BUILT = (
    "<!doctype html><title>Lictor</title><p>The web interface was not built with this installation. "
    "The API works; install a release, or build the pages with `python hatch_build.py`."
)


class Pages:
    """Answers what lies outside of the API."""

    def __init__(self, server: Server, gate: Gate) -> None:
        self.server, self.gate, self.base = server, gate, server.base
        settings = server.settings
        self.enabled, self.api_url = settings[table.SERVER_UI_ENABLED], settings[table.SERVER_UI_API_URL]
        self.told_url = self.api_url or settings[table.API_URL] or server.public_url
        page = BUNDLE / "index.html"
        self.page = page.read_text(encoding="utf-8") if page.exists() else NOT_BUILT
        self.files = {f"/assets/{file.name}": file for file in sorted((BUNDLE / "assets").glob("*"))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await deliver(await self.answer(scope), scope, send)

    async def answer(self, scope: Scope) -> Reply:
        """Return the answer to a request."""
        path = scope["path"]
        inside = path == self.base or path.startswith(self.base + "/")
        if scope["method"] not in ("GET", "HEAD") or not inside:
            return NOWHERE
        rest, given = path[len(self.base) :], scope["given"]
        if rest == "/ui-settings":
            return self.settings()
        if not self.enabled:
            return NOWHERE
        if rest.startswith("/assets/"):
            return self.file(rest, given)
        if rest not in ("", "/") and b"text/html" not in given.get(b"accept", b""):
            return NOWHERE
        return await self.index(scope)

    def settings(self) -> Reply:
        """Answer what the reference's pages ask first."""
        base = self.base or "/"
        told = {
            "api_url": self.told_url,
            "csrf_enabled": self.server.csrf.enabled,
            "auth": "BASIC" if self.server.credentials else None,
            "flags": [],
            "default_ui": "v2",
            "available_uis": ["v2"],
            "v1_base_url": base,
            "v2_base_url": base,
        }
        reply = json_reply(told)
        return Reply(reply.content, 200, (*reply.headers, (b"cache-control", b"no-store")))

    def file(self, rest: str, given: dict[bytes, bytes]) -> Reply:
        """Answer one of the page's files; they are named by their content and never change."""
        path = self.files.get(rest)
        media = MEDIA.get(Path(rest).suffix)
        if path is None or media is None:
            return NOWHERE
        headers = [(b"content-type", media), FOR_EVER]
        packed = self.files.get(rest + ".gz")
        if packed is not None and b"gzip" in given.get(b"accept-encoding", b""):
            path = packed
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        return Reply(content_of(path), 200, tuple(headers))

    async def index(self, scope: Scope) -> Reply:
        """Answer the page, told where it is and what it needs to know."""
        prefix = seen_base(scope, self.base)
        needed = bool(self.server.credentials)
        found = await self.gate.identify(scope) if needed else None
        told = {
            "api_url": self.api_url or f"{prefix}/api",
            "base": prefix,
            "auth": "BASIC" if needed else None,
            "csrf": needed or self.server.csrf.enabled,
            "version": __version__,
            "signed_in": isinstance(found, Principal),
        }
        data = json.dumps(told).replace("<", "\\u003c")
        text = self.page.replace(CONFIG, f'<script type="application/json" id="lictor-config">{data}</script>')
        text = text.replace('"./assets/', f'"{prefix}/assets/')
        return Reply(text.encode(), 200, (HTML, AFRESH, (b"content-security-policy", self.policy())))

    def policy(self) -> bytes:
        """Return the content security policy of the page."""
        other = urlsplit(self.api_url or "")
        api = f" {other.scheme}://{other.netloc}" if other.netloc else ""
        return (
            f"default-src 'self'; connect-src 'self' ws: wss:{api}; img-src 'self' data:; object-src 'none'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ).encode()


@cache
def content_of(path: Path) -> bytes:
    """Return a file of the bundle, read once."""
    return path.read_bytes()
