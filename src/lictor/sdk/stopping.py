"""What ends a process that serves: SIGINT and SIGTERM."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any


class stopped_by_signals:  # noqa: N801  # it reads as a function
    """Calls a function when the process is told to end, while the block lasts; only the main thread hears signals.

    The function is called in a thread of its own. A handler runs in the midst of whatever the main thread does, which
    may hold any lock, such as that of the console: what waits for the lock there waits forever.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.stop = stop
        self.before: dict[int, Any] = {}
        self.told, self.tell, self.process = -1, -1, os.getpid()
        self.thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            import signal  # noqa: PLC0415  # flows that nobody serves do without

            self.told, self.tell = os.pipe()
            self.thread = threading.Thread(target=self.listen, name="lictor-stop", daemon=True)
            self.thread.start()
            for number in (signal.SIGINT, signal.SIGTERM):
                self.before[number] = signal.signal(number, self.hear)

    def hear(self, number: int, _: object) -> None:
        """Pass a signal on; it ends a child that was forked off, which has no such thread."""
        if os.getpid() == self.process:
            os.write(self.tell, b".")
        else:
            import signal  # noqa: PLC0415  # see above

            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def listen(self) -> None:
        """Call the function once for each signal, until the block ends."""
        while os.read(self.told, 1):
            self.stop()

    def __exit__(self, *_: object) -> None:
        import signal  # noqa: PLC0415  # see above

        for number, handler in self.before.items():
            signal.signal(number, handler)
        if self.thread is not None:
            os.close(self.tell)
            self.thread.join()
            os.close(self.told)
