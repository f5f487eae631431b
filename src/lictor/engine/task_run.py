"""The task engine: a task run decides its own states and tells of them by events."""

from __future__ import annotations

import logging
import random
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from lictor.client.outbox import Outbox
from lictor.engine import states
from lictor.engine.context import FLOW, TAGS, TASK, FlowContext
from lictor.engine.effects import Effect, Engine, Hook, Outcome, Run, Sleep, Steps, Wait, told
from lictor.engine.endings import cut_off, listed, state_of_error, state_of_task_value
from lictor.engine.errors import UnfinishedRun
from lictor.engine.futures import Future
from lictor.engine.hooks import call_hooks
from lictor.engine.inputs import Inputs, fill, find
from lictor.engine.places import Place
from lictor.engine.run_logger import TASK_RUNS, Facts, facts_of_task_run, pause_of, say
from lictor.engine.slots import slots
from lictor.engine.specs import TaskSpec, run_name
from lictor.engine.states import State
from lictor.engine.task_event import event_of, head_of
from lictor.kit.backoff import spread
from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.rules.advance import advance_task_run
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRun

INFO, ERROR = logging.INFO, logging.ERROR


class LiveTaskRun:
    """A task run in this process: its record, and what its events say."""

    __slots__ = (
        "args",
        "facts",
        "flow",
        "follows",
        "future",
        "head",
        "id_text",
        "inputs",
        "kwargs",
        "log_prints",
        "outbox",
        "place",
        "run",
        "spec",
        "state",
    )

    def __init__(
        self,
        spec: TaskSpec,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        outbox: Outbox,
        wait_for: Any = None,
        parents: dict[str, list[UUID]] | None = None,
        known: TaskRun | None = None,
    ) -> None:
        """`known` is a run that the server has and that is to go on here."""
        if outbox.full:
            outbox.make_room()
        flow, parent = FLOW.get(), TASK.get()
        if flow is not None and (flow.stopping or (flow.suspended is not None and parent is None)):
            flow.stay()
        arguments = spec.bind(args, kwargs)
        self.spec, self.args, self.kwargs, self.outbox, self.flow = spec, args, kwargs, outbox, flow
        self.inputs = inputs = find(arguments, None if flow is None else flow.origins, wait_for)
        if parents:
            for name, runs in parents.items():
                inputs.runs[name] = [*runs, *(run for run in inputs.runs.get(name, ()) if run not in runs)]
        if parent is not None:
            inputs.runs["__parents__"] = [parent.run.id]
        template = None if callable(spec.run_name) else run_name(spec, arguments)
        self.run: TaskRun = new_run(spec, str(uuid4()), template, flow) if known is None else gone_on(known)
        self.id_text = str(self.run.id)
        if callable(spec.run_name):
            self.run.name = self.name_of_callable(arguments)
        self.log_prints = spec.log_prints if spec.log_prints is not None else flow is not None and flow.log_prints
        related = related_to_flow_run(self.run) if flow is None else flow.related
        self.head = head_of(spec, self.run, inputs.runs, related, self.id_text)
        self.facts: Facts = facts_of_task_run(self)
        self.follows: str | None = None
        self.future: Future[Any] | None = None
        self.place: Place | None = None
        self.state: State | None = None
        if known is not None and isinstance(known.state, State):
            self.follow(known.state)
        self.enter(states.Pending())

    def name_of_callable(self, arguments: dict[str, Any]) -> str:
        """Return the name that a callable makes, which may look at the run."""
        token = TASK.set(self)
        try:
            return run_name(self.spec, arguments) or self.run.name
        finally:
            TASK.reset(token)

    def enter(self, state: State) -> State:
        """Go into a state and tell of it; a run that was brought to its end from outside stays there."""
        before = self.state
        if before is not None and before.is_final():
            return before
        details = state.state_details
        details.task_run_id, details.flow_run_id = self.run.id, self.run.flow_run_id
        if state.type == StateType.RUNNING and self.flow is not None:
            self.run.flow_run_run_count = self.flow.run.run_count
        advance_task_run(self.run, state)
        self.state = state
        text, self.follows = event_of(self.head, self.run, before, state, self.follows)
        self.outbox.event(text.encode())
        if self.future is not None:
            self.future.show(state)
        return state

    def follow(self, state: State) -> None:
        """Note a state that the run entered in another process, which told of it."""
        advance_task_run(self.run, state)
        self.state, self.follows = state, str(state.id)
        if self.future is not None:
            self.future.show(state)

    def say(self, level: int, message: str, error: BaseException | None = None) -> None:
        """Log a line of this run."""
        say(TASK_RUNS, level, message, self.facts, error)


def new_run(spec: TaskSpec, key: str, name: str | None, flow: FlowContext | None) -> TaskRun:
    """Return a task run that has not begun."""
    tags = spec.tags | TAGS.get() if TAGS.get() else spec.tags
    return TaskRun(
        id=uuid7(),
        created=None,
        updated=None,
        name=name or (f"{spec.name}-{key[:3]}" if flow is not None else spec.name),
        flow_run_id=None if flow is None else flow.run.id,
        task_key=spec.key,
        dynamic_key=key,
        task_version=spec.version,
        tags=sorted(tags) if tags else [],
    )


def gone_on(known: TaskRun) -> TaskRun:
    """Return a run that was made elsewhere, before any state."""
    kept = ("id", "name", "flow_run_id", "task_key", "dynamic_key", "task_version", "tags")
    return TaskRun(created=None, updated=None, **{name: getattr(known, name) for name in kept})


def related_to_flow_run(run: TaskRun) -> str | None:
    """Return the resource of a run's flow run that goes on elsewhere, as JSON."""
    if run.flow_run_id is None:
        return None
    return f'{{"prefect.resource.id":"prefect.flow-run.{run.flow_run_id}","prefect.resource.role":"flow-run"}}'


def run_task(live: LiveTaskRun) -> Engine:
    """Run a task until it is over, retries included."""
    if live.inputs.open:
        not_ready = yield from filled(live)
        if not_ready is not None:
            return not_ready
    slot = slots(live) if live.run.tags else None
    try:
        if slot is not None:
            yield from slot.take()
        live.enter(states.Running())
        outcome = yield from attempts(live)
    except GeneratorExit:  # the event loop is gone, and nobody would do what is asked for
        if slot is not None:
            slot.let_go()
        raise
    except BaseException as error:  # whatever cuts a run off must be told
        outcome = crashed(live, error)
    if live.spec.hooks:
        yield from hooked(live)
    if slot is not None:
        yield from slot.give_back()
    return outcome


def filled(live: LiveTaskRun) -> Generator[Effect, Any, Outcome | None]:
    """Put results in the place of futures among the arguments; return the outcome of a run that cannot begin."""
    not_ready = yield from wait_for_inputs(live.inputs)
    if not_ready is not None:
        live.say(ERROR, f"Finished in state {not_ready!r}")
        return Outcome(live.enter(not_ready))
    live.args = tuple([fill(value) for value in live.args])
    live.kwargs = {name: fill(value) for name, value in live.kwargs.items()}
    return None


def attempts(live: LiveTaskRun) -> Engine:
    """Call the function until it succeeds or no retry is left."""
    spec = live.spec
    effect = Run(spec.function, live.args, live.kwargs, spec.timeout)
    for retry in count(1):
        if spec.hooks:
            yield from hooked(live)
        token = TASK.set(live)
        try:
            value = listed((yield effect))
        except Exception as wrapped:  # the user's function may raise anything
            error = told(wrapped)
        else:
            return finished(live, state_of_task_value(value))
        finally:
            TASK.reset(token)
        failed = state_of_error("Task run", error)
        if retry > spec.retries or (spec.retry_condition and not (yield from worth_it(live, failed))):
            return finished(live, failed, error)
        yield from pause(live, retry, error)
    raise AssertionError


def hooked(live: LiveTaskRun) -> Steps:
    """Call the hooks of the state that a run has entered."""
    assert live.state is not None
    token = TASK.set(live)
    try:
        yield from call_hooks(live.spec, live.run, live.state, TASK_RUNS, live.facts)
    finally:
        TASK.reset(token)


def worth_it(live: LiveTaskRun, failed: State) -> Generator[Effect, Any, bool]:
    """Ask the user's condition whether a failed run is to be tried again; a condition that raises says no."""
    assert live.spec.retry_condition is not None
    try:
        wanted = yield Hook(live.spec.retry_condition, (live.spec.owner, live.spec.shown(live.run), failed))
    except Exception as error:
        live.say(ERROR, f"The retry condition raised {error!r}: the run is not tried again", error)
        return False
    return bool(wanted)


def pause(live: LiveTaskRun, retry: int, error: BaseException) -> Steps:
    """Let the time before a retry pass."""
    seconds = live.spec.delay_before(retry)
    if live.spec.jitter:
        seconds = spread(seconds, live.spec.jitter, random.random())  # noqa: S311  # hides nothing
    live.say(INFO, f"Task run raised {error!r}; retry {retry} of {live.spec.retries} starts {pause_of(seconds)}")
    if seconds > 0:
        waiting = states.new(StateType.SCHEDULED, "AwaitingRetry")
        waiting.state_details.scheduled_time = now() + timedelta(seconds=seconds)
        live.enter(waiting)
        yield Sleep(seconds)
    live.enter(states.Running(name="Retrying"))


def finished(live: LiveTaskRun, state: State, error: BaseException | None = None) -> Outcome:
    """Bring a run to its end."""
    state.state_details.untrackable_result = state.is_completed() and isinstance(state.value, states.UNTRACKABLE)
    live.enter(state)
    if state.is_completed():
        live.say(INFO, f"Finished in state {state!r}")
        if live.flow is not None:
            live.flow.origins.note(state.value, live.run.id)
    else:
        live.say(ERROR, f"Finished in state {state!r}", error)
    return Outcome(state)


@contextmanager
def placed(live: LiveTaskRun) -> Iterator[None]:
    """Let a submitted run be stopped with its flow run while this lasts."""
    live.place = place = Place(live.spec.is_async)
    try:
        yield
    finally:
        place.shut()
        place.leave()


def crashed(live: LiveTaskRun, error: BaseException) -> Outcome:
    """Bring a run to an end that it did not choose."""
    state = live.enter(cut_off(live.flow, error))
    live.say(ERROR, f"Finished in state {state!r}")
    return Outcome(state, error)


def wait_for_inputs(inputs: Inputs) -> Generator[Effect, Any, State | None]:
    """Wait for what a run's arguments come from; return the state of a run that cannot begin, or None."""
    if inputs.futures or inputs.failing:
        yield Wait([*inputs.futures, *inputs.failing])
    for state in [*(future.state for future in inputs.futures), *inputs.states]:
        if not state.is_completed():
            run_id = state.state_details.task_run_id or state.state_details.flow_run_id
            reason = f"Run {run_id}, which this one needs, is {state.name or state.type}, not completed."
            return states.new(StateType.PENDING, "NotReady", reason, error=UnfinishedRun(reason))
    return None
