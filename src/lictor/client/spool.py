"""What waits while the server is away: files that their process sends when it is back, or else the next process.

A file is one API's. Its first line says which; then come batches, each a line `batch KIND KEY` and one line of JSON for
each item. The process that writes it holds a lock on it, so that no other takes it while that process lives.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

from lictor.client.lane import Batch, Kind
from lictor.kit.ids import uuid7_bytes

try:
    import fcntl
except ImportError:  # a system without file locks: what is sent twice is stored once all the same
    fcntl = None  # type: ignore[assignment]

API, BATCH = b"api ", b"batch "
SUFFIX = ".jsonl"


class Spool:
    """The files of one API in a folder, and the one of them that this process writes."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.prefix = f"{zlib.crc32(address.encode()):08x}-"
        self.path: Path | None = None
        self.file: int | None = None
        self.size = self.place = self.next_place = 0
        """How long this process's file is, how far it was sent, and how far it is once its first batch is."""

    def append(self, batch: Batch) -> None:
        """Write a batch to this process's file, all of it or nothing; raise OSError if that cannot be done."""
        if self.file is None:
            self.open()
        assert self.file is not None
        lines = b"".join(item + b"\n" for item in batch.items)
        text = b"%s%s %s\n%s" % (BATCH, batch.kind.encode(), str(batch.key).encode(), lines)
        try:
            write(self.file, text, self.size)
        except OSError:
            os.ftruncate(self.file, self.size)
            raise
        self.size += len(text)

    def open(self) -> None:
        """Begin a file that nobody else may read, nor send before it is let go of."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{self.prefix}{uuid7_bytes().hex()}{SUFFIX}"
        part = path.with_suffix(".part")
        file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        head = API + self.address.encode() + b"\n"
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            write(file, head, 0)
            part.rename(path)
        except OSError:
            os.close(file)
            part.unlink()
            raise
        self.path, self.file, self.size, self.place = path, file, len(head), len(head)

    def first(self) -> Batch | None:
        """Return the first batch of this process's file that was not sent; None if there is none."""
        if self.path is None:
            return None
        with self.path.open("rb") as file:
            file.seek(self.place)
            batch = read_batch(file)
            self.next_place = file.tell()
        return batch

    def sent(self) -> None:
        """Note that the first batch was sent."""
        self.place = self.next_place

    def finish(self) -> None:
        """Delete this process's file: all of it was sent."""
        path = self.leave()
        if path is not None:
            path.unlink(missing_ok=True)

    def leave(self) -> Path | None:
        """Let go of this process's file, for the next process to send; return it."""
        path, file = self.path, self.file
        self.path = self.file = None
        if file is not None:
            with suppress(OSError):
                os.fsync(file)
            os.close(file)
        return path

    def files(self) -> list[Path]:
        """Return the files of this API, oldest first."""
        return sorted(self.folder.glob(f"{self.prefix}*{SUFFIX}"))

    @contextmanager
    def claim(self, path: Path) -> Iterator[Iterator[Batch] | None]:
        """Lend the batches of a file that its process left, and delete it if nothing is raised; None for another's."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            yield None
            return
        with file:
            if not locked(file) or not path.exists():  # or sent and deleted since it was opened
                yield None
                return
            yield read_batches(file)
            path.unlink(missing_ok=True)


class Waiting(NamedTuple):
    """What a file holds: whose it is, whether its process lives, and how much of each kind."""

    path: Path
    address: str
    alive: bool
    counts: dict[Kind, int]


def waiting(folder: Path) -> Iterator[Waiting]:
    """Tell of every file in a folder, whichever API's it is."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with suppress(OSError), path.open("rb") as file:
            counts = dict.fromkeys(Kind, 0)
            address = file.readline().removeprefix(API).decode(errors="replace").strip()
            for batch in read_batches(file):
                counts[batch.kind] += len(batch.items)
            yield Waiting(path, address, not locked(file), counts)


def write(file: int, text: bytes, place: int) -> None:
    """Write a text at a place of a file."""
    os.lseek(file, place, os.SEEK_SET)
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(file, rest) :]


def locked(file: BinaryIO) -> bool:
    """Lock a file, unless another process has it; tell whether that could be done."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def read_batches(file: BinaryIO) -> Iterator[Batch]:
    """Yield the batches of a file from its place on."""
    while (batch := read_batch(file)) is not None:
        yield batch


def read_batch(file: BinaryIO) -> Batch | None:
    """Return the next batch of a file; a line that was cut off by the end of its process is left out."""
    for head in file:
        if not head.endswith(b"\n"):
            return None
        with suppress(ValueError):  # not the head of a batch
            word, kind, key = head.split()
            if word == BATCH.strip():
                return Batch(Kind(kind.decode()), list(read_items(file)), UUID(key.decode()), True)
    return None


def read_items(file: BinaryIO) -> Iterator[bytes]:
    """Yield the items of a batch, and leave the file at the next one."""
    while True:
        place = file.tell()
        line = file.readline()
        if not line.endswith(b"\n") or line.startswith(BATCH):
            file.seek(place)
            return
        yield line[:-1]
