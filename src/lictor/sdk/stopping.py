"""What ends a process that serves: SIGINT and SIGTERM, heard by the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class stopped_by_signals:  # noqa: N801  # it reads as a function
    """Calls a function when the process is told to end, while the block lasts; only the main thread hears signals."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.stop = stop
        self.before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            import signal  # noqa: PLC0415  # flows that nobody serves do without

            for number in (signal.SIGINT, signal.SIGTERM):
                self.before[number] = signal.signal(number, lambda *_: self.stop())

    def __exit__(self, *_: object) -> None:
        import signal  # noqa: PLC0415  # see above

        for number, handler in self.before.items():
            signal.signal(number, handler)
