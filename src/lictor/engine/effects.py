"""What engines ask their drivers to do; `Call` of the wire is one of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, Protocol

from lictor.engine.states import State
from lictor.wire.operation import Call


class Run(NamedTuple):
    """Run the user's function and answer what it returns; raise TimedOut after `timeout` seconds."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    timeout: float | None = None


class Hook(NamedTuple):
    """Call a function of the user's that may be async or not, and answer what it returns."""

    function: Callable[..., Any]
    args: tuple[Any, ...]


class Sleep(NamedTuple):
    """Let seconds pass; `for_others` tells that it is others' doings that are waited for, not a time."""

    seconds: float
    for_others: bool = False


class Look(NamedTuple):
    """Let seconds pass before the next look at what others do; in tests, which skip waits, that is soon."""

    seconds: float


class Awaited(Protocol):
    """What can be waited for, in a thread and on an event loop."""

    def wait(self) -> None:
        """Wait in the calling thread."""
        ...

    async def wait_async(self) -> None:
        """Wait on the event loop."""
        ...


class Wait(NamedTuple):
    """Wait until all of these futures are done."""

    futures: Sequence[Awaited]


class Block(NamedTuple):
    """Call a function that may take a while, away from the event loop, and answer what it returns."""

    function: Callable[[], Any]


class Repeat(NamedTuple):
    """Carry a call every so many seconds from now on, beside whatever else runs; answer what stops it.

    `over` is called, in another thread, if the server says that there is nothing to go on with.
    """

    call: Call[Any]
    seconds: float
    over: Callable[[], None] | None = None


class Within(NamedTuple):
    """Carry a call, and wait at most so many seconds for a server that is away."""

    call: Call[Any]
    seconds: float


class Outcome(NamedTuple):
    """How a run ended: its state, and an error that its caller must be raised even where a state was asked for."""

    state: State
    fatal: BaseException | None = None


Effect = Call[Any] | Run | Hook | Sleep | Look | Wait | Block | Repeat | Within
Engine = Generator[Effect, Any, Outcome]
Steps = Generator[Effect, Any, None]


class UserStop(Exception):
    """Stands in a generator for a StopIteration that the user's code raised."""

    def __init__(self, error: StopIteration) -> None:
        super().__init__()
        self.error = error


def told(error: BaseException) -> BaseException:
    """Return the error that the user's code raised."""
    return error.error if isinstance(error, UserStop) else error
