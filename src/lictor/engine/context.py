"""What runs in the present context: the flow run, the task run in it, and the tags."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any

from lictor.client.connection import Connection
from lictor.engine.errors import Stopped, Suspension
from lictor.engine.origins import Origins
from lictor.kit.json import encode
from lictor.wire.types.flow_run import FlowRun

if TYPE_CHECKING:
    from uuid import UUID

    from lictor.engine.futures import Future
    from lictor.engine.places import Place
    from lictor.engine.specs import FlowSpec
    from lictor.engine.states import State
    from lictor.engine.task_run import LiveTaskRun
    from lictor.engine.task_runners import TaskRunner


class FlowContext:
    """A flow run as what happens in it sees it."""

    __slots__ = (
        "arguments",
        "cancelling",
        "claimed",
        "connection",
        "guard",
        "heartbeat_due",
        "log_prints",
        "numbers",
        "origins",
        "parent",
        "pauses",
        "pending",
        "place",
        "proposed",
        "related",
        "run",
        "run_id_text",
        "runner",
        "spec",
        "stopping",
        "suspended",
    )

    def __init__(self, spec: FlowSpec, run: FlowRun, connection: Connection, log_prints: bool) -> None:
        self.spec, self.run, self.connection, self.log_prints = spec, run, connection, log_prints
        self.run_id_text = str(run.id)
        self.parent = FLOW.get()
        self.arguments: dict[str, Any] = {}
        self.related = related_to(run, spec.name)
        self.origins = Origins()
        self.numbers: dict[str, count[int]] = {}
        self.pauses = 0
        """How many pauses the present try came to."""
        self.pending: dict[LiveTaskRun, Future[Any]] = {}
        self.runner: TaskRunner | None = None
        self.guard = threading.Lock()
        self.place: Place | None = None
        self.heartbeat_due = 0.0
        self.claimed: bool = False
        """Whether this process was started for the state that the run is in, and must not begin it from another."""
        self.proposed: UUID | None = None
        """The transition that the run itself wants, which is nobody else's."""
        self.stopping: bool = self.parent is not None and self.parent.stopping
        """Whether somebody cancelled this run, or one that it belongs to."""
        self.cancelling: State | None = None
        """The state in which somebody else cancelled the run."""
        self.suspended: State | None = None
        """The state in which somebody else suspended the run."""

    def outer(self) -> Iterator[FlowContext]:
        """Yield the runs that this one belongs to, the nearest first."""
        flow = self.parent
        while flow is not None:
            yield flow
            flow = flow.parent

    @property
    def is_part_of_cancelled(self) -> bool:
        """Whether somebody cancelled a run that this one belongs to."""
        return any(flow.cancelling is not None for flow in self.outer())

    def stay(self) -> None:
        """Raise what ends this run here, if somebody wants it to end."""
        if self.stopping:
            raise Stopped
        if self.suspended is not None:
            raise Suspension(self.suspended)

    def next_number(self, key: str) -> int:
        """Return how often a subflow was called in this run before."""
        return next(self.numbers.setdefault(key, count()))

    def task_runner(self) -> TaskRunner:
        """Return what runs submitted tasks."""
        if self.runner is None:
            with self.guard:
                if self.runner is None:
                    self.runner = self.spec.runner.duplicate().__enter__()
        return self.runner

    def close(self) -> None:
        """End what runs submitted tasks."""
        if self.runner is not None:
            self.runner.__exit__(None, None, None)

    def unfinished(self) -> list[Future[Any]]:
        """Return the submitted tasks that are not over."""
        return list(self.pending.values())


FLOW: ContextVar[FlowContext | None] = ContextVar("lictor_flow", default=None)
TASK: ContextVar[LiveTaskRun | None] = ContextVar("lictor_task", default=None)
TAGS: ContextVar[frozenset[str]] = ContextVar("lictor_tags", default=frozenset())


@contextmanager
def tags(*names: str) -> Iterator[frozenset[str]]:
    """Add tags to the runs of flows and tasks that are made inside a `with` block; blocks within blocks add up."""
    token = TAGS.set(TAGS.get() | set(names))
    try:
        yield TAGS.get()
    finally:
        TAGS.reset(token)


def related_to(run: FlowRun, flow_name: str) -> str:
    """Return the resources that every event of a flow run's tasks relates to, as JSON without its brackets."""
    return ",".join(
        encode(
            {
                "prefect.resource.id": f"prefect.{kind}.{key}",
                "prefect.resource.role": kind,
                "prefect.resource.name": name,
            }
        ).decode()
        for kind, key, name in (("flow-run", run.id, run.name), ("flow", run.flow_id, flow_name))
    )
