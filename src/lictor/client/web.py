"""Requests to other services, as blocks send them; where that is asked for, to public addresses alone.

A name is then looked up once, and the connection made to the address that was found to be public: a second look-up,
which may answer otherwise, never happens.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

    Response: TypeAlias = httpx.Response

NAT64 = IPv6Network("64:ff9b::/96")
SECONDS = 30.0


class Outgoing(NamedTuple):
    """A request; `options` are those of httpx: json, data, content, params, headers, cookies."""

    method: str
    url: str
    options: dict[str, Any]
    seconds: float = SECONDS
    public_only: bool = False
    verify: bool = True


class Target(NamedTuple):
    """Where a request goes: an address in place of a name, and what else then has to be said."""

    url: str
    headers: dict[str, str]
    extensions: dict[str, Any]


def send(request: Outgoing) -> httpx.Response:
    """Send a request and return the answer, whatever its status; redirections are not followed.

    Raises:
        ValueError: The address is none, or not a public one.
        httpx.HTTPError: There was no answer.
    """
    import httpx  # noqa: PLC0415  # only who sends pays for loading it

    targets = targets_of(request)
    with httpx.Client(**settings_of(request)) as client:
        for target in targets[:-1]:
            try:
                return client.request(**arguments(request, target))
            except httpx.ConnectError:
                continue
        return client.request(**arguments(request, targets[-1]))


async def asend(request: Outgoing) -> httpx.Response:
    """Send a request and return the answer; as `send`."""
    import httpx  # noqa: PLC0415

    targets = await asyncio.to_thread(targets_of, request)
    async with httpx.AsyncClient(**settings_of(request)) as client:
        for target in targets[:-1]:
            try:
                return await client.request(**arguments(request, target))
            except httpx.ConnectError:
                continue
        return await client.request(**arguments(request, targets[-1]))


def settings_of(request: Outgoing) -> dict[str, Any]:
    """Return how a client is made. A proxy would look names up itself: there is none where addresses are checked."""
    return {
        "verify": request.verify,
        "timeout": request.seconds,
        "cookies": request.options.get("cookies"),
        "mounts": dict.fromkeys(("all://", "http://", "https://")) if request.public_only else None,
    }


def arguments(request: Outgoing, target: Target) -> dict[str, Any]:
    """Return what is sent to a target."""
    options = {name: value for name, value in request.options.items() if name not in ("cookies", "headers")}
    return {
        "method": request.method,
        "url": target.url,
        "headers": {**(request.options.get("headers") or {}), **target.headers},
        "extensions": target.extensions,
        **options,
    }


def targets_of(request: Outgoing) -> list[Target]:
    """Return where a request may go; raise ValueError if its address is none, or not a public one."""
    try:
        parts = urlsplit(request.url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("the URL is none that can be called: it begins with http:// or https:// and names a host")
    if not request.public_only:
        return [Target(request.url, {}, {})]
    name = parts.netloc.rpartition("@")[2]
    targets = []
    for address in addresses_of(host, port or (443 if parts.scheme == "https" else 80)):
        shown = f"[{address}]" if ":" in address else address
        place = parts._replace(netloc=parts.netloc.removesuffix(name) + (f"{shown}:{port}" if port else shown))
        targets.append(Target(place.geturl(), {"Host": name}, {"sni_hostname": host}))
    return targets


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raise ValueError unless all of them are public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ValueError("the URL's host is not known: its name cannot be looked up") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for address in addresses:
        if not is_public(address):
            raise ValueError(
                f"the URL's host has the address {address}, which is private: only public ones are allowed"
            )
    return addresses


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet, and so is any that it stands for."""
    return all(each.is_global and not each.is_multicast for each in meant(ip_address(address.partition("%")[0])))


def meant(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Yield an address, and those of version 4 that are in it."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
