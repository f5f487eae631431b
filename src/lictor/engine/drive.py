"""Runs engines: `drive` in the calling thread, `adrive` on the event loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from lictor.client.client import Client
from lictor.engine import repeating
from lictor.engine.effects import Effect, Engine, Hook, Look, Outcome, Repeat, Run, Sleep, UserStop, Wait, Within
from lictor.engine.timeouts import Deadline, await_within, run_within
from lictor.kit import clock
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
                if isinstance(need, Run) and need.timeout is None:
                    given = need.function(*need.args, **need.kwargs)
                else:
                    given = done_here(need, client)
            except StopIteration as stop:
                move, given = engine.throw, UserStop(stop)
            except BaseException as error:
                move, given = engine.throw, error
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


def done_here(need: Effect, client: Callable[[], Client]) -> Any:
    """Do what an engine needs in the calling thread, and return what it gets."""
    if isinstance(need, Call | Within):
        return carry(client, need)
    if isinstance(need, Sleep | Look):
        return clock.sleep(pause_of(need))
    if isinstance(need, Wait):
        for future in need.futures:
            future.wait()
        return None
    if isinstance(need, Repeat):
        return repeating.start(need, client())
    if isinstance(need, Hook):
        return called(need)
    return within(need) if isinstance(need, Run) else need.function()


async def adrive(engine: Engine, client: Callable[[], Client]) -> Outcome:
    """Run an engine on the event loop; calls travel in threads of their own."""
    move: Callable[[Any], Effect] = engine.send
    given: Any = None
    try:
        while True:
            need = move(given)
            move, given = engine.send, None
            try:
                if isinstance(need, Run):
                    work = need.function(*need.args, **need.kwargs)
                    given = await work if need.timeout is None else await await_within(Deadline(need.timeout), work)
                else:
                    given = await done_on_loop(need, client)
            except BaseException as error:
                move, given = engine.throw, error
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


async def done_on_loop(need: Effect, client: Callable[[], Client]) -> Any:
    """Do what an engine needs on the event loop, and return what it gets."""
    import asyncio  # noqa: PLC0415  # threads do without

    loop = asyncio.get_running_loop()
    if isinstance(need, Call | Within):
        return await loop.run_in_executor(carriers(), partial(carry, client, need))
    if isinstance(need, Sleep | Look):
        return await clock.asleep(pause_of(need))
    if isinstance(need, Wait):
        for future in need.futures:
            await future.wait_async()
        return None
    if isinstance(need, Repeat):
        return repeating.start(need, client())
    if isinstance(need, Hook):
        given = need.function(*need.args)
        return await given if isawaitable(given) else given
    return await loop.run_in_executor(carriers(), need.function)


def pause_of(need: Sleep | Look) -> float:
    """Return the seconds that are to pass: none where tests put the clock forward in place of a wait for a time."""
    if isinstance(need, Look):
        return clock.soon(need.seconds)
    return 0.0 if not need.for_others and clock.skip(need.seconds) else need.seconds


def within(need: Run) -> Any:
    """Run the user's function, for as long as it may."""
    assert need.timeout is not None
    return run_within(Deadline(need.timeout), partial(need.function, *need.args, **need.kwargs))


def called(need: Hook) -> Any:
    """Call a hook in this thread; an async one gets an event loop of its own."""
    return settled(need.function(*need.args))


def settled(given: Any) -> Any:
    """Return a value; if it is awaited, what comes of it on an event loop of its own."""
    if not isawaitable(given):
        return given
    import asyncio  # noqa: PLC0415  # threads do without

    async def whole() -> Any:
        return await given

    return carriers().submit(asyncio.run, whole()).result()


def carry(client: Callable[[], Client], need: Call[Any] | Within) -> Any:
    """Carry a call."""
    return client()(need.call, patience=need.seconds) if isinstance(need, Within) else client()(need)


@cache
def carriers() -> ThreadPoolExecutor:
    """Return the threads that carry calls for event loops."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # threads do without

    return ThreadPoolExecutor(8, thread_name_prefix="lictor-call")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=carriers.cache_clear)
