"""Runs engines: `drive` in the calling thread, `adrive` on the event loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from lictor.client.client import Client
from lictor.engine import repeating
from lictor.engine.effects import Block, Effect, Engine, Outcome, Repeat, Run, Sleep, UserStop, Wait
from lictor.wire.operation import Call

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


def drive(engine: Engine, client: Callable[[], Client]) -> Outcome:
    """Run an engine in the calling thread."""
    move: Callable[[Any], Effect] = engine.send
    given: Any = None
    try:
        while True:
            need = move(given)
            move, given = engine.send, None
            try:
                if isinstance(need, Run):
                    given = need.function(*need.args, **need.kwargs)
                elif isinstance(need, Call):
                    given = client()(need)
                elif isinstance(need, Sleep):
                    time.sleep(need.seconds)
                elif isinstance(need, Wait):
                    for future in need.futures:
                        future.wait()
                elif isinstance(need, Repeat):
                    given = repeating.start(need, client())
                else:
                    given = need.function()
            except StopIteration as stop:
                move, given = engine.throw, UserStop(stop)
            except BaseException as error:
                move, given = engine.throw, error
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


async def adrive(engine: Engine, client: Callable[[], Client]) -> Outcome:
    """Run an engine on the event loop; calls travel in threads of their own."""
    import asyncio  # noqa: PLC0415  # threads do without

    loop = asyncio.get_running_loop()
    move: Callable[[Any], Effect] = engine.send
    given: Any = None
    try:
        while True:
            need = move(given)
            move, given = engine.send, None
            try:
                if isinstance(need, Run):
                    given = await need.function(*need.args, **need.kwargs)
                elif isinstance(need, Call):
                    given = await loop.run_in_executor(carriers(), partial(carry, client, need))
                elif isinstance(need, Sleep):
                    await asyncio.sleep(need.seconds)
                elif isinstance(need, Wait):
                    for future in need.futures:
                        await future.wait_async()
                elif isinstance(need, Repeat):
                    given = repeating.start(need, client())
                elif isinstance(need, Block):
                    given = await loop.run_in_executor(carriers(), need.function)
            except BaseException as error:
                move, given = engine.throw, error
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


def carry(client: Callable[[], Client], call: Call[Any]) -> Any:
    """Carry a call."""
    return client()(call)


@cache
def carriers() -> ThreadPoolExecutor:
    """Return the threads that carry calls for event loops."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # threads do without

    return ThreadPoolExecutor(8, thread_name_prefix="lictor-call")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=carriers.cache_clear)
