"""A submitted task run on its way to where it runs, and from there to its future."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any
from uuid import UUID

from lictor.client.connection import Connection
from lictor.engine import states
from lictor.engine.context import FlowContext
from lictor.engine.drive import adrive, drive
from lictor.engine.effects import Outcome
from lictor.engine.endings import cut_off
from lictor.engine.errors import CrashedRun
from lictor.engine.futures import Future
from lictor.engine.specs import TaskSpec, collecting
from lictor.engine.states import State
from lictor.engine.task_run import ERROR, LiveTaskRun, placed, run_task


class Submission:
    """A task run that a task runner has to bring to its end: by `here`, or by what it does in its own place."""

    __slots__ = ("connection", "context", "flow", "future", "live")

    def __init__(self, live: LiveTaskRun, flow: FlowContext, connection: Connection) -> None:
        assert live.state is not None
        self.live, self.flow, self.connection = live, flow, connection
        self.future: Future[Any] = Future(live.run.id, live.run.name, live.state)
        live.future = self.future
        flow.pending[live] = self.future
        self.context = copy_context()

    @property
    def name(self) -> str:
        """The task run's name."""
        return self.live.run.name

    @property
    def task_run_id(self) -> UUID:
        """The task run's id."""
        return self.live.run.id

    def here(self) -> None:
        """Run the task in this thread; its future comes to its end whatever happens."""
        self.context.run(self.run)

    def run(self) -> None:
        """Run the task in this context."""
        if self.future.done:  # the flow ended before its turn
            return
        try:
            outcome = run_here(self.live, self.connection)
        except BaseException as error:  # nobody else hears of it
            outcome = Outcome(self.live.enter(cut_off(self.flow, error)), error)
        self.finish(outcome.state)

    def crash(self, why: str) -> None:
        """End the run as one that was cut off."""
        state = states.Crashed(why)
        state.error = CrashedRun(why)
        self.end(state)

    def end(self, state: State) -> None:
        """End the run in a state that nobody told of yet."""
        if not self.future.done:
            self.live.enter(state)
            self.live.say(ERROR, f"Finished in state {state!r}")
        self.finish(state)

    def finish(self, state: State) -> None:
        """Give the future the state that the run ended in."""
        self.future.finish(state)
        self.flow.pending.pop(self.live, None)


def submission(  # what a call of a task is
    spec: TaskSpec,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    flow: FlowContext,
    connection: Connection,
    wait_for: Any = None,
    parents: dict[str, list[UUID]] | None = None,
) -> Submission:
    """Return a new task run that is to be run."""
    spec = collecting(spec) if spec.yields else spec
    return Submission(LiveTaskRun(spec, args, kwargs, connection.outbox, wait_for, parents), flow, connection)


def run_here(live: LiveTaskRun, here: Connection) -> Outcome:
    """Run a task in this thread, an async one on an event loop of its own."""
    if not live.spec.is_async:
        with placed(live):
            return drive(run_task(live), lambda: here.client)
    import asyncio  # noqa: PLC0415  # threads do without

    async def whole() -> Outcome:
        with placed(live):
            return await adrive(run_task(live), lambda: here.client)

    return asyncio.run(whole())
