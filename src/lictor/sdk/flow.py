"""Flows: `@flow` makes a function one whose calls are runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, TypeVar, cast, overload

import msgspec

from lictor.client.connection import Connection, connection
from lictor.engine.call_stacks import fold
from lictor.engine.drive import adrive, drive
from lictor.engine.effects import Engine
from lictor.engine.errors import InvalidName
from lictor.engine.flow_run import run_flow
from lictor.engine.hooks import checked
from lictor.engine.signals import watching
from lictor.engine.specs import FlowSpec
from lictor.engine.task_runners import TaskRunner, ThreadPoolTaskRunner
from lictor.sdk.answer import answer, exhausted, yielded
from lictor.sdk.attributes import FlowAttributes
from lictor.sdk.calling import called
from lictor.sdk.drawing import DRAWING, Drawing, adrawn, drawn
from lictor.sdk.entrypoint import load
from lictor.sdk.flow_deployments import FlowDeployments
from lictor.sdk.graphviz import picture, show
from lictor.sdk.logging import catch_prints, set_up
from lictor.sdk.methods import bound, taken_apart
from lictor.sdk.options import add_hook, changed_options, given_options, naming, seconds_of
from lictor.sdk.origin import file_of, key_of, version_of_file
from lictor.sdk.parameters import Parameters
from lictor.sdk.portable import Portable
from lictor.sdk.runner_deployment import Source
from lictor.sdk.showing import shown
from lictor.sdk.storage import RunnerStorage, code_of, storage_of
from lictor.settings import current, table

if TYPE_CHECKING:
    from typing import Unpack

    from lictor.engine.states import State
    from lictor.sdk.signatures import FlowOptions, Hooks, Of
    from lictor.wire.types.flow_run import FlowRun

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S")
T = TypeVar("T")
H = TypeVar("H", bound=Callable[..., Any])

FORBIDDEN = frozenset("/%&><")

RESET = frozenset({"log_prints"})
"""Options that are None in `with_options` to have their defaults again."""


class Flow(FlowAttributes, FlowDeployments, Portable, Generic[P, R_co]):
    """A function whose calls are flow runs.

    A call takes the function's arguments and returns its value, or raises what it raised; ParameterBindError and
    ParameterTypeError where the arguments do not fit. Two more arguments are taken: `return_state=True` returns the
    final state in place of the value, `wait_for=[...]` names futures that must be done before. A call in a flow is a
    run of its own, shown as a task run of the flow around it.
    """

    def __init__(self, fn: Callable[P, R_co], **options: Unpack[FlowOptions]) -> None:
        self.set(fn, cast("dict[str, Any]", options))

    def set(self, function: Callable[P, R_co], options: dict[str, Any]) -> None:
        """Become a flow of a function with options."""
        plain, self.kind = taken_apart(function)
        self.fn: Callable[P, R_co] = plain
        self.options = options
        update_wrapper(self, plain)
        self.spec = given_options(spec_of, "flow", plain, self.options)
        self.spec.owner, self.spec.shown = self, shown
        self.name = self.spec.name
        self.source: Source | None = None
        """Where its code comes from, of a flow of `from_source`."""

    @staticmethod
    def from_source(source: Any, entrypoint: str) -> Flow[..., Any]:
        """Return a flow whose code is somewhere else; its deployments tell runs to get it from there.

        To be awaited in async code; `afrom_source` always is.

        Args:
            source: A repository's address, a folder, an address that fsspec reaches such as `s3://bucket/folder`; a
                `GitRepository`, `RemoteStorage` or `LocalStorage` of `lictor.runner.storage`; or a saved block that
                folders come from, such as a RemoteFileSystem.
            entrypoint: Where the flow is in it, `path/to/file.py:flow` or `package.module.flow`.

        Raises:
            EntrypointError: There is no such flow in it.
            GitError: The repository cannot be cloned.
            ImportError: A package is missing that the source needs.
            RuntimeError: The source cannot be had.
            ValueError: There is no such folder.
        """
        found: Flow[..., Any] = called(partial(from_storage, storage_of(source), entrypoint))
        return found

    @staticmethod
    async def afrom_source(source: Any, entrypoint: str) -> Flow[..., Any]:
        """Return a flow whose code is somewhere else, as `from_source` does."""
        import asyncio  # noqa: PLC0415  # threads do without

        return await asyncio.to_thread(from_storage, storage_of(source), entrypoint)

    @overload
    def __call__(
        self: Flow[..., Coroutine[Any, Any, T]],
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
        """Run the flow; an async flow's run begins when the answer is awaited."""
        return_state = bool(kwargs.pop("return_state", False))
        wait_for = kwargs.pop("wait_for", None)
        try:
            if (drawing := DRAWING.get()) is not None:
                return drawing.call(self.spec, args, kwargs, wait_for, return_state)
            here, engine = self.begin(self.spec.bind(args, kwargs), wait_for)
            if self.spec.yields:
                return yielded(engine, here, self.spec.is_async)
            if self.spec.is_async:
                return acall(engine, here, return_state)
            with watching():
                return answer(drive(engine, lambda: here.client), return_state)
        except BaseException as error:
            fold(error)
            raise

    def begin(
        self, arguments: dict[str, Any], wait_for: Any = None, again: FlowRun | None = None, claimed: bool = False
    ) -> tuple[Connection, Engine]:
        """Return what runs the flow, and the connection that it runs with."""
        set_up()
        if self.spec.log_prints is not False:
            catch_prints()
        here = connection()
        return here, run_flow(self.spec, arguments, here, wait_for, again, claimed)

    def run_again(self, run: FlowRun, claimed: bool = False) -> State:
        """Run a scheduled flow run of this flow in this process, with the parameters it has; return its final state.

        One that is `claimed` is begun only from the state that it has here. Raises SignatureMismatch or
        ParameterTypeError if its parameters are not the flow's.
        """
        parameters = Parameters(self.fn).named(msgspec.json.decode(run.parameters))
        here, engine = self.begin(parameters, again=run, claimed=claimed)
        if self.spec.yields:
            return cast("State", exhausted(engine, here, self.spec.is_async))
        if self.spec.is_async:
            import asyncio  # noqa: PLC0415  # threads do without

            return cast("State", asyncio.run(acall(engine, here, True)))
        with watching():
            return cast("State", answer(drive(engine, lambda: here.client), True))

    def visualize(self, *args: Any, **kwargs: Any) -> Any:
        """Draw the flow without running it: write `<its name>.png` in the working directory, and open it.

        The flow's function is called with these arguments, and its code runs; what it calls of tasks and flows does
        not, each of them becomes a node. A task gives its `viz_return_value`, or else something that can only be given
        on to others. To be awaited where an event loop runs.

        Raises:
            GraphvizExecutableNotFoundError: Graphviz is not installed; `generate_mermaid_graph` does without.
            FlowVisualizationError: Graphviz makes no picture.
        """
        import asyncio  # noqa: PLC0415  # threads do without

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self.depict(drawn(partial(self.fn, *args, **kwargs), self.spec.is_async))
        return self.avisualize(*args, **kwargs)

    async def avisualize(self, *args: Any, **kwargs: Any) -> None:
        """Draw the flow as `visualize` does, on this event loop."""
        self.depict(await adrawn(partial(self.fn, *args, **kwargs), self.spec.is_async))

    def depict(self, drawing: Drawing) -> None:
        """Write a drawing's picture, and open it."""
        path = f"{self.name}.png"
        picture(drawing.dot(), path)
        show(path)

    def generate_mermaid_graph(self, *args: Any, **kwargs: Any) -> str:
        """Draw the flow as `visualize` does, and return the drawing as a flowchart in Mermaid's language."""
        return drawn(partial(self.fn, *args, **kwargs), self.spec.is_async).mermaid()

    async def agenerate_mermaid_graph(self, *args: Any, **kwargs: Any) -> str:
        """Draw the flow as `generate_mermaid_graph` does, on this event loop."""
        return (await adrawn(partial(self.fn, *args, **kwargs), self.spec.is_async)).mermaid()

    def with_options(self, **options: Unpack[FlowOptions]) -> Flow[P, R_co]:
        """Return a flow like this one, with other options; one that is None stays as it is.

        With None `log_prints` is again as it is without the option.
        """
        changed = changed_options(self.options, cast("dict[str, Any]", options), RESET)
        made = Flow(self.fn if self.kind is None else self.kind(self.fn), **changed)
        made.source = self.source
        return made

    def on_running(self, function: H) -> H:
        """Call a function when a run of this flow begins to run."""
        return self.hook("on_running", function)

    def on_completion(self, function: H) -> H:
        """Call a function when a run of this flow completes."""
        return self.hook("on_completion", function)

    def on_failure(self, function: H) -> H:
        """Call a function when a run of this flow fails."""
        return self.hook("on_failure", function)

    def on_cancellation(self, function: H) -> H:
        """Call a function when a run of this flow is being cancelled."""
        return self.hook("on_cancellation", function)

    def on_crashed(self, function: H) -> H:
        """Call a function when a run of this flow is cut off."""
        return self.hook("on_crashed", function)

    def hook(self, option: str, function: H) -> H:
        """Add a hook, and give it back."""
        add_hook(self.spec, self.options, option, function)
        return function

    @overload
    def __get__(self: Of[Callable[Concatenate[type[S], Q], T]], instance: None, owner: type[S]) -> Flow[Q, T]: ...
    @overload
    def __get__(
        self: Of[Callable[Concatenate[type[S], Q], T]], instance: S, owner: type[S] | None = None
    ) -> Flow[Q, T]: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Flow[P, R_co]: ...
    @overload
    def __get__(self: Of[Callable[Concatenate[S, Q], T]], instance: S, owner: type | None = None) -> Flow[Q, T]: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Flow[P, R_co]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind a flow that is a method to its object or class."""
        function = bound(self.fn, self.kind, instance, owner)
        return self if function is None else Flow(function, **self.options)

    def __repr__(self) -> str:
        return f"<Flow {self.name!r}>"


async def acall(engine: Engine, here: Connection, return_state: bool) -> Any:
    """Run an async flow on the event loop."""
    import asyncio  # noqa: PLC0415  # threads do without

    try:
        with watching() as watch:
            if watch is not None:
                loop, task = asyncio.get_running_loop(), asyncio.current_task()
                assert task is not None
                watch.cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            return answer(await adrive(engine, lambda: here.client), return_state)
    except BaseException as error:
        fold(error)
        raise


def from_storage(storage: RunnerStorage, entrypoint: str) -> Flow[..., Any]:
    """Get the code of a place, and return the flow in it."""
    kind: type[Flow[..., Any]] = Flow
    found = load(entrypoint, kind, code_of(storage)).with_options()
    found.source = Source(storage, entrypoint)
    return found


def spec_of(  # noqa: PLR0913  # a decorator's options
    function: Callable[..., Any],
    *,
    name: str | None = None,
    version: str | None = None,
    flow_run_name: str | Callable[..., str] | None = None,
    retries: int | None = None,
    retry_delay_seconds: float | None = None,
    validate_parameters: bool = True,
    log_prints: bool | None = None,
    max_workers: int | None = None,
    task_runner: TaskRunner | type[TaskRunner] | None = None,
    description: str | None = None,
    timeout_seconds: float | None = None,
    on_running: Hooks = None,
    on_completion: Hooks = None,
    on_failure: Hooks = None,
    on_cancellation: Hooks = None,
    on_crashed: Hooks = None,
) -> FlowSpec:
    """Return what the engine needs to know of a flow; settings fill in what is not given."""
    if not callable(function):
        raise TypeError(f"@flow goes on a function, not on {type(function).__name__}")
    if name is not None and not isinstance(name, str):
        raise TypeError(f"a flow's name is a text, not {name!r}")
    title = name or function_name(function).replace("_", "-")
    if FORBIDDEN & set(title):
        raise InvalidName(f"a flow's name must not contain {' '.join(sorted(FORBIDDEN))}: {title!r}")
    settings = current()
    parameters = Parameters(function)
    default_delay = settings[table.FLOWS_DEFAULT_RETRY_DELAY_SECONDS]
    return FlowSpec(
        function=function,
        name=title,
        key=key_of(function),
        version=version if version is not None else version_of_file(file_of(function)),
        run_name=naming("flow_run_name", flow_run_name),
        retries=settings[table.FLOWS_DEFAULT_RETRIES] if retries is None else retries,
        retry_delay=(default_delay[0] if default_delay else 0.0)
        if retry_delay_seconds is None
        else retry_delay_seconds,
        log_prints=log_prints,
        runner=runner_of(task_runner, max_workers),
        bind=parameters.bind,
        validate=parameters.validate if validate_parameters else parameters.spread,
        is_async=inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function),
        yields=inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function),
        timeout=seconds_of(timeout_seconds),
        hooks=checked(
            {
                "on_running": on_running,
                "on_completion": on_completion,
                "on_failure": on_failure,
                "on_cancellation": on_cancellation,
                "on_crashed": on_crashed,
            }
        ),
    )


def runner_of(given: TaskRunner | type[TaskRunner] | None, max_workers: int | None) -> TaskRunner:
    """Return a flow's task runner: the given one, or threads."""
    if given is None:
        return ThreadPoolTaskRunner(max_workers)
    if max_workers is not None:
        raise ValueError("max_workers and task_runner exclude each other: give the number to the task runner")
    runner = given() if isinstance(given, type) else given
    if not isinstance(runner, TaskRunner):
        raise TypeError(f"task_runner takes a TaskRunner such as ThreadPoolTaskRunner(max_workers=4), not {given!r}")
    return runner


def function_name(function: Callable[..., Any]) -> str:
    """Return a function's name, one for those without."""
    name = str(getattr(function, "__name__", type(function).__name__))
    return "unknown-lambda" if name == "<lambda>" else name


@overload
def flow(function: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(**options: Unpack[FlowOptions]) -> Callable[[Callable[P, R]], Flow[P, R]]: ...
def flow(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a function a flow, with `@flow` alone or with options: `@flow(retries=2)`.

    Args:
        function: The function, of any kind: plain, async, a generator, a method.
        name: The flow's name; by default the function's, with dashes for underscores.
        description: Text for readers of the program.
        version: The flow's version; by default a digest of its file.
        flow_run_name: The names of its runs: a template of the parameters such as `"load-{day}"`, or a callable that
            returns one. By default two words are drawn.
        retries: How often a run that failed is tried again; by default `flows.default_retries`, which is 0.
        retry_delay_seconds: Seconds between two tries; by default `flows.default_retry_delay_seconds`, which is 0.
        validate_parameters: Whether arguments are checked and converted by the annotations; by default they are.
        log_prints: Whether prints become log lines of the run; by default as in the flow around it, else
            `logging.log_prints`, which is off.
        task_runner: Where submitted tasks run, see lictor.task_runners; by default in threads.
        max_workers: How many threads run submitted tasks, where no task runner is given; by default
            `tasks.runner.thread_pool_max_workers`.
        timeout_seconds: Seconds after which a run fails with the name TimedOut; by default never.
        on_running: Functions that are called with the flow, the run and the state when a run begins to run.
        on_completion: The same, when a run completes.
        on_failure: The same, when a run fails with no retry left.
        on_cancellation: The same, when a run is being cancelled.
        on_crashed: The same, when a run is cut off.

    Raises:
        TypeError: What is decorated is no function, or there is no such option.
        ValueError: An option has a value that it cannot have, such as a timeout of 0.
    """
    return Flow(function, **options) if function is not None else partial(Flow, **options)


flow.from_source = Flow.from_source  # type: ignore[attr-defined]  # as programs call it
flow.afrom_source = Flow.afrom_source  # type: ignore[attr-defined]  # see above
