"""Where a flow's submitted tasks run: in threads, in processes, or where a class of one's own lets them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from lictor.engine.process_pool import Processes
from lictor.engine.submission import Submission
from lictor.engine.threads import Threads
from lictor.settings import current, table

if TYPE_CHECKING:
    from lictor.engine.futures import Future, FutureList


class TaskRunner:
    """Runs submitted tasks; for a runner of one's own define `start`, and what else it needs.

    Each flow run makes a `duplicate` of the runner that its flow was given, enters it as a context manager when the
    first task is submitted, and leaves it when the run is over.
    """

    def start(self, run: Submission) -> None:
        """Begin a task run, and return without waiting for it: sooner or later call `run.here()`, in any thread."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a task run starts: define start(run)")

    def submit(self, task: Any, parameters: dict[str, Any], wait_for: Iterable[Any] | None = None) -> Future[Any]:
        """Submit a run of a task in the flow that runs here, and return its future."""
        future: Future[Any] = task.submitted(self, (), parameters, wait_for)
        return future

    def map(self, task: Any, parameters: dict[str, Any], wait_for: Iterable[Any] | None = None) -> FutureList[Any]:
        """Submit a run of a task for each item of the parameters that are collections."""
        futures: FutureList[Any] = task.mapped(self, (), parameters, wait_for)
        return futures

    def duplicate(self) -> Self:
        """Return a runner like this one for another flow run."""
        return type(self)()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of threads, processes and the like; no run waits any more, unless the flow run was cut off."""


class Pooled(TaskRunner):
    """A runner of at most `max_workers` task runs at a time."""

    def __init__(self, max_workers: int | None = None) -> None:
        if max_workers is not None and max_workers < 1:
            raise ValueError(f"max_workers: {max_workers} is not above 0; leave it out for the default")
        self.max_workers = max_workers

    def duplicate(self) -> Self:
        """Return a runner like this one for another flow run."""
        return type(self)(self.max_workers)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other)["max_workers"] == self.max_workers

    def __hash__(self) -> int:
        return hash((type(self), self.max_workers))

    def __reduce__(self) -> Any:
        return type(self), (self.max_workers,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(max_workers={self.max_workers})"


class ThreadPoolTaskRunner(Pooled):
    """Runs tasks in threads of this process.

    `max_workers` is how many at a time, those of the setting `tasks.runner.thread_pool_max_workers` unless given; as
    many as help if neither is.
    """

    threads: Threads | None = None

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__(current()[table.TASKS_RUNNER_THREAD_POOL_MAX_WORKERS] if max_workers is None else max_workers)

    def start(self, run: Submission) -> None:
        """Run a task in a thread."""
        opened(self, self.threads).submit(run.here)

    def __enter__(self) -> Self:
        self.threads = Threads("lictor-task", self.max_workers)
        return self

    def __exit__(self, *error: object) -> None:
        """Let the threads end."""
        if self.threads is not None:
            self.threads.close()


class ProcessPoolTaskRunner(Pooled):
    """Runs tasks in processes of their own, started as `multiprocessing` is set to: by `spawn`, `fork` or `forkserver`.

    `max_workers` is how many at a time, those of the setting `tasks.runner.process_pool_max_workers` unless given; as
    many as there are processors if neither is. Functions, arguments and results are pickled, also lambdas, closures and
    what stands in the program itself; events and log lines go by way of this process.
    """

    processes: Processes | None = None

    def __init__(self, max_workers: int | None = None) -> None:
        given = current()[table.TASKS_RUNNER_PROCESS_POOL_MAX_WORKERS] if max_workers is None else max_workers
        super().__init__(given or os.cpu_count() or 1)

    def start(self, run: Submission) -> None:
        """Run a task in a process."""
        opened(self, self.processes).submit(run)

    def __enter__(self) -> Self:
        assert self.max_workers is not None
        self.processes = Processes(self.max_workers, ThreadPoolTaskRunner())
        return self

    def __exit__(self, *error: object) -> None:
        """End the processes, also those that are busy."""
        if self.processes is not None:
            self.processes.close()


def opened(runner: TaskRunner, pool: Any) -> Any:
    """Return a runner's pool; say so if it has none yet."""
    if pool is None:
        raise RuntimeError(f"{runner!r} is not open: use it as `with {type(runner).__name__}() as runner:`")
    return pool
