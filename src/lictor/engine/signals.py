"""Turns SIGTERM into an error in the flow run of the main thread, and lets the process end by it afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lictor.client.connection import close_all
from lictor.engine.errors import Terminated


class Watch:
    """Whether the process was told to end while a flow ran; `cancel` stops a flow on an event loop."""

    def __init__(self) -> None:
        self.told = False
        self.cancel: Any = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Stop the flow: once, since ending takes a moment."""
        if self.told:
            return
        self.told = True
        if self.cancel is None:
            raise Terminated
        self.cancel()


_watch: Watch | None = None


@contextmanager
def watching() -> Iterator[Watch | None]:
    """Stop the outermost flow of the main thread on SIGTERM, unless the program has a handler of its own."""
    global _watch  # noqa: PLW0603  # a process has one handler of SIGTERM
    if (
        _watch is not None
        or threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield None
        return
    watch = _watch = Watch()
    signal.signal(signal.SIGTERM, watch.handle)
    try:
        yield watch
    finally:
        _watch = None
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if watch.told:
            close_all()
            os.kill(os.getpid(), signal.SIGTERM)


def terminated() -> bool:
    """Whether the running flow was told to end."""
    return _watch is not None and _watch.told


def forget() -> None:
    """Start afresh in a process that may be forked in a flow: it ends by SIGTERM, and leaves Ctrl-C to its parent."""
    global _watch  # noqa: PLW0603  # see above
    _watch = None
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
