"""The process of a flow run: in a group of its own, so that all that it starts ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from lictor.client.processes import start_process
from lictor.settings import Settings

COMMAND = (sys.executable, "-m", "lictor.sdk.flow_engine")
RUN_ID = "PREFECT__FLOW_RUN_ID"
HANDED_ON = frozenset({"logging", "flows", "tasks", "results", "cloud"})
"""Further parts of the settings that a run goes by."""
LOOK_SECONDS = 0.05


class RunProcess:
    """A process that runs one flow run."""

    def __init__(
        self,
        run_id: UUID,
        settings: Settings,
        command: Sequence[str] = COMMAND,
        env: dict[str, str] | None = None,
        folder: Path | None = None,
        quiet: bool = False,
    ) -> None:
        """Start it; it gets this process's environment and client settings, and `env` over them.

        What it prints comes out here, unless it is to be `quiet`.
        """
        self.run_id = run_id
        environment = {RUN_ID: str(run_id), **(env or {})}
        out = subprocess.DEVNULL if quiet else None
        self.process = start_process(
            command, settings, HANDED_ON, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )

    @property
    def pid(self) -> int:
        """Its id, which is that of its group too."""
        return self.process.pid

    def wait(self) -> int:
        """Wait until it has ended; then end what it left running, and return its exit code."""
        code = self.process.wait()
        self.signal(signal.SIGKILL)
        return code

    def stop(self, grace_seconds: float) -> bool:
        """Tell it to end, and kill it with all that it started if it has not within the grace; say whether it did."""
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + grace_seconds
        while self.process.poll() is None and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        ended = self.process.poll() is not None
        self.signal(signal.SIGKILL)
        return ended

    def signal(self, number: int) -> None:
        """Send a signal to all that is left of its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
