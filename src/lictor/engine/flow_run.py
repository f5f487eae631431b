"""The flow engine: it proposes each state of a flow run to the server, which decides."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any
from uuid import uuid4

from msgspec import structs

from lictor.client.connection import Connection
from lictor.client.errors import ClientError, is_away
from lictor.engine import states
from lictor.engine.context import FLOW, TASK, FlowContext, related_to
from lictor.engine.effects import Block, Effect, Engine, Outcome, Run, Sleep, Steps, Wait, Within, told
from lictor.engine.endings import (
    CANCELLED_WHY,
    crash_of,
    cut_off,
    described,
    ends_process,
    listed,
    state_of_error,
    state_of_flow_value,
)
from lictor.engine.errors import Aborted, ParameterTypeError, Suspension
from lictor.engine.flow_creation import create_flow_run
from lictor.engine.hooks import call_hooks
from lictor.engine.inputs import fill, find
from lictor.engine.lookout import looked_after
from lictor.engine.places import stop
from lictor.engine.run_logger import FLOW_RUNS, facts_of_flow_run, pause_of, say
from lictor.engine.specs import FlowSpec, run_name
from lictor.engine.states import State, local, proposal
from lictor.engine.task_run import wait_for_inputs
from lictor.kit.clock import now
from lictor.kit.json import encode
from lictor.rules.advance import advance_flow_run
from lictor.settings import table
from lictor.wire.operations import flow_run
from lictor.wire.types.flow_run import FlowRun, FlowRunUpdate
from lictor.wire.types.state import OrchestrationResult, SetState, StateType, StateWaitDetails

HASTY_SECONDS = 3.0
"""How long a process that is to end waits for a server that is away."""
INFO, ERROR = logging.INFO, logging.ERROR


Proposed = Generator[Effect, Any, State]


def run_flow(
    spec: FlowSpec,
    arguments: dict[str, Any],
    connection: Connection,
    wait_for: Any = None,
    again: FlowRun | None = None,
    claimed: bool = False,
) -> Engine:
    """Run a flow until it is over, retries included: as a new run, or a scheduled one again.

    One that is `claimed` is aborted if it is no longer in the state that it has here.
    """
    parent = FLOW.get()
    if parent is not None and TASK.get() is None:
        parent.stay()
    inputs = find(arguments, None if parent is None else parent.origins, wait_for)
    if inputs.open:
        not_ready = yield from wait_for_inputs(inputs)
        if not_ready is not None:
            return Outcome(not_ready)
        arguments = {name: fill(value) for name, value in arguments.items()}
    run = again or (yield from create_flow_run(spec, arguments, inputs, parent, connection))
    prints = spec.log_prints
    if prints is None:
        prints = parent.log_prints if parent is not None else connection.settings[table.LOGGING_LOG_PRINTS]
    flow = FlowContext(spec, run, connection, prints)
    flow.arguments, flow.claimed = arguments, claimed
    tokens = FLOW.set(flow), TASK.set(None)
    try:
        outcome = yield from whole_run(flow, arguments)
    finally:
        FLOW.reset(tokens[0])
        TASK.reset(tokens[1])
        if flow.place is not None:
            flow.place.leave()
        flow.close()
    if parent is not None and run.parent_task_run_id is not None and outcome.state.is_completed():
        parent.origins.note(outcome.state.value, run.parent_task_run_id)
    return outcome


def whole_run(flow: FlowContext, arguments: dict[str, Any]) -> Engine:
    """Take a created flow run to its end, whatever cuts it off."""
    try:
        state = yield from course(flow, arguments)
        if state.type == StateType.CANCELLING:
            return (yield from cancelled(flow, state))
        return (yield from finished(flow, state))
    except Suspension as suspended:
        yield from join(flow)
        yield from flush(flow)
        say(FLOW_RUNS, INFO, "Suspended: it starts again when it is resumed", facts_of_flow_run(flow))
        return Outcome(suspended.state)
    except ClientError as error:
        if is_away(error):
            leave(flow, states.Crashed(f"The server was away for too long: {error}"))
        raise
    except GeneratorExit:  # the event loop is gone
        raise
    except BaseException as error:  # whatever cuts a run off must be told
        return (yield from crashed(flow, error))


def course(flow: FlowContext, arguments: dict[str, Any]) -> Proposed:
    """Take a created flow run through its states; return the one in which it does not go on."""
    unfit = unfit_parameters(flow, arguments) or (yield from unnamed(flow, arguments))
    if unfit is not None:
        return (yield from propose(flow, unfit))
    if flow.run.state_type == StateType.SCHEDULED:
        yield from propose(flow, states.Pending())
    state = yield from propose(flow, states.Running())
    with looked_after(flow):
        while True:
            while state.type == StateType.SCHEDULED:
                yield from sleep_until_due(flow, state)
                state = yield from propose(flow, states.Running())
            if state.type != StateType.RUNNING:
                return state
            yield from hooked(flow, state)
            end = yield from attempt(flow, arguments)
            yield from flush(flow)
            state = yield from proposed_or_left(flow, end)
            if state.is_final() or state.type == StateType.CANCELLING or state is end:
                return state


def unfit_parameters(flow: FlowContext, arguments: dict[str, Any]) -> State | None:
    """Return the state of a run whose parameters do not fit their types: it fails without having run."""
    try:
        flow.spec.validate(arguments)
    except ParameterTypeError as error:
        say(FLOW_RUNS, ERROR, f"Flow run raised {described(error)}", facts_of_flow_run(flow), error)
        return states.Failed(str(error), data=error)
    return None


def unnamed(flow: FlowContext, arguments: dict[str, Any]) -> Generator[Effect, Any, State | None]:
    """Give a new run the name that a callable makes, which may look at the run; it fails if the callable does."""
    if not callable(flow.spec.run_name) or flow.run.run_count:
        return None
    try:
        name = run_name(flow.spec, arguments)
    except Exception as error:  # the user's function may raise anything
        say(FLOW_RUNS, ERROR, f"Flow run raised {described(error)}", facts_of_flow_run(flow), error)
        return state_of_error("Flow run", error)
    yield flow_run.UPDATE(FlowRunUpdate(name=name), id=flow.run.id)
    flow.run.name = name or flow.run.name
    flow.related = related_to(flow.run, flow.spec.name)
    return None


def attempt(flow: FlowContext, arguments: dict[str, Any]) -> Proposed:
    """Call the function once, wait for the tasks that it submitted, and return the state to propose."""
    line = "Beginning" if flow.run.run_count <= 1 else f"Beginning attempt {flow.run.run_count} of"
    say(FLOW_RUNS, INFO, f"{line} flow run '{flow.run.name}' of flow '{flow.spec.name}'", facts_of_flow_run(flow))
    flow.pauses = 0
    try:
        args, kwargs = flow.spec.validate(arguments)
        value = listed((yield Run(flow.spec.function, args, kwargs, flow.spec.timeout)))
    except Exception as wrapped:  # the user's function may raise anything
        error = told(wrapped)
        say(FLOW_RUNS, ERROR, f"Flow run raised {described(error)}", facts_of_flow_run(flow), error)
        yield from join(flow)
        return state_of_error("Flow run", error)
    yield from join(flow)
    return state_of_flow_value(value)


def join(flow: FlowContext) -> Steps:
    """Wait for the submitted tasks that are not over."""
    while flow.pending:
        yield Wait(flow.unfinished())


def flush(flow: FlowContext, hasty: bool = False) -> Steps:
    """Wait until the server has the events of the run's tasks, so that they are there when the run is over."""
    connection = flow.connection
    if len(connection.outbox.events) or connection.presence.away:
        yield Block(lambda: connection.settle(hasty))


def sleep_until_due(flow: FlowContext, state: State) -> Steps:
    """Wait for the time that a scheduled state names."""
    due = state.state_details.scheduled_time
    seconds = 0.0 if due is None else (due - now()).total_seconds()
    again = f"{state.name}: the run goes on {pause_of(round(seconds, 1))}"
    say(FLOW_RUNS, INFO, again, facts_of_flow_run(flow))
    if seconds > 0:
        yield Sleep(seconds, for_others=state.name == "AwaitingConcurrencySlot")


def propose(flow: FlowContext, state: State, patience: float | None = None) -> Proposed:
    """Propose a state until the server decides, and return the state that the run is in.

    `patience` is how many seconds to wait for a server that is away, those of the settings unless given.
    """
    transition = flow.proposed = state.state_details.transition_id = uuid4()
    call = flow_run.SET_STATE(SetState(state=proposal(state)), id=flow.run.id)
    if flow.claimed:
        call.headers = {flow_run.SOURCE: str(flow.run.state_id)}
    while True:
        answer: OrchestrationResult = yield call if patience is None else Within(call, patience)
        decided = answer.state
        if answer.status == "WAIT":
            assert isinstance(answer.details, StateWaitDetails)
            yield Sleep(answer.details.delay_seconds)
            continue
        if answer.status == "ABORT" or decided is None:
            reason = getattr(answer.details, "reason", None)
            raise Aborted(f"the server stops flow run '{flow.run.name}': {reason or 'it gives no reason'}")
        repeated = decided.state_details.transition_id == transition and decided.type == state.type
        if answer.status == "ACCEPT" or repeated:
            state.id, state.timestamp, state.state_details = decided.id, decided.timestamp, decided.state_details
            state.name = decided.name
        else:
            ended, state = state, local(decided)
            if decided.type == ended.type:  # what ended the run ended it still
                state.value, state.error, state.given = ended.value, ended.error, ended.given
        flow.claimed = False
        if state.id != flow.run.state_id:
            enter(flow.run, state)
        return state


def enter(run: FlowRun, state: State) -> None:
    """Put a run into a state; when it goes on after a pause, that is no further try."""
    tries, policy = run.run_count, run.empirical_policy
    advance_flow_run(run, state)
    if policy.resuming and state.is_running():
        run.run_count, policy.resuming = tries, False


def proposed_or_left(flow: FlowContext, state: State, patience: float | None = None) -> Proposed:
    """Propose the state that a run ends in; return it as it is where the server is away for too long."""
    try:
        return (yield from propose(flow, state, patience))
    except ClientError as error:
        if not is_away(error):
            raise
        leave(flow, state)
        return state


def leave(flow: FlowContext, state: State) -> None:
    """Let the state that a run ended in be set when the server is back; nobody would try it again then."""
    later = "it is set when the server is back, unless the run was given another by then"
    say(FLOW_RUNS, ERROR, f"The server does not know of the state {state!r}: {later}", facts_of_flow_run(flow))
    details = state.state_details
    details.transition_id = details.transition_id or uuid4()
    wanted = SetState(state=proposal(state), force=state.is_failed())
    flow.connection.outbox.last_state(flow.run.id, flow.run.state_id, encode(wanted))


def finished(flow: FlowContext, state: State) -> Engine:
    """Tell of a run's end."""
    level = INFO if state.is_completed() else ERROR
    say(FLOW_RUNS, level, f"Finished in state {state!r}", facts_of_flow_run(flow))
    yield from hooked(flow, state)
    return Outcome(state)


def hooked(flow: FlowContext, state: State) -> Steps:
    """Call the hooks of a state that a run has entered; those of a try that begins see how many there were before."""
    if flow.spec.hooks:
        begins = state.is_running()
        run = structs.replace(flow.run, run_count=max(flow.run.run_count - 1, 0)) if begins else flow.run
        yield from call_hooks(flow.spec, run, state, FLOW_RUNS, facts_of_flow_run(flow))


def after_the_end(spec: FlowSpec, run: FlowRun, connection: Connection) -> Engine:
    """Call the hooks of the state in which a run ended, as its own process could not."""
    assert run.state is not None
    state = local(run.state)
    flow = FlowContext(spec, run, connection, bool(spec.log_prints))
    token = FLOW.set(flow)
    try:
        yield from hooked(flow, states.Cancelling(state.message) if state.is_cancelled() else state)
        yield from flush(flow)
    finally:
        FLOW.reset(token)
        flow.close()
    return Outcome(state)


def crashed(flow: FlowContext, error: BaseException) -> Engine:
    """Bring a run, and what it submitted, to an end that it did not choose."""
    if flow.stopping:
        stop([live.place for live in flow.pending])
    for live, future in list(flow.pending.items()):
        future.finish(live.enter(cut_off(flow, error)))
    flow.pending.clear()
    if flow.stopping:
        being = flow.cancelling or states.Cancelling(CANCELLED_WHY)
        return (yield from cancelled(flow, being, error if flow.is_part_of_cancelled else None))
    state = crash_of(error)
    if isinstance(error, Aborted):
        return Outcome(state, error)
    ends = ends_process(error)
    if ends:
        flow.connection.presence.give_up()
    yield from flush(flow, hasty=ends)
    try:
        state = yield from proposed_or_left(flow, state, HASTY_SECONDS if ends else None)
    except (ClientError, Aborted) as refused:
        say(FLOW_RUNS, ERROR, f"The server does not know of the crash: {refused}", facts_of_flow_run(flow))
    if state.type == StateType.CANCELLING:
        return (yield from cancelled(flow, state, error))
    say(FLOW_RUNS, ERROR, f"Finished in state {state!r}", facts_of_flow_run(flow))
    yield from hooked(flow, state)
    return Outcome(state, error)


def cancelled(flow: FlowContext, being: State, error: BaseException | None = None) -> Engine:
    """Bring a run that somebody else cancels to its end; `being` is the state in which it is being cancelled.

    `error` is what ends more than this run.
    """
    say(FLOW_RUNS, INFO, "Cancelled by somebody else: the run stops", facts_of_flow_run(flow))
    if being.type == StateType.CANCELLING:
        yield from hooked(flow, being)
    else:  # there was no time to be cancelling
        yield from hooked(flow, states.Cancelling(being.message))
    yield from flush(flow, hasty=True)
    state = states.Cancelled(CANCELLED_WHY)
    try:
        state = yield from proposed_or_left(flow, state)
    except (ClientError, Aborted) as refused:
        say(FLOW_RUNS, ERROR, f"The server does not know of the end: {refused}", facts_of_flow_run(flow))
    say(FLOW_RUNS, ERROR, f"Finished in state {state!r}", facts_of_flow_run(flow))
    return Outcome(state, error)
