"""Carries a proposed state to its verdict: one transaction that reads, decides and writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from lictor.kit.clock import in_utc
from lictor.kit.ids import uuid7
from lictor.kit.json import NULL, decode_any
from lictor.orchestration import slots
from lictor.orchestration.flow_run_events import Owners, flow_run_changed
from lictor.rules import flow_run as flow_run_rules
from lictor.rules import task_run as task_run_rules
from lictor.rules.advance import advance_flow_run, advance_task_run
from lictor.rules.transition import USUAL, DeploymentSlots, TagLimit, Terms, Transition, Verdict, decide, revise
from lictor.store import concurrency_limit, event, flow_run, task_run
from lictor.store.run_row import Stored
from lictor.store.transaction import Ask, NotFound, Transaction, brief
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import (
    OrchestrationResult,
    SetState,
    State,
    StateAbortDetails,
    StateAcceptDetails,
    StateCreate,
    StateRejectDetails,
    StateType,
    StateWaitDetails,
)
from lictor.wire.types.task_run import TaskRun

MICROSECOND = timedelta(microseconds=1)
LATEST = datetime.max.replace(tzinfo=UTC)
DEFAULT_NAMES = {kind: kind.capitalize() for kind in StateType}


class Changed(Struct, frozen=True):
    """What came of a proposal: the answer, and whether a state was written."""

    result: OrchestrationResult
    written: bool


def state_of(
    proposed: StateCreate, now: datetime, *, flow_run_id: UUID | None = None, task_run_id: UUID | None = None
) -> State:
    """Return a proposed state with an id, a time, a name, and the run that it belongs to."""
    details = proposed.state_details
    details.flow_run_id, details.task_run_id = flow_run_id, task_run_id
    if details.scheduled_time is not None:
        details.scheduled_time = in_utc(details.scheduled_time)
    elif proposed.type == StateType.SCHEDULED:
        details.scheduled_time = now
    return State(
        id=uuid7(),
        type=proposed.type,
        name=DEFAULT_NAMES[proposed.type] if proposed.name is None else proposed.name,
        timestamp=now,
        message=proposed.message,
        data=NULL if unpersisted(proposed.data) else proposed.data,
        state_details=details,
    )


def behind(state: State, previous: State | None) -> State:
    """Let a state lie behind the one before it in time, in place: not all that set states have the same clock."""
    if previous is not None and state.timestamp <= previous.timestamp < LATEST:
        state.timestamp = previous.timestamp + MICROSECOND
    return state


def unpersisted(data: Raw) -> bool:
    """Tell whether a result is only said to exist: its client keeps it to itself."""
    if b'"unpersisted"' not in bytes(data):
        return False
    said = decode_any(data)
    return isinstance(said, dict) and said.get("type") == "unpersisted"


@brief
def set_flow_run_state(  # what a request says, when, by whom, on which terms
    run_id: UUID,
    body: SetState,
    now: datetime,
    by: str,
    terms: Terms = USUAL,
    agent: str = "",
    source: UUID | None = None,
) -> Transaction[Changed]:
    """Propose a state for a flow run; `agent` is what the client calls itself, `source` the state it goes on from."""
    run, stored = yield from flow_run.load(run_id)
    proposed = behind(state_of(body.state, now, flow_run_id=run.id), run.state)
    deployment = None
    if run.deployment_id is not None and not body.force:
        deployment = yield from slots.deployment_of(run, run.deployment_id, proposed, now, agent)
    verdict = judge_flow_run(run, proposed, now, body.force, deployment=deployment, source=source, terms=terms)
    return (yield from take_verdict(run, stored, verdict, proposed.type, now, by))


def judge_flow_run(  # the facts of a transition
    run: FlowRun,
    proposed: State,
    now: datetime,
    force: bool = False,
    *,
    deployment: DeploymentSlots | None = None,
    source: UUID | None = None,
    terms: Terms = USUAL,
) -> Verdict:
    """Return the verdict of a flow run's rules."""
    rules = flow_run_rules.FORCED if force else flow_run_rules.RULES
    transition = Transition(
        current=run.state, proposed=proposed, run=run, now=now, deployment=deployment, source=source, terms=terms
    )
    return decide(rules, transition)


def judge_late(
    run: FlowRun, proposed: State, now: datetime, deployment: DeploymentSlots | None, terms: Terms
) -> Verdict:
    """Return the verdict of the rules that a flow run meets when it is marked late."""
    transition = Transition(current=run.state, proposed=proposed, run=run, now=now, deployment=deployment, terms=terms)
    return decide(flow_run_rules.LATE, transition)


def take_verdict(  # a run, what was decided, when and for whom
    run: FlowRun, stored: Stored, verdict: Verdict, intended: StateType, now: datetime, by: str
) -> Transaction[Changed]:
    """Give a flow run the state of a verdict, and do what else belongs to it."""
    state, previous = verdict.state, run.state
    revise(run, verdict)
    if state is None or state is previous:
        if verdict.policy:
            yield from flow_run.save(run, stored, by)
        return Changed(answer(verdict), False)
    advance_flow_run(run, state)
    run.updated = now
    owners = Owners(stored.flow_name, stored.deployment_name, stored.pool_type)
    changed = flow_run_changed(run, owners, previous, intended, now)
    asks: list[Ask] = [event.ask(changed, by)]
    if run.deployment_id is not None and flow_run_rules.gives_slot_back(previous, verdict):
        asks.append(concurrency_limit.of_deployment_back(run.id))
    yield from flow_run.move(run, stored, by, *asks)
    if verdict.effects:
        yield from slots.carry_out(verdict.effects, run, now)
    if run.parent_task_run_id is not None:
        yield from mirror(run, state, now, by)
    return Changed(answer(verdict), True)


def mirror(run: FlowRun, state: State, now: datetime, by: str) -> Transaction[None]:
    """Give a subflow's state to the task run that stands for it in its parent."""
    assert run.parent_task_run_id is not None
    try:
        tracking, version = yield from task_run.load(run.parent_task_run_id)
    except NotFound:
        return
    details = msgspec.structs.replace(
        state.state_details, flow_run_id=tracking.flow_run_id, task_run_id=tracking.id, child_flow_run_id=run.id
    )
    image = msgspec.structs.replace(state, id=uuid7(), state_details=details)
    advance_task_run(tracking, behind(image, tracking.state))
    tracking.updated = now
    yield from task_run.move(tracking, version, by, *given_back(tracking))


@brief
def set_task_run_state(
    run_id: UUID, body: SetState, now: datetime, by: str, terms: Terms = USUAL
) -> Transaction[Changed]:
    """Propose a state for a task run."""
    run, version = yield from task_run.load(run_id)
    previous = run.state
    proposed = behind(state_of(body.state, now, flow_run_id=run.flow_run_id, task_run_id=run.id), previous)
    parent = None
    if body.force and not proposed.state_details.deferred:
        verdict = Verdict("ACCEPT", proposed)
    else:
        parent = None if run.flow_run_id is None else (yield from parent_of(run.flow_run_id))
        limits: tuple[TagLimit, ...] = ()
        cached = None
        if proposed.type == StateType.RUNNING:
            limits = yield from slots.limits_of(run, now)
            cached = yield from slots.cached_for(proposed, now)
        verdict = judge_task_run(run, parent, proposed, now, limits=limits, cached=cached, terms=terms)
    state = verdict.state
    if state is None or state is previous:
        return Changed(answer(verdict), False)
    revise(run, verdict)
    advance_task_run(run, state)
    if parent is not None and state.type == StateType.RUNNING:
        run.flow_run_run_count = parent.run_count
    run.updated = now
    yield from task_run.move(run, version, by, *given_back(run))
    if verdict.effects:
        yield from slots.carry_out(verdict.effects, run, now)
    return Changed(answer(verdict), True)


def given_back(run: TaskRun) -> tuple[Ask, ...]:
    """Return what gives the slots of a task run's tags back, in a state that needs none."""
    return (
        (concurrency_limit.of_tags_back(run.id),) if run.tags and run.state_type not in task_run_rules.HOLDING else ()
    )


def parent_of(flow_run_id: UUID) -> Transaction[FlowRun | None]:
    """Return the flow run of a task run, if it is still there."""
    try:
        return (yield from flow_run.load(flow_run_id))[0]
    except NotFound:
        return None


def judge_task_run(  # the facts of a transition
    run: TaskRun,
    parent: FlowRun | None,
    proposed: State,
    now: datetime,
    *,
    limits: tuple[TagLimit, ...] = (),
    cached: State | None = None,
    terms: Terms = USUAL,
) -> Verdict:
    """Return the verdict of a task run's rules."""
    transition = Transition(
        current=run.state,
        proposed=proposed,
        run=run,
        now=now,
        flow_run_state=parent.state if parent is not None else None,
        flow_run_run_count=parent.run_count if parent is not None else 0,
        limits=limits,
        cached=cached,
        terms=terms,
    )
    deferred = proposed.state_details.deferred
    return decide(task_run_rules.BACKGROUND if deferred else task_run_rules.RULES, transition)


def unchanged(run: FlowRun | TaskRun) -> Changed:
    """Return what comes of leaving a run as it is."""
    return Changed(answer(Verdict("REJECT", run.state, "The run has gone on by itself.")), False)


def answer(verdict: Verdict) -> OrchestrationResult:
    """Return a verdict as the contract says it."""
    details: StateAcceptDetails | StateRejectDetails | StateAbortDetails | StateWaitDetails
    match verdict.status:
        case "ACCEPT":
            details = StateAcceptDetails()
        case "REJECT":
            details = StateRejectDetails(reason=verdict.reason)
        case "ABORT":
            details = StateAbortDetails(reason=verdict.reason)
        case _:
            details = StateWaitDetails(delay_seconds=verdict.delay_seconds, reason=verdict.reason)
    return OrchestrationResult(state=verdict.state, status=verdict.status, details=details)
