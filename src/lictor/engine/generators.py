"""Runs engines whose function yields values on the way: what it yields reaches the caller, and the run ends with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import copy_context
from functools import partial
from typing import Any

from lictor.client.client import Client
from lictor.engine.call_stacks import fold
from lictor.engine.drive import done_here, done_on_loop
from lictor.engine.effects import Effect, Engine, Outcome, Run, UserStop
from lictor.engine.timeouts import Deadline, await_within, run_within, timed_out

DONE = object()
"""What an async generator yields no more after."""


def gdrive(engine: Engine, client: Callable[[], Client]) -> Generator[Any, Any, Outcome]:
    """Run an engine in the calling thread and yield what its function yields; a caller who stops completes the run."""
    move: Callable[[Any], Effect] = engine.send
    given: Any = None
    try:
        while True:
            need = move(given)
            move, given = engine.send, None
            try:
                if isinstance(need, Run):
                    given = yield from begun(need)
                else:
                    given = done_here(need, client)
            except GeneratorExit:
                given = None
            except StopIteration as stop:
                move, given = engine.throw, UserStop(stop)
            except BaseException as error:
                move, given = engine.throw, error
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


async def agdrive(
    engine: Engine, client: Callable[[], Client], end: Callable[[Outcome], object]
) -> AsyncGenerator[Any, None]:
    """Run an engine on the event loop, yield what its function yields, and give the outcome to `end`."""
    move: Callable[[Any], Effect] = engine.send
    given: Any = None
    try:
        while True:
            need = move(given)
            move, given = engine.send, None
            try:
                if isinstance(need, Run):
                    async for value in abegun(need):
                        yield value
                else:
                    given = await done_on_loop(need, client)
            except GeneratorExit:
                given = None
            except BaseException as error:
                move, given = engine.throw, error
    except StopIteration as done:
        end(done.value)


def begun(need: Run) -> Generator[Any, Any, Any]:
    """Return the user's generator, which ends when its time is over."""
    generator = need.function(*need.args, **need.kwargs)
    return generator if need.timeout is None else timed(generator, need.timeout)


def abegun(need: Run) -> AsyncGenerator[Any, None]:
    """Return the user's async generator, which ends when its time is over."""
    generator = need.function(*need.args, **need.kwargs)
    return generator if need.timeout is None else atimed(generator, need.timeout)


def timed(generator: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """Go through a generator, and raise TimedOut once its time is over: in it, or when its caller comes back to it."""
    deadline = Deadline(seconds)
    move: Callable[[Any], Any] = generator.send
    given: Any = None
    try:
        while True:
            value = run_within(deadline, partial(move, given))
            move = generator.send
            try:
                given = yield value
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:
                move, given = generator.throw, error
            if deadline.past:
                generator.close()
                raise timed_out(seconds)
    except StopIteration as done:
        deadline.check()
        return done.value


async def atimed(generator: AsyncGenerator[Any, None], seconds: float) -> AsyncGenerator[Any, None]:
    """Go through an async generator in the same way."""
    deadline = Deadline(seconds)
    while (value := await await_within(deadline, anext(generator, DONE))) is not DONE:
        yield value
        if deadline.past:
            await generator.aclose()
            raise timed_out(seconds)


def apart(generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Run every step of a generator in a context of its own: what runs there does not run in its caller."""
    context = copy_context()
    move: Callable[[Any], Any] = generator.send
    given: Any = None
    try:
        while True:
            value = context.run(move, given)
            move = generator.send
            try:
                given = yield value
            except GeneratorExit:
                context.run(generator.close)
                raise
            except BaseException as error:
                move, given = generator.throw, error
    except StopIteration as done:
        return done.value
    except BaseException as error:
        fold(error)
        raise
