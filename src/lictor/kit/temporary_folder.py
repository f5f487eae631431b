"""Temporary folders that end with the process that makes them, however it ends."""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from lictor.kit.locks import seize

LOCK = ".lictor-lock"
"""The file in such a folder that its process holds a lock of."""
FOLLOWING_NONE = getattr(os, "O_NOFOLLOW", 0)


def temporary_folder(prefix: str) -> Path:
    """Make a folder that is removed when this process ends.

    Those with the same prefix whose processes were killed are removed now. A process that was forked from the one that
    made a folder keeps it from that, as it may need it, but does not remove it.
    """
    clear(prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    descriptor = os.open(folder / f"{LOCK}-new", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    seize(descriptor)
    (folder / f"{LOCK}-new").rename(folder / LOCK)  # locked when it is there
    atexit.register(end, folder, descriptor, os.getpid())
    return folder


def end(folder: Path, descriptor: int, process: int) -> None:
    """Remove a folder, if it is this process's."""
    if process == os.getpid():
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def clear(prefix: str) -> None:
    """Remove the folders whose processes are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):  # it is in use, or goes just now
            if not is_ours(folder):
                continue
            descriptor = os.open(folder / LOCK, os.O_RDWR | FOLLOWING_NONE)
            try:
                seize(descriptor)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def is_ours(folder: Path) -> bool:
    """Tell whether a folder is one, and this user's: others may put what they like beside it."""
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())
