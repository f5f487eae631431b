"""Clients that carry calls to the API: `client(call)` returns the call's result."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from lictor.client import home_server, in_process
from lictor.client.errors import NoServer
from lictor.client.exchange import Answer, ConnectionLost, Exchanges, Find, Pause, Send, Step
from lictor.client.presence import Presence
from lictor.kit.server_file import Running
from lictor.settings import Settings, current, table
from lictor.wire.operation import Call

R = TypeVar("R")


class Client:
    """Carries calls in the calling thread; threads may share it.

    `presence` hears whether the server answers. With `patience` every call waits so many seconds for a server that was
    reached before and is away, in place of trying a number of times.
    `httpx_settings` are arguments of httpx's client that go before those of the settings.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        address: str | None = None,
        presence: Presence | None = None,
        patience: float | None = None,
        httpx_settings: Mapping[str, Any] | None = None,
    ) -> None:
        leave_out_command_line()
        import httpx  # noqa: PLC0415  # importing it costs more than everything else of the SDK

        self.settings = settings = settings or current()
        self.exchanges = Exchanges(settings, address, presence)
        self.presence, self.patience = presence, patience
        self.lost = (httpx.RequestError, httpx.InvalidURL)
        self.refused = httpx.ConnectError
        self.given = dict(httpx_settings or {})
        self.http = httpx.Client(**options(settings, self.address) | self.given)

    @property
    def address(self) -> str | None:
        """The API's address; None if the settings name none and nothing was sent yet."""
        return self.exchanges.address

    def __call__(self, call: Call[R], retries: int | None = None, patience: float | None = None) -> R:
        """Carry a call; `retries` says how often to repeat it, `patience` how many seconds to wait for the server."""
        if retries is None and patience is None:
            patience = self.patience
        steps = self.exchanges.carry(call, retries, patience)
        move: Callable[[Any], Step] = steps.send
        given: Any = None
        try:
            while True:
                step = move(given)
                move, given = steps.send, None
                if isinstance(step, Pause):
                    self.pause(step.seconds)
                    continue
                try:
                    given = self.find(step) if isinstance(step, Find) else self.send(step)
                except (ConnectionLost, NoServer) as lost:
                    move, given = steps.throw, lost
        except StopIteration as done:
            result: R = done.value
            return result

    def find(self, step: Find) -> Running:
        """Find the server of the home folder, and be ready to check its certificate, if it has one."""
        server = home_server.find(self.settings, step.gone)
        if server.url.startswith("https:"):
            import httpx  # noqa: PLC0415  # see above

            self.http = httpx.Client(**options(self.settings, server.url) | self.given)
        return server

    def send(self, step: Send) -> Answer:
        """Send one request."""
        try:
            answer = self.http.request(step.method, step.url, content=step.content, headers=step.headers)
        except self.lost as error:
            raise ConnectionLost(error, isinstance(error, self.refused)) from None
        return Answer(answer.status_code, answer.headers, answer.content)

    def pause(self, seconds: float) -> None:
        """Let time pass; a server that is away may be found to be back by others."""
        if self.presence is not None and self.presence.away:
            self.presence.wait(seconds)
        else:
            time.sleep(seconds)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def leave_out_command_line() -> None:
    """Keep httpx from loading its own command line, which costs more than all the rest of it.

    Where that cannot be imported httpx does without; a program of ours never starts it.
    """
    if "httpx" not in sys.modules:
        sys.modules["httpx._main"] = None  # type: ignore[assignment]  # so it cannot be imported
        import httpx  # noqa: F401, PLC0415  # see Client

        del sys.modules["httpx._main"]


def options(settings: Settings, address: str | None) -> dict[str, Any]:
    """Return how connections are made: time limit, which certificates are trusted, whether the server is in here."""
    import httpx  # noqa: PLC0415  # see Client

    verify: Any = False  # Reading the certificates costs more than an import, and http:// needs none.
    if address is not None and address.startswith("https:"):
        import ssl  # noqa: PLC0415  # http:// does without

        file = settings[table.API_SSL_CERT_FILE]
        verify = not settings[table.API_TLS_INSECURE_SKIP_VERIFY] and (
            ssl.create_default_context(cafile=file) if file else True
        )
    return {
        "timeout": settings[table.API_REQUEST_TIMEOUT],
        "verify": verify,
        "transport": in_process.transport_to(address) if address is not None else None,
        "trust_env": address is not None,  # no proxy is between this process and the server of its home folder
        "limits": httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=3),
    }


class AsyncClient:
    """Carries calls on the event loop that it is first used on."""

    def __init__(
        self,
        settings: Settings | None = None,
        address: str | None = None,
        httpx_settings: Mapping[str, Any] | None = None,
    ) -> None:
        leave_out_command_line()
        import httpx  # noqa: PLC0415  # see above

        self.settings = settings = settings or current()
        self.exchanges = Exchanges(settings, address)
        self.lost = (httpx.RequestError, httpx.InvalidURL)
        self.refused = httpx.ConnectError
        self.given = dict(httpx_settings or {})
        self.http = httpx.AsyncClient(**options(settings, self.address) | self.given)

    @property
    def address(self) -> str | None:
        """The API's address; None if the settings name none and nothing was sent yet."""
        return self.exchanges.address

    async def __call__(self, call: Call[R], retries: int | None = None) -> R:
        """Carry a call; `retries` says how often to repeat it in place of the settings' number."""
        import asyncio  # noqa: PLC0415  # threads do without

        steps = self.exchanges.carry(call, retries)
        move: Callable[[Any], Step] = steps.send
        given: Any = None
        try:
            while True:
                step = move(given)
                move, given = steps.send, None
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    continue
                try:
                    given = await (self.find(step) if isinstance(step, Find) else self.send(step))
                except (ConnectionLost, NoServer) as lost:
                    move, given = steps.throw, lost
        except StopIteration as done:
            result: R = done.value
            return result

    async def find(self, step: Find) -> Running:
        """Find the server of the home folder, and be ready to check its certificate, if it has one."""
        import asyncio  # noqa: PLC0415  # threads do without

        server = await asyncio.to_thread(home_server.find, self.settings, step.gone)
        if server.url.startswith("https:"):
            import httpx  # noqa: PLC0415  # see above

            self.http = httpx.AsyncClient(**options(self.settings, server.url) | self.given)
        return server

    async def send(self, step: Send) -> Answer:
        """Send one request."""
        try:
            answer = await self.http.request(step.method, step.url, content=step.content, headers=step.headers)
        except self.lost as error:
            raise ConnectionLost(error, isinstance(error, self.refused)) from None
        return Answer(answer.status_code, answer.headers, answer.content)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
