"""Whether users' code awaits what it calls, and what it gets if it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from lictor.engine.context import FLOW, TASK


def is_async_here() -> bool:
    """Tell whether the caller awaits: it is an async task or flow, or outside of both on an event loop."""
    running: Any = TASK.get() or FLOW.get()
    if running is not None:
        return bool(running.spec.is_async)
    loops = sys.modules.get("asyncio.events")
    return loops is not None and loops._get_running_loop() is not None  # it raises nothing


def called(function: Callable[[], Any]) -> Any:
    """Call a function that may take a while; in async code, return what is awaited while it runs in a thread."""
    if not is_async_here():
        return function()
    import asyncio  # noqa: PLC0415  # threads do without

    return asyncio.to_thread(function)


def handed(value: Any) -> Any:
    """Return a value, in async code as something that is awaited."""

    async def waiting() -> Any:
        return value

    return waiting() if is_async_here() else value
