"""The API's address as whoever asks reaches it; an untrusted `Host` header never makes an address of another host."""

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
    return f"{scope['scheme']}://{host}{scope.get('prefix', '')}{scope['mount']}"


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
