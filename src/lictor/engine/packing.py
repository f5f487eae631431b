"""Turns task runs and their ends into bytes, for another process to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET, structs

from lictor.client.connection import Connection
from lictor.engine.context import FLOW, TAGS, FlowContext
from lictor.engine.effects import Outcome
from lictor.engine.endings import described, listed
from lictor.engine.errors import NotPortable, RunError
from lictor.engine.inputs import Inputs
from lictor.engine.run_logger import facts_of_task_run
from lictor.engine.specs import FlowSpec, TaskSpec, collecting
from lictor.engine.states import State, bare
from lictor.engine.submission import Submission
from lictor.engine.task_event import Head
from lictor.engine.task_run import LiveTaskRun
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.task_run import TaskRun

if TYPE_CHECKING:
    from lictor.engine.task_runners import TaskRunner


class Surroundings(NamedTuple):
    """The flow run that task runs belong to; `owner` is the flow, or its name where it cannot be pickled."""

    owner: Any
    run: FlowRun
    arguments: dict[str, Any]
    log_prints: bool


class Parcel(NamedTuple):
    """A task run that is to go on elsewhere; `task` is the task itself."""

    task: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    run: TaskRun
    head: Head
    state: State
    follows: str | None
    log_prints: bool
    tags: frozenset[str]


def dumped(value: Any) -> bytes:
    """Return a value as bytes, functions and classes that cannot be imported included."""
    import cloudpickle  # noqa: PLC0415  # only other processes need it

    content: bytes = cloudpickle.dumps(value)
    return content


def loaded(content: bytes) -> Any:
    """Return the value that bytes stand for."""
    import pickle  # noqa: PLC0415  # only other processes need it

    return pickle.loads(content)  # noqa: S301  # comes from a process of ours


def packed_surroundings(flow: FlowContext) -> bytes:
    """Return a flow run as bytes; what cannot be pickled of it is left out."""
    owner: Any = flow.spec.owner
    arguments = flow.arguments
    for attempt in ((owner, arguments), (owner, {}), (flow.spec.name, arguments)):
        try:
            return dumped(Surroundings(attempt[0], flow.run, attempt[1], flow.log_prints))
        except Exception:  # noqa: S112  # anything may go wrong in what users bring; less of it is tried next
            continue
    return dumped(Surroundings(flow.spec.name, flow.run, {}, flow.log_prints))


def unpacked_surroundings(content: bytes, connection: Connection, runner: TaskRunner) -> FlowContext:
    """Return a flow run as its tasks see it; `runner` runs what they submit."""
    found: Surroundings = loaded(content)
    spec = stand_in(found.owner, runner) if isinstance(found.owner, str) else found.owner.spec
    flow = FlowContext(structs.replace(spec, runner=runner), found.run, connection, found.log_prints)
    flow.arguments = found.arguments
    return flow


def stand_in(name: str, runner: TaskRunner) -> FlowSpec:
    """Return what is known of a flow that could not be sent."""
    return FlowSpec(
        function=lambda: None,
        name=name,
        key=name,
        version=None,
        run_name=None,
        retries=0,
        retry_delay=0.0,
        log_prints=None,
        runner=runner,
        bind=lambda args, kwargs: kwargs,
        validate=lambda arguments: ((), arguments),
        is_async=False,
    )


def packed(run: Submission) -> bytes:
    """Return a task run as bytes; raise NotPortable naming what cannot be pickled."""
    live = run.live
    assert live.state is not None
    parcel = Parcel(
        task=live.spec.owner,
        args=live.args,
        kwargs=live.kwargs,
        run=live.run,
        head=live.head,
        state=live.state,
        follows=live.follows,
        log_prints=live.log_prints,
        tags=run.context.get(TAGS, frozenset()),
    )
    try:
        return dumped(parcel)
    except Exception as error:
        raise NotPortable(
            f"{culprit(live)} cannot be sent to another process: {described(error)}. "
            "Use what can be pickled, or a ThreadPoolTaskRunner."
        ) from error


def culprit(live: LiveTaskRun) -> str:
    """Return which part of a call cannot be pickled."""
    for name, value in live.spec.bind(live.args, live.kwargs).items():
        try:
            dumped(value)
        except Exception:
            return f"the argument '{name}' of task '{live.spec.name}'"
    return f"task '{live.spec.name}'"


def unpacked(content: bytes, flow: FlowContext) -> tuple[LiveTaskRun, Returned]:
    """Return a task run that goes on here, in the context of its flow, and what will keep the value it returns."""
    parcel: Parcel = loaded(content)
    returned = Returned()
    FLOW.set(flow)
    TAGS.set(parcel.tags)
    parcel.task.ready(parcel.log_prints)
    live = LiveTaskRun.__new__(LiveTaskRun)
    live.spec = returned.checking(parcel.task.spec)
    live.args, live.kwargs, live.inputs = parcel.args, parcel.kwargs, Inputs()
    live.run, live.id_text, live.head = parcel.run, str(parcel.run.id), parcel.head
    live.state, live.follows, live.log_prints = parcel.state, parcel.follows, parcel.log_prints
    live.flow, live.outbox, live.future = flow, flow.connection.outbox, None
    live.place = None
    live.facts = facts_of_task_run(live)
    return live, returned


class Returned:
    """The value that a task's function returned, and its bytes."""

    def __init__(self) -> None:
        self.value: Any = object()  # nothing is the same
        self.content = b""

    def checking(self, spec: TaskSpec) -> TaskSpec:
        """Return a task whose run fails if the value cannot be pickled."""
        function = (collecting(spec) if spec.yields else spec).function

        def checked(*args: Any, **kwargs: Any) -> Any:
            return self.keep(spec, function(*args, **kwargs))

        async def achecked(*args: Any, **kwargs: Any) -> Any:
            return self.keep(spec, await function(*args, **kwargs))

        return structs.replace(spec, function=achecked if spec.is_async else checked, yields=False)

    def keep(self, spec: TaskSpec, value: Any) -> Any:
        """Keep a value's bytes."""
        value = listed(value)
        try:
            self.content = dumped(value)
        except Exception as error:
            raise NotPortable(
                f"what task '{spec.name}' returned, of type {type(value).__name__}, cannot be sent from its process: "
                f"{described(error)}. Return what can be pickled, or use a ThreadPoolTaskRunner."
            ) from error
        self.value = value
        return value


def packed_end(outcome: Outcome, returned: Returned) -> bytes:
    """Return the end of a run as bytes; an error that cannot be pickled is put in words."""
    state = outcome.state
    state.trace = UNSET
    if state.value is returned.value:
        state.value = UNSET
        return dumped((state, returned.content))
    try:
        content = dumped((state, None))
        loaded(content)
    except Exception:
        error = state.error
        plain = structs.replace(bare(state), error=RunError(state.message or repr(error)))
        content = dumped((plain, None))
    return content


def unpacked_end(content: bytes) -> State:
    """Return the state that a run ended in elsewhere."""
    state: State
    state, value = loaded(content)
    if value is not None:
        state.value = loaded(value)
    return state
