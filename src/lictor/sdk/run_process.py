"""The process of a flow run: in a group of its own, so that all that it starts ends with it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from lictor.client.processes import start_process
from lictor.sdk.run_environment import RUN_ID
from lictor.settings import Settings

COMMAND = (sys.executable, "-m", "lictor.sdk.flow_engine")
HANDED_ON = frozenset({"logging", "flows", "tasks", "results", "cloud"})
"""Further parts of the settings that a run goes by."""
LOOK_SECONDS = 0.05
LEFT_SECONDS = 5.0
"""What a run's process leaves running is killed so long after it was told to end."""
HOOK_SECONDS = 120.0
"""Hooks that are called in place of a run's own process are stopped after so long."""


class RunProcess:
    """A process that runs one flow run: a `Job`."""

    def __init__(
        self,
        run_id: UUID,
        settings: Settings,
        command: Sequence[str] = COMMAND,
        env: Mapping[str, str | None] | None = None,
        folder: Path | None = None,
        *,
        apart: bool = False,
        quiet: bool = False,
    ) -> None:
        """Start it in a folder, or `apart` in a new one that is removed at its end; else in this process's.

        It gets this process's environment and client settings, and `env` over them. What it prints comes out here,
        unless it is to be `quiet`.
        """
        self.made = Path(tempfile.mkdtemp(prefix="lictor-run-")) if apart and folder is None else None
        environment = {RUN_ID: str(run_id), **(env or {})}
        out = subprocess.DEVNULL if quiet else None
        place = folder or self.made
        try:
            self.process = start_process(
                command,
                settings,
                HANDED_ON,
                env=environment,
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        except BaseException:
            self.tidy()
            raise

    @property
    def pid(self) -> int:
        """Its id, which is that of its group too."""
        return self.process.pid

    @property
    def identifier(self) -> str:
        """Where it is: the machine's name and the process's id."""
        return f"{socket.gethostname()}:{self.pid}"

    def wait(self) -> int:
        """Wait until it has ended; then end what it left running, and return its exit code."""
        code = self.process.wait()
        self.end_group()
        self.tidy()
        return code

    def stop(self, grace_seconds: float) -> bool:
        """Tell it to end, and kill it if it has not within the grace; say whether it did.

        `wait` ends what it leaves running.
        """
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        ended = passes(lambda: self.process.poll() is not None, grace_seconds)
        if not ended:
            self.process.kill()
        return ended

    def end_group(self) -> None:
        """Tell what is left of its group to end, and kill what does not."""
        if self.signal(signal.SIGTERM):
            passes(lambda: not self.signal(0), LEFT_SECONDS)
            self.signal(signal.SIGKILL)

    def signal(self, number: int) -> bool:
        """Send a signal to all that is left of its group; say whether anything is."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def tidy(self) -> None:
        """Remove the folder that was made for it."""
        if self.made is not None:
            shutil.rmtree(self.made, ignore_errors=True)


def finish_hooks(process: RunProcess) -> None:
    """Wait for a process that calls hooks, but not without end."""
    timer = threading.Timer(HOOK_SECONDS, process.stop, (LEFT_SECONDS,))
    timer.start()
    process.wait()
    timer.cancel()


def passes(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is true; say whether it became so in time."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    return found
