"""Finds the server of $PREFECT_HOME for clients that have no API's address, and starts a temporary one if none runs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lictor.client.errors import NoServer
from lictor.client.processes import start_process
from lictor.kit import log_file, server_file
from lictor.kit.server_file import Running, running
from lictor.settings import Settings, table

if TYPE_CHECKING:
    from subprocess import Popen

COMMAND = (sys.executable, "-m", "lictor.cli.main", "server", "start")
LEAVING_SECONDS = 15.0
"""How long a server that takes no connection any more is waited for to end."""
SAID_LINES = 3

_started: list[Popen[Any]] = []


def find(settings: Settings, gone: Running | None = None) -> Running:
    """Return the server of the settings' home folder, or start one; raise NoServer if there is none and will be none.

    `gone` is the server that was found before and does not answer.
    """
    home = settings[table.HOME]
    end = time.monotonic() + settings[table.SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS]
    found = ready(home, end, gone)
    if found is not None:
        return found
    if not settings[table.SERVER_EPHEMERAL_ENABLED]:
        raise NoServer(
            f"no server runs for {home} and PREFECT_API_URL is not set. Set PREFECT_API_URL to the API of a server, "
            "or start one with `lictor server start`, or let clients start temporary ones with "
            "PREFECT_SERVER_EPHEMERAL_ENABLED=true"
        )
    try:
        with server_file.starting(home, end) as alone:
            found = ready(home, end, None) if alone else None
            if found is not None:
                return found
            if not alone:
                raise late(settings)
            return start(settings, home, end)
    except OSError as error:
        raise NoServer(f"no temporary server can be started: {error.filename or home}: {error.strerror}") from None


def ready(home: str, end: float, gone: Running | None) -> Running | None:
    """Return the server of a folder once it is ready, None if none runs."""
    leaving = min(end, time.monotonic() + LEAVING_SECONDS)
    while (found := running(home)) is not None:
        over = time.monotonic() > (leaving if found == gone else end)
        if found.url and (found != gone or over):
            return found
        if over:
            raise NoServer(f"the server of {home} (process {found.pid}) does not get ready; see {log_file.place(home)}")
        time.sleep(server_file.STEP_SECONDS)
    return None


def start(settings: Settings, home: str, end: float) -> Running:
    """Start a temporary server, and return it once it is ready."""
    said = launch(settings, (*COMMAND, "--temporary"))
    while said.process.poll() is None:
        found = running(home)
        if found is not None and found.url:
            return found
        if time.monotonic() > end:
            said.process.terminate()
            raise late(settings)
        time.sleep(server_file.STEP_SECONDS)
    raise NoServer(f"the temporary server did not start: {said.lines()}")


class Launched:
    """A server's process that was started from here, and what it says in its log."""

    def __init__(self, process: Popen[Any], log: str, offset: int) -> None:
        self.process, self.log, self.offset = process, log, offset

    def lines(self) -> str:
        """Return what it said last."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            file.seek(self.offset)
            said = [log_file.message_of(line) for line in file if line.strip()]
        return " ".join(said[-SAID_LINES:]) or f"it ended with {self.process.returncode} and said nothing"


def launch(settings: Settings, command: Sequence[str]) -> Launched:
    """Start a server in a process that outlives this one; what it says goes to a log in the home folder."""
    from subprocess import DEVNULL  # noqa: PLC0415  # see processes.py

    home = settings[table.HOME]
    for one in [*_started]:
        if one.poll() is not None:
            _started.remove(one)
    os.makedirs(home, mode=0o700, exist_ok=True)
    log = log_file.place(home)
    descriptor = log_file.opened(log)
    try:
        offset = os.lseek(descriptor, 0, os.SEEK_END)
        process = start_process(command, settings, {"server"}, stdin=DEVNULL, stdout=descriptor, stderr=descriptor)
    finally:
        os.close(descriptor)
    _started.append(process)  # so that nobody is told that it still runs
    return Launched(process, log, offset)


def late(settings: Settings) -> NoServer:
    """Return what to say when there is no server in time."""
    return NoServer(
        f"the temporary server did not start within {settings[table.SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS]} "
        f"seconds; see {log_file.place(settings[table.HOME])}, or let it take longer with "
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"
    )
