"""The socket over which a server sends what it has for a client: each frame is acknowledged before the next."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from lictor.client import home_server
from lictor.client.errors import ClientError, ServerUnreachable
from lictor.kit.backoff import delays
from lictor.settings import Settings, table
from lictor.wire.channels import SUBPROTOCOL

LONGEST_PAUSE = 5.0
LOOK_SECONDS = 0.25


class Subscription:
    """A subscription at a path of the API; it is taken up again when the connection is lost, until `ended` is set."""

    def __init__(self, settings: Settings, path: str, subscription: Mapping[str, Any], ended: threading.Event) -> None:
        self.settings, self.path, self.subscription, self.ended = settings, path, subscription, ended

    def address(self) -> str:
        """Return the API's address as it is now."""
        given = self.settings[table.API_URL]
        return given.rstrip("/") if given else home_server.find(self.settings).url

    def take(self, handle: Callable[[str], None], connected: Callable[[], None]) -> None:
        """Give each frame to `handle`, and acknowledge it once that returns; return when `ended` is set.

        Raises ClientError if the server refuses, and says why.
        """
        pauses = delays(0.1, LONGEST_PAUSE, 0.5, random.random)
        while not self.ended.is_set():
            try:
                self.once(handle, connected)
                pauses = delays(0.1, LONGEST_PAUSE, 0.5, random.random)
            except (OSError, ServerUnreachable):
                self.ended.wait(next(pauses))

    def once(self, handle: Callable[[str], None], connected: Callable[[], None]) -> None:
        """Take frames over one connection, as long as it lasts."""
        from websockets.exceptions import ConnectionClosed, InvalidHandshake  # noqa: PLC0415  # clients do without
        from websockets.sync.client import connect  # noqa: PLC0415  # see above
        from websockets.typing import Subprotocol  # noqa: PLC0415  # see above

        url = "ws" + self.address().removeprefix("http") + self.path
        tls = {"ssl": self.tls()} if url.startswith("wss:") else {}
        try:
            with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], max_size=None, **tls) as socket:
                token = self.settings[table.API_AUTH_STRING] or self.settings[table.API_KEY]
                socket.send(json.dumps({"type": "auth", "token": None if token is None else token.get_secret_value()}))
                socket.recv()
                socket.send(json.dumps(self.subscription))
                connected()
                while not self.ended.is_set():
                    try:
                        frame = socket.recv(timeout=LOOK_SECONDS)
                    except TimeoutError:
                        continue
                    handle(str(frame))
                    socket.send('{"type":"ack"}')
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code in (1008, 4001):
                raise ClientError(f"the server refused {self.path}: {closed.rcvd.reason}") from None
            raise OSError(str(closed)) from None
        except InvalidHandshake as refused:
            raise OSError(str(refused)) from None

    def tls(self) -> Any:
        """Return how the server's certificate is checked."""
        import ssl  # noqa: PLC0415  # http:// does without

        context = ssl.create_default_context(cafile=self.settings[table.API_SSL_CERT_FILE])
        if self.settings[table.API_TLS_INSECURE_SKIP_VERIFY]:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
