"""Deferred task runs: made here, run by a task worker, and waited for by a future that asks the server."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from lictor.client.connection import connection
from lictor.engine import states, stored_parameters
from lictor.engine.context import FLOW, TAGS
from lictor.engine.futures import Future
from lictor.engine.inputs import find
from lictor.engine.specs import TaskSpec, run_name
from lictor.engine.states import State
from lictor.kit.clock import now
from lictor.sdk.api.body import proposed
from lictor.sdk.objects import TaskRun
from lictor.wire.operations import task_run as rows
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRunCreate, TaskRunPolicy, TaskRunResult

CREATE, READ = rows.CREATE.giving(TaskRun), rows.READ.giving(TaskRun)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
R_co = TypeVar("R_co", covariant=True)


class DeferredFuture(Future[R_co], Generic[R_co]):
    """A deferred task's run: `wait`, `state` and `done` ask the server how far it is."""

    __slots__ = ()

    @property
    def state(self) -> State[R_co]:
        """The run's state, as the server knows it."""
        self.look()
        return self._state

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        self.look()
        return self._callbacks is None

    def look(self) -> None:
        """Ask the server for the run's state."""
        if self._callbacks is None:
            return
        found = connection().client(READ(id=self.task_run_id)).state
        if found is not None:
            (self.finish if found.is_final() else self.show)(found)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run is over, or `timeout` seconds are."""
        end = None if timeout is None else time.monotonic() + timeout
        pause = FIRST_PAUSE
        while not self.done and (end is None or time.monotonic() < end):
            left = pause if end is None else min(pause, max(0.0, end - time.monotonic()))
            time.sleep(left)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def wait_async(self) -> None:
        """Wait on the event loop until the run is over."""
        import asyncio  # noqa: PLC0415  # threads do without

        await asyncio.to_thread(self.wait)

    def __reduce__(self) -> Any:
        return again, (self.task_run_id, self.name, self._state)

    def __repr__(self) -> str:
        return f"DeferredFuture(name={self.name!r}, state={self._state!r})"


def again(task_run_id: UUID, name: str, state: State) -> DeferredFuture[Any]:
    """Return the future of a run, as another process gets it."""
    return DeferredFuture(task_run_id, name, state)


def defer(
    spec: TaskSpec, args: tuple[Any, ...], kwargs: dict[str, Any], wait_for: Iterable[Any] | None
) -> DeferredFuture[Any]:
    """Make a task run for a task worker to run, and return its future."""
    flow = FLOW.get()
    arguments = spec.bind(args, kwargs)
    inputs = find(arguments, None if flow is None else flow.origins, wait_for)
    parameters_id = uuid4()
    stored_parameters.keep(parameters_id, arguments, list(wait_for or ()))
    scheduled = states.new(StateType.SCHEDULED, "Scheduled")
    details = scheduled.state_details
    details.deferred, details.scheduled_time, details.task_parameters_id = True, now(), parameters_id
    run: TaskRun = connection().client(
        CREATE(
            TaskRunCreate(
                state=proposed(scheduled),
                name=(None if callable(spec.run_name) else run_name(spec, arguments)) or spec.name,
                flow_run_id=None if flow is None else flow.run.id,
                task_key=spec.key,
                dynamic_key=f"{spec.key}-{uuid4().hex}",
                task_version=spec.version,
                empirical_policy=TaskRunPolicy(
                    retries=spec.retries, retry_delay=spec.delays or 0, retry_jitter_factor=spec.jitter
                ),
                tags=sorted(spec.tags | TAGS.get()),
                task_inputs={name: [TaskRunResult(id=each) for each in runs] for name, runs in inputs.runs.items()},
            )
        )
    )
    return DeferredFuture(run.id, run.name, run.state or scheduled)
