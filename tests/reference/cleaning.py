"""A worker of the reference that can end processes when it is told to clean up: `cleaning.py SDK POOL`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from importlib import import_module
from typing import Any

ProcessWorker: Any = import_module("prefect.workers.process").ProcessWorker


class CleaningWorker(ProcessWorker):  # type: ignore[misc]
    """The usual worker of processes, with what most workers of other infrastructure have."""

    type = "process"

    async def kill_infrastructure(self, infrastructure_pid: str, *_: Any, **__: Any) -> None:
        """End a process."""
        os.kill(int(infrastructure_pid.rpartition(":")[2]), signal.SIGTERM)


asyncio.run(CleaningWorker(work_pool_name=sys.argv[2], name="w1").start())
