"""Tasks: `@task` makes a function one whose calls are task runs."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, TypeVar, cast, overload
from uuid import UUID

from lictor.client.connection import Connection, connection
from lictor.engine.call_stacks import fold
from lictor.engine.context import FLOW
from lictor.engine.drive import adrive, drive
from lictor.engine.errors import MissingContext
from lictor.engine.futures import Future, FutureList, finished_state, resolve_futures_to_states
from lictor.engine.hooks import checked
from lictor.engine.specs import TaskSpec
from lictor.engine.submission import submission
from lictor.engine.task_run import LiveTaskRun, run_task
from lictor.sdk.answer import answer, yielded
from lictor.sdk.attributes import TaskAttributes
from lictor.sdk.deferral import DeferredFuture, defer
from lictor.sdk.drawing import DRAWING
from lictor.sdk.logging import catch_prints, set_up
from lictor.sdk.mapping import mapped_calls
from lictor.sdk.methods import bound, taken_apart
from lictor.sdk.options import add_hook, changed_options, given_options, naming, seconds_of
from lictor.sdk.origin import key_of
from lictor.sdk.parameters import Parameters
from lictor.sdk.portable import Portable
from lictor.sdk.showing import shown
from lictor.sdk.task_worker import serve
from lictor.settings import current, table

if TYPE_CHECKING:
    from typing import Unpack

    from lictor.engine.states import State
    from lictor.engine.task_runners import TaskRunner
    from lictor.sdk.signatures import Delays, Hooks, Of, Submits, TaskOptions

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
T = TypeVar("T")
H = TypeVar("H", bound=Callable[..., Any])

RESET = frozenset({"log_prints", "retries", "retry_delay_seconds", "retry_jitter_factor", "task_run_name"})
"""Options that are None in `with_options` to have their defaults again."""


class Task(TaskAttributes, Portable, Generic[P, R_co]):
    """A function whose calls are task runs.

    A call runs it here; `submit` gives it to the flow's task runner and returns a future; `map` submits a run for each
    item. All take the function's arguments, and `wait_for=[...]`, futures that must be done before; a call also takes
    `return_state=True` and then returns the final state in place of the value. `submit` and `map` outside of a flow
    raise MissingContext.
    """

    def __init__(self, fn: Callable[P, R_co], **options: Unpack[TaskOptions]) -> None:
        self.set(fn, cast("dict[str, Any]", options))

    def set(self, function: Callable[P, R_co], options: dict[str, Any]) -> None:
        """Become a task of a function with options."""
        plain, self.kind = taken_apart(function)
        self.fn: Callable[P, R_co] = plain
        self.options = options
        update_wrapper(self, plain)
        self.spec = given_options(spec_of, "task", plain, self.options)
        self.spec.owner, self.spec.shown = self, shown
        self.name = self.spec.name

    @overload
    def __call__(
        self: Task[..., Coroutine[Any, Any, T]],
        *args: Any,
        return_state: Literal[True],
        wait_for: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> Coroutine[Any, Any, State[T]]: ...
    @overload
    def __call__(
        self, *args: Any, return_state: Literal[True], wait_for: Iterable[Any] | None = None, **kwargs: Any
    ) -> State[R_co]: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    @overload
    def __call__(
        self, *args: Any, wait_for: Iterable[Any] | None, return_state: Literal[False] = False, **kwargs: Any
    ) -> R_co: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task here; an async task's run begins when the answer is awaited."""
        return_state = wait_for = None
        if kwargs:
            return_state, wait_for = kwargs.pop("return_state", None), kwargs.pop("wait_for", None)
        try:
            if (drawing := DRAWING.get()) is not None:
                return drawing.call(self.spec, args, kwargs, wait_for, bool(return_state))
            here = self.ready()
            if self.spec.yields:
                live = LiveTaskRun(self.spec, args, kwargs, here.outbox, wait_for)
                return yielded(run_task(live), here, self.spec.is_async)
            if self.spec.is_async:
                return acall(self.spec, args, kwargs, here, wait_for, bool(return_state))
            live = LiveTaskRun(self.spec, args, kwargs, here.outbox, wait_for)
            return answer(drive(run_task(live), lambda: here.client), bool(return_state))
        except BaseException as error:
            fold(error)
            raise

    if TYPE_CHECKING:
        submit = Submits()
    else:

        def submit(self, *args: Any, **kwargs: Any) -> Any:
            """Let the flow's task runner run the task; futures among the arguments are waited for there.

            Returns its future; with `return_state=True` the run's final state, once there is one.
            """
            wait_for, return_state = kwargs.pop("wait_for", None), kwargs.pop("return_state", False)
            try:
                future = self.submitted(None, args, kwargs, wait_for)
                return finished_state(future) if return_state else future
            except BaseException as error:
                fold(error)
                raise

    @overload
    def map(self, *args: Any, return_state: Literal[True], **kwargs: Any) -> list[State[Any]]: ...
    @overload
    def map(self: Task[..., Coroutine[Any, Any, T]], *args: Any, **kwargs: Any) -> FutureList[T]: ...
    @overload
    def map(self: Task[..., Generator[T, Any, Any]], *args: Any, **kwargs: Any) -> FutureList[list[T]]: ...
    @overload
    def map(self: Task[..., AsyncGenerator[T, Any]], *args: Any, **kwargs: Any) -> FutureList[list[T]]: ...
    @overload
    def map(self: Task[..., T], *args: Any, **kwargs: Any) -> FutureList[T]: ...
    def map(self, *args: Any, **kwargs: Any) -> Any:
        """Submit a run for each item of the arguments that are collections; `unmapped(value)` is given to each.

        Returns the futures in order; with `return_state=True` the final states, once there are all. Collections of
        different lengths, or none, raise MappingError; texts, bytes and dicts are given to each run whole.
        """
        wait_for, return_state = kwargs.pop("wait_for", None), kwargs.pop("return_state", False)
        try:
            futures = self.mapped(None, args, kwargs, wait_for)
            return resolve_futures_to_states(futures) if return_state else futures
        except BaseException as error:
            fold(error)
            raise

    def mapped(
        self, runner: TaskRunner | None, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Any
    ) -> FutureList[Any]:
        """Submit a run for each item to a task runner, the flow's unless given."""
        if (drawing := DRAWING.get()) is not None:
            return drawing.map(self.spec, args, kwargs, wait_for)
        flow = FLOW.get()
        calls = mapped_calls(self.spec, args, kwargs, None if flow is None else flow.origins)
        return FutureList([self.submitted(runner, one, named, wait_for, parents) for one, named, parents in calls])

    def submitted(
        self,
        runner: TaskRunner | None,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        wait_for: Any = None,
        parents: dict[str, list[UUID]] | None = None,
    ) -> Future[Any]:
        """Submit one run to a task runner, the flow's unless given."""
        if (drawing := DRAWING.get()) is not None:
            return drawing.submit(self.spec, args, kwargs, wait_for)
        here, flow = self.ready(), FLOW.get()
        if flow is None:
            raise MissingContext(f"'{self.name}' can be submitted and mapped in a flow only; call it outside of one")
        one = submission(self.spec, args, kwargs, flow, here, wait_for, parents)
        (runner or flow.task_runner()).start(one)
        return one.future

    def delay(self, *args: P.args, **kwargs: P.kwargs) -> DeferredFuture[Any]:
        """Make a run for a task worker to run, see lictor.task_worker; the arguments travel in a file.

        Returns a future that asks the server how far the run is.
        """
        return self.apply_async(args, kwargs)

    def apply_async(
        self,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        wait_for: Iterable[Any] | None = None,
    ) -> DeferredFuture[Any]:
        """Make a run for a task worker to run, as `delay`; `wait_for` are futures that must be done before."""
        try:
            self.ready()
            return defer(self.spec, args or (), kwargs or {}, wait_for)
        except BaseException as error:
            fold(error)
            raise

    def serve(self, limit: int | None = 10) -> None:
        """Run this task's deferred runs, see lictor.task_worker.serve."""
        serve(cast("Task[..., Any]", self), limit=limit)

    def ready(self, log_prints: bool = False) -> Connection:
        """Prepare logging, and return where events go."""
        set_up()
        if self.spec.log_prints or log_prints:
            catch_prints()
        return connection()

    def with_options(self, **options: Unpack[TaskOptions]) -> Task[P, R_co]:
        """Return a task like this one, with other options; one that is None stays as it is.

        With None `log_prints`, `task_run_name`, `retries` and what goes with them are again as without the options.
        """
        changed = changed_options(self.options, cast("dict[str, Any]", options), RESET)
        return Task(self.fn if self.kind is None else self.kind(self.fn), **changed)

    def on_running(self, function: H) -> H:
        """Call a function when a run of this task begins to run."""
        return self.hook("on_running", function)

    def on_completion(self, function: H) -> H:
        """Call a function when a run of this task completes."""
        return self.hook("on_completion", function)

    def on_failure(self, function: H) -> H:
        """Call a function when a run of this task fails for good."""
        return self.hook("on_failure", function)

    def hook(self, option: str, function: H) -> H:
        """Add a hook, and give it back."""
        add_hook(self.spec, self.options, option, function)
        return function

    @overload
    def __get__(self: Of[Callable[Concatenate[type[S], Q], T]], instance: None, owner: type[S]) -> Task[Q, T]: ...
    @overload
    def __get__(
        self: Of[Callable[Concatenate[type[S], Q], T]], instance: S, owner: type[S] | None = None
    ) -> Task[Q, T]: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Task[P, R_co]: ...
    @overload
    def __get__(self: Of[Callable[Concatenate[S, Q], T]], instance: S, owner: type | None = None) -> Task[Q, T]: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Task[P, R_co]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind a task that is a method to its object or class."""
        function = bound(self.fn, self.kind, instance, owner)
        return self if function is None else Task(function, **self.options)

    def __repr__(self) -> str:
        return f"<Task {self.name!r}>"


async def acall(
    spec: TaskSpec, args: tuple[Any, ...], kwargs: dict[str, Any], here: Connection, wait_for: Any, return_state: bool
) -> Any:
    """Run an async task on the event loop."""
    try:
        live = LiveTaskRun(spec, args, kwargs, here.outbox, wait_for)
        return answer(await adrive(run_task(live), lambda: here.client), return_state)
    except BaseException as error:
        fold(error)
        raise


def spec_of(  # noqa: PLR0913  # a decorator's options
    function: Callable[..., Any],
    *,
    name: str | None = None,
    description: str | None = None,
    version: str | None = None,
    tags: Iterable[str] = (),
    task_run_name: str | Callable[..., str] | None = None,
    retries: int | None = None,
    retry_delay_seconds: Delays = None,
    retry_jitter_factor: float | None = None,
    log_prints: bool | None = None,
    timeout_seconds: float | None = None,
    retry_condition_fn: Callable[..., Any] | None = None,
    viz_return_value: Any = None,
    on_running: Hooks = None,
    on_completion: Hooks = None,
    on_failure: Hooks = None,
) -> TaskSpec:
    """Return what the engine needs to know of a task; settings fill in what is not given."""
    if not callable(function):
        raise TypeError(f"@task goes on a function, not on {type(function).__name__}")
    if retry_jitter_factor is not None and retry_jitter_factor < 0:
        raise ValueError(f"retry_jitter_factor: {retry_jitter_factor!r} is below 0; use a share such as 0.5")
    settings = current()
    again = settings[table.TASKS_DEFAULT_RETRIES] if retries is None else retries
    return TaskSpec(
        function=function,
        name=name or str(getattr(function, "__name__", type(function).__name__)),
        key=key_of(function),
        version=version,
        run_name=naming("task_run_name", task_run_name),
        tags=frozenset({tags} if isinstance(tags, str) else tags),
        retries=again,
        delays=delays_of(retry_delay_seconds, again, settings[table.TASKS_DEFAULT_RETRY_DELAY_SECONDS]),
        jitter=retry_jitter_factor,
        log_prints=log_prints,
        bind=Parameters(function).bind,
        is_async=inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function),
        yields=inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function),
        timeout=seconds_of(timeout_seconds),
        retry_condition=condition_of(retry_condition_fn),
        viz_return_value=viz_return_value,
        hooks=checked({"on_running": on_running, "on_completion": on_completion, "on_failure": on_failure}),
    )


def condition_of(given: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """Return a retry condition; refuse what cannot be called."""
    if given is not None and not callable(given):
        raise TypeError(f"retry_condition_fn takes a function of task, task run and state, not {given!r}")
    return given


def delays_of(given: Delays, retries: int, default: list[float]) -> list[float]:
    """Return the delays before retries, in seconds."""
    delays = given(retries) if callable(given) else default if given is None else given
    several = [float(one) for one in delays] if isinstance(delays, list | tuple) else [float(delays)]
    if any(one < 0 for one in several):
        raise ValueError(f"retry_delay_seconds: {given!r} has a delay below 0; use seconds from 0 on")
    if len(several) > 50:
        raise ValueError("retry_delay_seconds: a list may have at most 50 delays")
    return several


@overload
def task(function: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(**options: Unpack[TaskOptions]) -> Callable[[Callable[P, R]], Task[P, R]]: ...
def task(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function a task, with `@task` alone or with options: `@task(retries=2)`.

    Args:
        function: The function, of any kind: plain, async, a generator, a method.
        name: The task's name; by default the function's.
        description: Text for readers of the program.
        version: The task's version; by default none.
        tags: Tags of its runs, besides those of `tags` around the call; a tag may have a limit.
        task_run_name: The names of its runs: a template of the parameters such as `"load-{day}"`, or a callable that
            returns one. By default the task's name and three characters.
        retries: How often a run that failed is tried again; by default `tasks.default_retries`, which is 0.
        retry_delay_seconds: Seconds between two tries; a list has one for each retry, at most 50, the last one holding
            for all further ones; a callable is given the number of retries and returns the list. By default
            `tasks.default_retry_delay_seconds`, which is 0.
        retry_jitter_factor: The share by which delays vary at random: 0.5 makes 10 seconds 5 to 15. By default 0.
        retry_condition_fn: Called with the task, the run and the failed state; a retry only follows where it returns
            true. By default every failure is tried again.
        timeout_seconds: Seconds after which a try fails with the name TimedOut; by default never.
        log_prints: Whether prints become log lines of the run; by default as in the flow.
        viz_return_value: What stands for its value where a flow is drawn (`Flow.visualize`).
        on_running: Functions that are called with the task, the run and the state when a run begins to run.
        on_completion: The same, when a run completes.
        on_failure: The same, when a run fails with no retry left.

    Raises:
        TypeError: What is decorated is no function, or there is no such option.
        ValueError: An option has a value that it cannot have, such as a delay below 0.
    """
    return Task(function, **options) if function is not None else partial(Task, **options)
