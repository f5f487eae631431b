"""Believes `X-Forwarded-*` headers, but only those of proxies that the settings name."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from lictor.settings import Settings, SettingsError, table

if TYPE_CHECKING:
    from starlette.types import Scope

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"
HOST, PREFIX = b"x-forwarded-host", b"x-forwarded-prefix"


class Proxies:
    """The networks of trusted proxies."""

    def __init__(self, settings: Settings) -> None:
        self.networks = [network_of(part) for part in settings[table.SERVER_TRUSTED_PROXIES].split(",") if part.strip()]

    def __bool__(self) -> bool:
        """Tell whether any proxy is trusted."""
        return bool(self.networks)

    def trusts(self, address: str) -> bool:
        """Tell whether an address is a trusted proxy's."""
        try:
            parsed = ip_address(address.strip().strip("[]"))
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)

    def reveal(self, scope: Scope) -> None:
        """Put what a trusted proxy says of a request in place of what the connection says."""
        client, given = scope.get("client"), scope["given"]
        if not client or not self.trusts(client[0]):
            return
        hops = [hop.strip() for hop in given.get(FOR, b"").decode("latin-1").split(",") if hop.strip()]
        while hops:
            hop = hops.pop()
            scope["client"] = (hop, 0)
            if not self.trusts(hop):
                break
        proto = first(given.get(PROTO, b"")).lower()
        if proto in (b"http", b"https"):
            scope["scheme"] = proto.decode() if scope["type"] == "http" else {b"http": "ws", b"https": "wss"}[proto]
        host = first(given.get(HOST, b""))
        if host:
            given[b"host"] = host
            scope["trusted_host"] = host.decode("latin-1")
        prefix = first(given.get(PREFIX, b"")).decode("latin-1").strip("/")
        if prefix:
            scope["prefix"] = "/" + prefix


def first(value: bytes) -> bytes:
    """Return the first of several values of a header."""
    return value.partition(b",")[0].strip()


def network_of(text: str) -> IPv4Network | IPv6Network:
    """Read an address or network."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise SettingsError(
            f"{table.SERVER_TRUSTED_PROXIES.name} {text.strip()!r} cannot be read: "
            "use addresses or networks such as 10.0.0.0/8, separated by commas."
        ) from None
