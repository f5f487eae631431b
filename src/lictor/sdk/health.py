"""The health of programs that run what falls due: `GET /health` answers 200, or 503 where something is wrong."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lictor.settings import Settings
from lictor.settings.setting import Setting

logger = logging.getLogger("lictor.health")

Answer = Callable[[], tuple[int, Any]]
"""What answers a path: a status, and what is sent as JSON."""
MOST = 20
"""How many clients are answered at once, each by a thread: where more come, who came first has to go."""


class Answering(ThreadingHTTPServer):
    """Answers whoever comes: strangers that are slow, or many, keep no probe from its answer, and no log is theirs."""

    daemon_threads = True

    def __init__(self, *given: Any) -> None:
        self.here: list[socket.socket] = []
        self.guard = threading.Lock()
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a client on; where that is one too many, end the one that has been here for longest."""
        with self.guard:
            self.here.append(request)
            first = self.here.pop(0) if len(self.here) > MOST else None
        if first is not None:
            with suppress(OSError):  # it is gone
                first.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Part from a client."""
        with self.guard, suppress(ValueError):  # it had to go
            self.here.remove(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Make no fuss about a client that went away."""
        logger.debug("%s could not be answered", client_address, exc_info=True)


@contextmanager
def served(settings: Settings, host: Setting[str], port: Setting[int], answers: dict[str, Answer]) -> Iterator[str]:
    """Answer some paths at an address that two settings say, while the block lasts; yield it. Port 0 is a free one.

    Nothing is secret in what they answer, so nobody is asked who they are.

    Raises ValueError if the address cannot be used.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "lictor", ""  # nobody needs to know which Python it is

        def do_GET(self) -> None:
            """Answer one of the paths."""
            answer = answers.get(self.path.partition("?")[0].rstrip("/"))
            status, said = answer() if answer else (404, {"detail": f"There are: {', '.join(answers)}."})
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 - so it is called

        def log_message(self, *_: object) -> None:
            """Say nothing: probes come often."""

    try:
        server = Answering((settings[host], settings[port]), Handler)
    except OSError as error:
        place = f"{settings[host]}:{settings[port]}"
        raise ValueError(
            f"Nothing can be answered at {place}: {error.strerror}. Set {port.name} to a free port."
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="lictor-health", daemon=True)
    thread.start()
    try:
        yield f"http://{settings[host]}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def health(healthy: Callable[[], bool], name: str) -> Answer:
    """Return what answers `/health` of a program."""

    def answer() -> tuple[int, Any]:
        """Say whether it is well."""
        if healthy():
            return 200, {"message": "OK"}
        return 503, {"message": f"{name} has not heard from the server for too long"}

    return answer
