"""Servers in this process: their addresses, and what hands them requests without a socket."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import httpx


class Asked(NamedTuple):
    """A request as a server in this process gets it; `target` is the path with its query."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    content: bytes


class Answered(NamedTuple):
    """Its answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes


Ask = Callable[[Asked], "Future[Answered]"]

_served: dict[str, Ask] = {}


def serve(address: str, ask: Ask) -> None:
    """Let requests to an API's address be answered here; `ask` may be called in any thread."""
    _served[address] = ask


def withdraw(address: str) -> None:
    """Answer no more requests to an address."""
    _served.pop(address, None)


def asking(address: str | None) -> Ask | None:
    """Return what answers requests to an address that is served here, None for others."""
    return None if address is None else _served.get(address)


def transport_to(address: str) -> Transport | None:
    """Return what carries requests to an address that is served here, None for others."""
    return Transport(address) if address in _served else None


class Transport:
    """Carries requests of httpx, from threads and from event loops."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, request: httpx.Request, content: bytes) -> Future[Answered]:
        """Hand over a request, unless nobody serves the address any more."""
        import httpx  # noqa: PLC0415  # as in client.py

        ask = _served.get(self.address)
        if ask is None:
            raise httpx.ConnectError(f"the server of {self.address} has ended", request=request)
        return ask(Asked(request.method, request.url.raw_path, request.headers.raw, content))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request in the calling thread."""
        import httpx  # noqa: PLC0415  # as in client.py

        patience = request.extensions.get("timeout", {}).get("read")
        try:
            answer = self.ask(request, request.read()).result(patience)
        except TimeoutError:
            raise httpx.ReadTimeout(f"no answer after {patience} s", request=request) from None
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request on the event loop."""
        import asyncio  # noqa: PLC0415  # threads do without

        import httpx  # noqa: PLC0415  # as in client.py

        patience = request.extensions.get("timeout", {}).get("read")
        try:
            asked = asyncio.wrap_future(self.ask(request, await request.aread()))
            answer = await asyncio.wait_for(asked, patience)
        except TimeoutError:
            raise httpx.ReadTimeout(f"no answer after {patience} s", request=request) from None
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)

    def close(self) -> None:
        """Do nothing: there is no connection."""

    async def aclose(self) -> None:
        """Do nothing: there is no connection."""

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing, as `close`."""

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Do nothing, as `aclose`."""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_served.clear)  # the servers' threads are the parent's
