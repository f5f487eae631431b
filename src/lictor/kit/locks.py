"""Locks on files, which end with the process that holds them, however it ends."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 30  # the locked byte lies behind what the file says, which others may read

    def seize(descriptor: int, *, shared: bool = False) -> None:
        """Lock a file, or raise OSError if another holds it; there is no shared lock here."""
        os.lseek(descriptor, FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def seize(descriptor: int, *, shared: bool = False) -> None:
        """Lock a file, or raise OSError if another holds it; those that lock it `shared` suffer each other."""
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
