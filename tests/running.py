"""Starts real servers for tests, on free ports and in folders of their own, and ends them by their process."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

READY_SECONDS = 180.0

PORTS = range(10_000, 32_000)
"""Where no system takes the ports of its outgoing connections from: one of those could be gone when it is needed."""

DRAW = random.SystemRandom()
"""Hypothesis sets the seed of all others to the same."""


def free_port() -> int:
    """Return a port that nobody listens on; drawn, as other processes look for one at the same time."""
    while True:
        port = DRAW.choice(PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return port


def clean_environment() -> dict[str, str]:
    """Return this process's environment without any setting."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}


class Server:
    """A Lictor server in a process of its own."""

    client_settings: Mapping[str, str] = {}
    """What its clients need besides the address."""

    command: tuple[str, ...] = (sys.executable, "-m", "lictor.cli.main", "server", "start")

    def __init__(self, home: Path | None = None, **settings: str) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="lictor-test-"))
        self.port = free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.log = self.home / "server.log"

    @property
    def origin(self) -> str:
        """The address without the API's path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The API's address."""
        return f"{self.origin}/api"

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self.process is not None
        return self.process.pid

    def environment(self) -> Mapping[str, str]:
        """Return the server's environment."""
        return {**clean_environment(), "PREFECT_HOME": str(self.home), **self.settings}

    def start(self) -> Self:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "--port", str(self.port)], env=self.environment(), stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.02)
        return self

    def healthy(self) -> bool:
        """Tell whether the server answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def end(self, how: int = signal.SIGTERM, seconds: float = 60.0) -> int:
        """End the process with a signal and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(seconds)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.end()
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)
