"""Holds a worker's question for runs until some fall due, so that a run begins at once and nobody asks in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from lictor.server.dispatch import Request
from lictor.server.prefer import preferred_seconds
from lictor.server.reply import Disconnected
from lictor.server.waiting_line import clock

T = TypeVar("T")

LOOK_SECONDS = 2.0
"""So often at the least it is looked again: runs fall due without anybody saying so."""
PAUSE_SECONDS = 0.2
"""Between two looks, however much happens."""


async def until_due(request: Request, look: Callable[[timedelta], Awaitable[T]]) -> T:
    """Return what is found as soon as it is not empty, or after as many seconds as the request says with `Prefer`.

    `look` is told how much later it is than the request was. Without `Prefer` it is called once. Disconnected is raised
    if the client goes away.
    """
    began, seconds, server = clock(), preferred_seconds(request, 0.0), request.server
    if not seconds or server.line.is_full:
        return await look(timedelta())
    with server.hub.listen("event") as woken:
        gone = asyncio.create_task(request.left())
        closing = asyncio.create_task(server.line.closing.wait())
        server.line.others += 1
        try:
            while True:
                woken.clear()
                found = await look(timedelta(seconds=clock() - began))
                left = began + seconds - clock()
                if found or left <= 0 or closing.done():
                    return found
                if gone.done():
                    raise Disconnected
                await first_of(gone, closing, woken, min(LOOK_SECONDS, left))
        finally:
            server.line.others -= 1
            gone.cancel()
            closing.cancel()


async def first_of(gone: asyncio.Task[None], closing: asyncio.Task[bool], woken: asyncio.Event, seconds: float) -> None:
    """Wait until something has happened, or for so many seconds; then a moment, for more may happen."""
    waking = asyncio.create_task(woken.wait())
    try:
        ends: set[asyncio.Task[object]] = {gone, closing, waking}
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()
    if not (gone.done() or closing.done()):
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(closing), PAUSE_SECONDS)
