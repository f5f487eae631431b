"""The two servers, each in a process, a folder and an environment of its own."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.running import Server

from benchmarks.http import Connection

QUIET = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def reference_python() -> str:
    """Return the Python of the reference's environment."""
    python = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON", ".venv-reference/bin/python")
    if not Path(python).exists():
        raise SystemExit(f"{python} is not there: run ./scripts/test once, or set LICTOR_TEST_REFERENCE_PYTHON.")
    return str(Path(python).absolute())


class Lictor(Server):
    """Lictor's server."""

    name = "Lictor"
    python = sys.executable
    package = "lictor"

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "PYTHONPATH": "src"}


class Reference(Server):
    """The reference's server."""

    name = "reference"
    package = "prefect"

    def __init__(self) -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="reference-")), **QUIET)
        self.python = reference_python()
        self.command = (str(Path(self.python).parent / "prefect"), "server", "start")


Subject = Lictor | Reference


def connection(server: Server) -> Connection:
    """Return a light connection to a server's API."""
    return Connection("127.0.0.1", server.port)


def patiently(connection: Connection, method: str, path: str, body: Any = None) -> Any:
    """Ask until it is answered: the reference's SQLite is now and then locked."""
    while True:
        status, content = connection.ask(method, path, body)
        if status < 500:
            return content
        time.sleep(0.05)
