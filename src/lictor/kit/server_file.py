"""The file in $PREFECT_HOME that names the server of this folder: the server holds its lock as long as it lives.

What a killed server left in the file counts for nothing, for nobody holds the lock any more. Only the owner may read
it, for it has what clients need to be let in.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from lictor.kit.json import encode
from lictor.kit.locks import seize

NAME, STARTING, SERVICES = "server.json", "server.starting", "services.json"
MOST_BYTES = 4096
STEP_SECONDS = 0.01
READERS_SECONDS = 1.0
"""How long a server waits for those that only look whether the file is held."""
AGAIN_SECONDS = 0.5


class Running(msgspec.Struct, frozen=True):
    """The server of a folder; one that is starting has no `url` yet, `auth` is the auth string of a temporary one."""

    pid: int = 0
    url: str = ""
    temporary: bool = False
    auth: str = ""


class ServerFile:
    """A server's hold on the file, from creation until `release` or the end of the process."""

    def __init__(self, home: str, running: Running, name: str = NAME) -> None:
        """Raise BlockingIOError if another server of the folder has it; services alone have a file of their own."""
        self.descriptor = opened(home, name)
        if not seized(self.descriptor, time.monotonic() + READERS_SECONDS):
            os.close(self.descriptor)
            raise BlockingIOError
        self.write(running)

    def write(self, running: Running) -> None:
        """Say what runs."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, encode(running), 0)

    def release(self) -> None:
        """Say that nothing runs; the file stays, for removing it would let two servers lock two different files."""
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)


def running(home: str, name: str = NAME) -> Running | None:
    """Return the server of a folder, None if none runs."""
    try:
        descriptor = os.open(os.path.join(home, name), os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        with suppress(OSError):
            seize(descriptor, shared=True)
            return None
        return msgspec.json.decode(os.read(descriptor, MOST_BYTES), type=Running)
    except msgspec.MsgspecError:  # it is being written
        return Running()
    finally:
        os.close(descriptor)


@contextmanager
def starting(home: str, end: float) -> Iterator[bool]:
    """Be the only one who starts a server in a folder; give False if others are at it until `end` of the clock."""
    descriptor = opened(home, STARTING)
    try:
        yield seized(descriptor, end)
    finally:
        os.close(descriptor)


def stop(home: str, server: Running, seconds: float, name: str = NAME) -> bool:
    """Tell a server to finish what it accepted and end; say whether it has ended in time."""
    end, again = time.monotonic() + seconds, 0.0
    while running(home, name) == server:
        if time.monotonic() > end:
            return False
        if time.monotonic() >= again:  # one that is just starting may have missed it
            again = time.monotonic() + AGAIN_SECONDS
            with suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGTERM)
        time.sleep(STEP_SECONDS)
    return True


def opened(home: str, name: str) -> int:
    """Open a file of the folder that only its owner may read, made if it is not there."""
    os.makedirs(home, mode=0o700, exist_ok=True)
    descriptor = os.open(os.path.join(home, name), os.O_RDWR | os.O_CREAT, 0o600)
    with suppress(OSError, AttributeError):  # a system without modes
        os.fchmod(descriptor, 0o600)
    return descriptor


def seized(descriptor: int, end: float) -> bool:
    """Lock a file before `end` of the clock, and say whether that was possible."""
    while True:
        with suppress(OSError):
            seize(descriptor)
            return True
        if time.monotonic() > end:
            return False
        time.sleep(STEP_SECONDS)
