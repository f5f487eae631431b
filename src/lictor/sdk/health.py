"""The health of programs that run what falls due: `GET /health` answers 200, or 503 where something is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lictor.settings import Settings
from lictor.settings.setting import Setting

Answer = Callable[[], tuple[int, Any]]
"""What answers a path: a status, and what is sent as JSON."""


@contextmanager
def served(settings: Settings, host: Setting[str], port: Setting[int], answers: dict[str, Answer]) -> Iterator[str]:
    """Answer some paths at an address that two settings say, while the block lasts; yield it. Port 0 is a free one.

    Nothing is secret in what they answer, so nobody is asked who they are.

    Raises ValueError if the address cannot be used.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

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
        server = ThreadingHTTPServer((settings[host], settings[port]), Handler)
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
