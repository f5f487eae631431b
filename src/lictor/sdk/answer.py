"""What a call gives back to its caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from lictor.client.connection import Connection
from lictor.engine.call_stacks import fold
from lictor.engine.effects import Engine, Outcome
from lictor.engine.generators import agdrive, apart, gdrive


def answer(outcome: Outcome, return_state: bool) -> Any:
    """Return a run's value or its state; raise what cut it off, or what it raised unless the state is asked for.

    A state that a task made is given back as such, and so are several states, also if some failed.
    """
    if outcome.fatal is not None:
        raise outcome.fatal
    state = outcome.state
    if return_state or state.given == "state":
        return state
    return state.value if state.given == "value" else state.result()


def yielded(engine: Engine, here: Connection, is_async: bool) -> Any:
    """Return the generator of a run whose function is one; it raises what cut the run off, or what the run raised."""
    return later(engine, here) if is_async else apart(now(engine, here))


def exhausted(engine: Engine, here: Connection, is_async: bool) -> Any:
    """Run a run whose function is a generator to its end, and return its final state."""
    ends: list[Outcome] = []

    async def on_loop() -> None:
        async for _ in agdrive(engine, lambda: here.client, ends.append):
            pass

    def here_and_now() -> Generator[Any, Any, None]:
        ends.append((yield from gdrive(engine, lambda: here.client)))

    if is_async:
        import asyncio  # noqa: PLC0415  # threads do without

        asyncio.run(on_loop())
    else:
        for _ in here_and_now():
            pass
    return answer(ends[0], True)


def now(engine: Engine, here: Connection) -> Generator[Any, Any, Any]:
    """Yield what a run yields, and return its value."""
    outcome = yield from gdrive(engine, lambda: here.client)
    return answer(outcome, False)


async def later(engine: Engine, here: Connection) -> AsyncGenerator[Any, None]:
    """Yield what an async run yields."""
    ends: list[Outcome] = []
    try:
        async for value in agdrive(engine, lambda: here.client, ends.append):
            yield value
        answer(ends[0], False)
    except BaseException as error:
        fold(error)
        raise
