"""Task workers: processes that run the deferred runs of the tasks that they serve."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.client.connection import connection
from lictor.client.subscription import Subscription
from lictor.engine import stored_parameters
from lictor.engine.specs import TaskSpec, collecting
from lictor.engine.states import Crashed
from lictor.engine.submission import run_here
from lictor.engine.task_run import LiveTaskRun
from lictor.sdk.api.body import proposed
from lictor.sdk.objects import TaskRun
from lictor.sdk.parameters import Parameters
from lictor.sdk.stopping import stopped_by_signals
from lictor.settings import current
from lictor.wire.operations.task_run import SET_STATE
from lictor.wire.types.state import SetState

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from lictor.sdk.task import Task

logger = logging.getLogger("lictor.task_worker")

PATH = "/task_runs/subscriptions/scheduled"
FLUSH_SECONDS = 10.0
read_run = msgspec.json.Decoder(TaskRun, strict=False).decode


class TaskWorker:
    """Runs deferred runs of some tasks, so many at once at the most; `start` returns when `stop` is called.

    A run is taken when there is a free place for it. The server hears that it began before it hears that it
    arrived: a run that a killed worker was sent and had not begun goes to another worker.
    """

    def __init__(self, *tasks: Task[..., Any], limit: int | None = 10) -> None:
        import socket  # noqa: PLC0415  # tasks that nobody serves do without

        if not tasks or not all(isinstance(getattr(task, "spec", None), TaskSpec) for task in tasks):
            raise TypeError("serve takes tasks: functions made tasks with @task")
        if limit is not None and limit < 1:
            raise ValueError("limit: at least 1 run at once; None for any number")
        self.tasks = {task.spec.key: task for task in tasks}
        self.names = sorted(task.name for task in tasks)
        self.tasks.update({key: task for task in tasks if (key := stored_parameters.key_by_code(task.fn)) is not None})
        self.limit, self.client_id = limit, f"{socket.gethostname()}-{os.getpid()}"
        self.places = threading.Semaphore(limit) if limit is not None else None
        self.ended = threading.Event()
        self.running: set[UUID] = set()

    def start(self, timeout: float | None = None) -> None:
        """Run what comes, until `stop` is called or `timeout` seconds are over; then wait for what runs still."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # see above

        for task in self.tasks.values():
            task.ready()
        timer = None if timeout is None else threading.Timer(timeout, self.stop)
        subscription = {"type": "subscribe", "keys": sorted(self.tasks), "client_id": self.client_id}
        with ThreadPoolExecutor(self.limit or 1000, thread_name_prefix="lictor-deferred") as threads:
            if timer is not None:
                timer.daemon = True
                timer.start()
            incoming = Subscription(current(), PATH, subscription, self.ended)
            incoming.take(lambda frame: self.begin(frame, threads), self.tell)
        connection().settle(hasty=False)

    def stop(self) -> None:
        """Take no more runs; what runs is brought to its end."""
        self.ended.set()

    def tell(self) -> None:
        """Say what is served."""
        logger.info("Task worker %s serves %s", self.client_id, ", ".join(self.names))

    def begin(self, frame: str, threads: ThreadPoolExecutor) -> None:
        """Begin a run as soon as there is a place for it."""
        run = read_run(frame)
        if run.id in self.running:
            return
        if self.places is not None:
            self.places.acquire()
        self.running.add(run.id)
        try:
            live = self.adopted(run)
        except Exception as error:
            logger.exception("Task run %s (%s) cannot be run here", run.id, run.name)
            crashed = Crashed(f"Its arguments cannot be read by {self.client_id}: {error!r}")
            connection().client(SET_STATE(SetState(state=proposed(crashed), force=True), id=run.id))
            self.over(run.id)
            return
        connection().outbox.flush(FLUSH_SECONDS, logs=False)
        threads.submit(self.carry_out, live)

    def adopted(self, run: TaskRun) -> LiveTaskRun:
        """Return a run with the arguments that were kept for it."""
        task = self.tasks[run.task_key]
        details = None if run.state is None else run.state.state_details
        parameters_id = None if details is None else details.task_parameters_id
        arguments, wait_for = ({}, []) if parameters_id is None else stored_parameters.read(parameters_id)
        spec = collecting(task.spec) if task.spec.yields else task.spec
        args, kwargs = spread(task, arguments)
        return LiveTaskRun(spec, args, kwargs, connection().outbox, wait_for, known=run)

    def carry_out(self, live: LiveTaskRun) -> None:
        """Run a run to its end, and give its place to the next."""
        try:
            run_here(live, connection())
        except BaseException:
            logger.exception("Task run %s ended in an error of the engine", live.run.id)
        finally:
            self.over(live.run.id)

    def over(self, run_id: UUID) -> None:
        """Give a run's place to the next."""
        self.running.discard(run_id)
        if self.places is not None:
            self.places.release()


def spread(task: Task[..., Any], arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments by name as they are passed to the function; defaults fill in what is not there."""
    parameters = Parameters(task.fn)
    return parameters.spread({**parameters.defaults, **arguments})


def serve(*tasks: Task[..., Any], limit: int | None = 10, timeout: float | None = None) -> None:
    """Run the deferred runs of some tasks (`task.delay(...)`), until the process is interrupted or terminated.

    Args:
        tasks: The tasks; their functions are those of the program that defers them.
        limit: How many runs at once at the most, 10 by default; None for any number.
        timeout: Seconds after which it returns; by default it does not.

    Raises:
        TypeError: There is something else than tasks, or nothing.
        ClientError: The server refuses the subscription.
    """
    worker = TaskWorker(*tasks, limit=limit)
    with stopped_by_signals(worker.stop):
        worker.start(timeout)
