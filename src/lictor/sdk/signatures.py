"""What type checkers are told of flows and tasks; nothing of it is there at run time save the names of the options."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, Protocol, TypeAlias, TypedDict, TypeVar, overload

if TYPE_CHECKING:
    from datetime import timedelta

    from lictor.engine.annotations import Annotation
    from lictor.engine.futures import Future
    from lictor.engine.states import State
    from lictor.engine.task_runners import TaskRunner
    from lictor.sdk.entrypoint import EntrypointType
    from lictor.sdk.runner_deployment import ConcurrencyLimitConfig
    from lictor.sdk.schedules import Schedule
    from lictor.sdk.task import Task
    from lictor.sdk.version_info import VersionType

P = ParamSpec("P")
T = TypeVar("T")
F_co = TypeVar("F_co", covariant=True)

Hooks: TypeAlias = "Sequence[Callable[..., Any]] | None"
Delays: TypeAlias = "float | list[float] | Callable[[int], list[float]] | None"


class FlowOptions(TypedDict, total=False):
    """The options of `@flow`."""

    name: str | None
    description: str | None
    version: str | None
    flow_run_name: str | Callable[..., str] | None
    retries: int | None
    retry_delay_seconds: float | None
    validate_parameters: bool
    log_prints: bool | None
    max_workers: int | None
    task_runner: TaskRunner | type[TaskRunner] | None
    timeout_seconds: float | None
    on_running: Hooks
    on_completion: Hooks
    on_failure: Hooks
    on_cancellation: Hooks
    on_crashed: Hooks


class TaskOptions(TypedDict, total=False):
    """The options of `@task`."""

    name: str | None
    description: str | None
    version: str | None
    tags: Iterable[str]
    task_run_name: str | Callable[..., str] | None
    retries: int | None
    retry_delay_seconds: Delays
    retry_jitter_factor: float | None
    log_prints: bool | None
    timeout_seconds: float | None
    retry_condition_fn: Callable[..., Any] | None
    viz_return_value: Any
    on_running: Hooks
    on_completion: Hooks
    on_failure: Hooks


class DeploymentOptions(TypedDict, total=False):
    """What may be said of a deployment of a flow."""

    interval: Iterable[float | timedelta] | float | timedelta | None
    cron: Iterable[str] | str | None
    rrule: Iterable[str] | str | None
    paused: bool | None
    schedule: Schedule | None
    schedules: Iterable[Any] | None
    parameters: dict[str, Any] | None
    description: str | None
    tags: list[str] | None
    version: str | None
    version_type: VersionType | str | None
    enforce_parameter_schema: bool
    entrypoint_type: EntrypointType | Literal["file_path", "module_path"]


class PoolOptions(DeploymentOptions, total=False):
    """What may be said beside of one whose runs wait in a work pool."""

    concurrency_limit: int | ConcurrencyLimitConfig | None
    work_queue_name: str | None
    job_variables: dict[str, Any] | None


class Of(Protocol[F_co]):
    """A flow or task of a function: checkers look into the function's type here, and not into that of a class."""

    @property
    def fn(self) -> F_co:
        """The function."""
        ...


if TYPE_CHECKING:
    Marked: TypeAlias = (
        Future[Any] | State[Any] | Annotation[Any] | Sequence[Future[Any] | State[Any]] | Mapping[Any, Future[Any]]
    )
    """What stands for a value, as an argument, until the run begins."""

    class Submit(Generic[P, T]):
        """`submit` of a task: the function's arguments, or futures and the like in place of the first ones."""

        @overload
        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...
        @overload
        def __call__(self, *args: Any, return_state: Literal[True], **kwargs: Any) -> State[T]: ...
        @overload
        def __call__(self, first: Marked, /, *args: Any, **kwargs: Any) -> Future[T]: ...
        @overload
        def __call__(self, first: Any, second: Marked, /, *args: Any, **kwargs: Any) -> Future[T]: ...
        @overload
        def __call__(self, first: Any, second: Any, third: Marked, /, *args: Any, **kwargs: Any) -> Future[T]: ...
        @overload
        def __call__(self, *args: Any, wait_for: Iterable[Any] | None, **kwargs: Any) -> Future[T]: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Submit a run."""

    class Submits:
        """Gives each task its `submit`, whose futures hold what the function comes to."""

        @overload
        def __get__(self, task: Task[P, Coroutine[Any, Any, T]], owner: Any = None) -> Submit[P, T]: ...
        @overload
        def __get__(self, task: Task[P, Generator[T, Any, Any]], owner: Any = None) -> Submit[P, list[T]]: ...
        @overload
        def __get__(self, task: Task[P, AsyncGenerator[T, Any]], owner: Any = None) -> Submit[P, list[T]]: ...
        @overload
        def __get__(self, task: Task[P, T], owner: Any = None) -> Submit[P, T]: ...
        def __get__(self, task: Any, owner: Any = None) -> Any:
            """Return the `submit` of a task."""
