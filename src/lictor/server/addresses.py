"""Where API and pages are for whoever asks; an untrusted `Host` header never makes an address of another host."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lictor.settings import table

if TYPE_CHECKING:
    from starlette.types import Scope

    from lictor.server.dispatch import Server


def public_url(server: Server, scope: Scope) -> str:
    """Return the configured address, else one on the host that the request names if that can be believed, else ours."""
    configured = server.settings[table.SERVER_UI_API_URL]
    if configured:
        return configured.rstrip("/")
    host: str | None = scope.get("trusted_host")
    if host is None:
        named = scope["given"].get(b"host", b"").decode("latin-1")
        host = named if believable(named, server.settings[table.API_URL]) else None
    if host is None:
        return server.public_url
    mount: str = scope["mount"]
    own = mount == f"{server.base}/api"
    path = f"{seen_base(scope, server.base)}/api" if own else scope.get("prefix", "") + mount
    return f"{scope['scheme']}://{host}{path}"


def seen_base(scope: Scope, base: str) -> str:
    """Return the path of the pages as the browser sees it; a trusted proxy's prefix may have the base in it already."""
    before: str = scope.get("prefix", "")
    return before if before and before.endswith(base) else before + base


def believable(host: str, api_url: str | None) -> bool:
    """Tell whether a `Host` header cannot lead astray: an address, a name of one label, or the configured name."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    if not name or any(sign in host for sign in "/?#@\\"):
        return False
    if api_url and name == urlsplit(api_url).hostname:
        return True
    try:
        ip_address(name)
    except ValueError:
        return "." not in name
    return True
