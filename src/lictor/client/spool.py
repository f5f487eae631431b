"""What could not be sent before a process ended: files that the next process sends."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lictor.kit.ids import uuid7_bytes

try:
    import fcntl
except ImportError:  # a system without file locks: a line may be sent twice there
    fcntl = None  # type: ignore[assignment]

EVENT, LOG = b"event ", b"log "


class Spool:
    """The files of one API in a folder; each line is a kind and the JSON of an event or a log line."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.prefix = folder, f"{zlib.crc32(address.encode()):08x}-"

    def write(self, events: list[bytes], logs: list[bytes]) -> Path:
        """Keep events and log lines in a new file that nobody else may read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{self.prefix}{uuid7_bytes().hex()}.jsonl"
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(EVENT + one + b"\n" for one in events)
            file.writelines(LOG + one + b"\n" for one in logs)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        return path

    def files(self) -> list[Path]:
        """Return the files that wait, oldest first."""
        return sorted(self.folder.glob(self.prefix + "*.jsonl"))

    @contextmanager
    def claim(self, path: Path) -> Iterator[tuple[list[bytes], list[bytes]] | None]:
        """Lend a file's events and log lines, and delete it if nothing is raised; None if another process has it."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            yield None
            return
        with file:
            if fcntl is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    yield None
                    return
                if not path.exists():  # sent and deleted since it was opened
                    yield None
                    return
            lines = file.read().splitlines()
            yield (
                [line[len(EVENT) :] for line in lines if line.startswith(EVENT)],
                [line[len(LOG) :] for line in lines if line.startswith(LOG)],
            )
            with suppress(FileNotFoundError):
                path.unlink()
