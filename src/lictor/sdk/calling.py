"""Carries what the users' functions ask of the API: in the calling thread, or for code that awaits."""

from __future__ import annotations

import sys
from collections.abc import Awaitable
from typing import Any, TypeVar

from lictor.client.connection import connection
from lictor.engine.context import FLOW, TASK
from lictor.engine.drive import carriers
from lictor.sdk.api.method import Steps, carry
from lictor.wire.operation import Call

R = TypeVar("R")


def here(asked: Call[R] | Steps[R]) -> R:
    """Carry calls in the calling thread, and return what comes of them."""
    return carry(connection().client, asked)


async def there(asked: Call[R] | Steps[R]) -> R:
    """Carry calls in a thread of their own, and return what comes of them to the event loop."""
    import asyncio  # noqa: PLC0415  # threads do without

    client = connection().client
    return await asyncio.get_running_loop().run_in_executor(carriers(), carry, client, asked)


def either(asked: Call[R] | Steps[R]) -> R | Awaitable[R]:
    """Carry calls here in sync code, and return what is to be awaited in async code."""
    return there(asked) if is_async_here() else here(asked)


def is_async_here() -> bool:
    """Tell whether the caller awaits: it is an async task or flow, or outside of both on an event loop."""
    running: Any = TASK.get() or FLOW.get()
    if running is not None:
        return bool(running.spec.is_async)
    loops = sys.modules.get("asyncio.events")
    return loops is not None and loops._get_running_loop() is not None  # it raises nothing
