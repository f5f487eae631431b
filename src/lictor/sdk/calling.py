"""Whether users' code awaits what it calls."""

from __future__ import annotations

import sys
from typing import Any

from lictor.engine.context import FLOW, TASK


def is_async_here() -> bool:
    """Tell whether the caller awaits: it is an async task or flow, or outside of both on an event loop."""
    running: Any = TASK.get() or FLOW.get()
    if running is not None:
        return bool(running.spec.is_async)
    loops = sys.modules.get("asyncio.events")
    return loops is not None and loops._get_running_loop() is not None  # it raises nothing
