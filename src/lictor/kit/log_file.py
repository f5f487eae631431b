"""The log of servers that run in the background: a file in $PREFECT_HOME that begins anew when it is full."""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from typing import TextIO

NAME = "server.log"
MOST_BYTES = 10_000_000
FORMAT = "%(asctime)s | %(levelname)-7s | %(name)s - %(message)s"
HEAD = re.compile(r"^([-\d]+ [:,\d]+ \| [A-Z]+ +\| \S+ - |Error: )")
STDOUT, STDERR = 1, 2


def place(home: str) -> str:
    """Return the file of a home folder."""
    return os.path.join(home, NAME)


def opened(path: str) -> int:
    """Open a log to write at its end; a full one is kept beside it, in place of the one before, and begun anew.

    Only its owner may read it.
    """
    with suppress(FileNotFoundError):
        if os.stat(path).st_size >= MOST_BYTES:
            os.replace(path, f"{path}.1")
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with suppress(OSError, AttributeError):  # a system without modes
        os.fchmod(descriptor, 0o600)
    return descriptor


def handler(home: str) -> logging.Handler:
    """Return what logs to standard error, of a bounded size where that is the home folder's log."""
    with suppress(OSError):
        if os.path.samestat(os.fstat(STDERR), os.stat(place(home))):
            return LogFile(place(home))
    return logging.StreamHandler()


class LogFile(logging.StreamHandler[TextIO]):
    """Logs to standard error, which is a file, and turns to a new one when that is full or was moved away.

    Several processes may log to one file; each finds out by itself.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        with suppress(OSError):  # better a long log than none
            self.turn()
        super().emit(record)

    def turn(self) -> None:
        """Let what this process says go to a new file if the one it has is full, or not at its place any more."""
        held = os.fstat(STDERR)
        with suppress(FileNotFoundError):
            if os.path.samestat(held, os.stat(self.path)) and held.st_size < MOST_BYTES:
                return
        descriptor = opened(self.path)
        for each in (STDOUT, STDERR):
            if os.path.samestat(os.fstat(each), held):
                os.dup2(descriptor, each)
        os.close(descriptor)


def message_of(line: str) -> str:
    """Return a line of the log without what stands before its message."""
    return HEAD.sub("", line.strip(), count=1)
