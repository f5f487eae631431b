"""Results of tasks that run elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from typing import Any, Generic, Literal, NamedTuple, TypeVar, overload
from uuid import UUID

from lictor.engine.call_stacks import fold
from lictor.engine.states import State

R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")


class Future(Generic[R_co]):
    """A submitted task's run: its state now, and its result once it is done."""

    __slots__ = ("__weakref__", "_callbacks", "_gate", "_state", "name", "task_run_id")

    def __init__(self, task_run_id: UUID, name: str, state: State) -> None:
        self.task_run_id, self.name = task_run_id, name
        self._state = state
        self._callbacks: list[Callable[[], object]] | None = []
        self._gate = threading.Lock()
        self._gate.acquire()

    @property
    def state(self) -> State[R_co]:
        """The run's state."""
        return self._state

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self._callbacks is None

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run is over, or `timeout` seconds are."""
        if self._callbacks is not None and self._gate.acquire(timeout=-1 if timeout is None else timeout):
            self._gate.release()

    @overload
    def result(self, timeout: float | None = None, raise_on_failure: Literal[True] = True) -> R_co: ...
    @overload
    def result(self, timeout: float | None, raise_on_failure: bool) -> R_co | BaseException: ...
    @overload
    def result(self, timeout: float | None = None, *, raise_on_failure: bool) -> R_co | BaseException: ...
    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:
        """Wait for the run and return its value; raise what it raised, or TimeoutError after `timeout` seconds.

        With `raise_on_failure` false what it raised is returned.
        """
        try:
            self.wait(timeout)
            if not self.done:
                raise TimeoutError(f"task run '{self.name}' is not done after {timeout} s")
            return self._state.result(raise_on_failure)
        except BaseException as error:
            fold(error)
            raise

    def add_done_callback(self, fn: Callable[[Future[R_co]], object]) -> None:
        """Call a function with this future when the run is over, at once if it is."""
        self.when_done(lambda: fn(self))

    def when_done(self, callback: Callable[[], object]) -> None:
        """Call a function without arguments when the run is over, at once if it is."""
        callbacks = self._callbacks
        if callbacks is None:
            callback()
            return
        callbacks.append(callback)
        if self._callbacks is None:
            with suppress(ValueError):  # `finish` took it
                callbacks.remove(callback)
                callback()

    async def wait_async(self) -> None:
        """Wait on the event loop until the run is over."""
        import asyncio  # noqa: PLC0415  # threads do without

        if self.done:
            return
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        self.when_done(lambda: loop.call_soon_threadsafe(over.set))
        await over.wait()

    def __await__(self) -> Generator[Any, None, R_co]:
        try:
            yield from self.wait_async().__await__()
            return self.result()
        except BaseException as error:
            fold(error)
            raise

    def show(self, state: State) -> None:
        """Set the state of a run that is not over."""
        if self._callbacks is not None:
            self._state = state

    def finish(self, state: State) -> None:
        """Set the state that the run ended in, and let everybody go on."""
        if self._callbacks is None:
            return
        self._state = state
        callbacks, self._callbacks = self._callbacks, None
        self._gate.release()
        while callbacks:
            callbacks.pop()()

    def __reduce__(self) -> Any:
        self.wait()
        return over, (self.task_run_id, self.name, self._state)

    def __repr__(self) -> str:
        return f"Future(name={self.name!r}, state={self._state!r})"


def over(task_run_id: UUID, name: str, state: State) -> Future[Any]:
    """Return the future of a run that is over, as another process gets it."""
    future: Future[Any] = Future(task_run_id, name, state)
    future.finish(state)
    return future


class FutureList(list[Future[T]], Generic[T]):
    """The futures of a mapped task."""

    def wait(self, timeout: float | None = None) -> None:
        """Wait until all are over, or `timeout` seconds are."""
        end = None if timeout is None else time.monotonic() + timeout
        for future in self:
            future.wait(None if end is None else max(0.0, end - time.monotonic()))

    @overload
    def result(self, timeout: float | None = None, raise_on_failure: Literal[True] = True) -> list[T]: ...
    @overload
    def result(self, timeout: float | None, raise_on_failure: bool) -> list[T | BaseException]: ...
    @overload
    def result(self, timeout: float | None = None, *, raise_on_failure: bool) -> list[T | BaseException]: ...
    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> list[Any]:
        """Return all values, in order, and wait for them; raise the first error there is.

        With `raise_on_failure` false errors stand in the list in place of values. TimeoutError is raised where not all
        are over within `timeout` seconds; without it there is no limit.
        """
        end = None if timeout is None else time.monotonic() + timeout
        try:
            return [
                future.result(None if end is None else max(0.0, end - time.monotonic()), raise_on_failure)
                for future in self
            ]
        except BaseException as error:
            fold(error)
            raise


class DoneAndNotDone(NamedTuple):
    """Futures that are done, and others that are not."""

    done: set[Future[Any]]
    not_done: set[Future[Any]]


def wait(futures: Iterable[Future[Any]], timeout: float | None = None) -> DoneAndNotDone:
    """Wait for futures; return those that are `done` and those that are `not_done`.

    `timeout` is the most seconds that it takes; without it all are waited for, and the second set is empty.
    """
    waited = FutureList(futures)
    waited.wait(timeout)
    done = {future for future in waited if future.done}
    return DoneAndNotDone(done, set(waited) - done)


def as_completed(futures: Iterable[Future[T]], timeout: float | None = None) -> Generator[Future[T], None, None]:
    """Yield futures as they come to their end; raise TimeoutError if not all did within `timeout` seconds."""
    import queue  # noqa: PLC0415  # few need it

    ready: queue.SimpleQueue[Future[T]] = queue.SimpleQueue()
    waited = list(futures)
    for future in waited:
        future.add_done_callback(ready.put)
    end = None if timeout is None else time.monotonic() + timeout
    for _ in waited:
        try:
            yield ready.get(timeout=None if end is None else max(0.0, end - time.monotonic()))
        except queue.Empty:
            raise TimeoutError(f"not all of {len(waited)} task runs are done after {timeout} s") from None


def resolve_futures_to_states(value: Any) -> Any:
    """Return a value with the final state of its run in place of each future in it, once they are all over."""
    return resolved(value, finished_state)


def resolve_futures_to_results(value: Any) -> Any:
    """Return a value with the result of its run in place of each future in it; raise the first error there is."""
    return resolved(value, lambda future: future.result())


def finished_state(future: Future[T]) -> State[T]:
    """Return a run's state, once it is over."""
    future.wait()
    return future.state


def resolved(value: Any, replace: Callable[[Future[Any]], Any]) -> Any:
    """Return a value with something in place of each future in it."""
    if isinstance(value, Future):
        return replace(value)
    kind = type(value)
    if kind in (list, tuple, set, FutureList):
        several = [resolved(each, replace) for each in value]
        return several if kind is FutureList else kind(several)
    if kind is dict:
        return {key: resolved(each, replace) for key, each in value.items()}
    return value
