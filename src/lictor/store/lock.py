"""A lock that lives as long as its process: two servers never own one database file."""

from __future__ import annotations

import os
from contextlib import suppress

from lictor.kit.locks import seize
from lictor.store.transaction import Unavailable


class Lock:
    """The lock file beside a database, held from creation until `release`."""

    def __init__(self, database: str) -> None:
        path = f"{database}.lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable(f"{path}: {error.strerror}; the server must be able to write there.") from error
        try:
            seize(self._descriptor)
        except OSError as error:
            owner = os.read(self._descriptor, 20).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            raise Unavailable(
                f"{database} is in use by another server (process {owner}, lock file {path}). "
                "Stop that server, or give this one another database."
            ) from error
        with suppress(OSError):  # the pid only informs; a full disk must not keep the server from its database
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let go; the file stays, for removing it would let two others lock two different files."""
        os.close(self._descriptor)
