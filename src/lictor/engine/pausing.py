"""Lets a flow run wait until somebody resumes it: here in its process, or out of it."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from lictor.client.errors import ObjectAlreadyExists, ObjectNotFound
from lictor.engine import states
from lictor.engine.context import TASK, FlowContext
from lictor.engine.effects import Effect, Look
from lictor.engine.errors import Aborted, PausedTooLong, PauseRefused, RunError, Suspension
from lictor.engine.flow_run import enter, flush, join, propose
from lictor.engine.run_logger import FLOW_RUNS, facts_of_flow_run, say
from lictor.engine.states import State, local
from lictor.kit import clock
from lictor.wire.operations import flow_run, flow_run_input
from lictor.wire.types.flow_run_input import FlowRunInputCreate
from lictor.wire.types.state import SetState, StateType

FIRST_LOOK = 0.2

Keys = dict[str, str]
Steps = Generator[Effect, Any, Any]


class Wanted(NamedTuple):
    """The input that a pause waits for: the JSON schema of it, and a text that says what is asked."""

    schema: str
    description: str | None = None


class Answered(NamedTuple):
    """The JSON that a run was given, and the key under which it lies."""

    run_id: UUID
    key: str
    text: str


def keys_of(base: str) -> Keys:
    """Return the keys under which a pause's schema, description and answer lie among its run's inputs."""
    return {part: f"{base}-{part}" for part in ("description", "response", "schema")}


def pausing(flow: FlowContext, timeout: float, look_every: float, key: str | None, wanted: Wanted | None) -> Steps:
    """Pause a run in its process until it is resumed; return the answer it waited for, if it did."""
    proposed, keys = proposal(states.Paused(timeout_seconds=timeout), key or next_key(flow), wanted)
    if not (yield from paused(flow, proposed)):  # a pause with this key was there before, and is over
        return (yield from answer(flow.run.id, keys))
    yield from ask(flow.run.id, keys, wanted)
    say(FLOW_RUNS, logging.INFO, f"Paused for up to {timeout:g} s, until it is resumed", facts_of_flow_run(flow))
    yield from until_resumed(flow, timeout, look_every)
    say(FLOW_RUNS, logging.INFO, "Resumed", facts_of_flow_run(flow))
    return (yield from answer(flow.run.id, keys))


def next_key(flow: FlowContext) -> str:
    """Return the key of a run's next pause, which is the same one when the run starts again."""
    flow.pauses += 1
    return str(flow.pauses)


def paused(flow: FlowContext, proposed: State) -> Generator[Effect, Any, bool]:
    """Put a run into a paused state; return whether it is in one: not if this pause is over."""
    if TASK.get() is None:  # a submitted task that pauses its flow run would wait for itself
        yield from join(flow)
    try:
        state = yield from propose(flow, proposed)
    except Aborted as refused:
        raise PauseRefused(str(refused)) from refused
    if not (state.is_running() or state.is_paused()):
        raise PauseRefused(f"flow run '{flow.run.name}' cannot pause: it is {state!r}")
    return state.is_paused()


def until_resumed(flow: FlowContext, timeout: float, look_every: float) -> Steps:
    """Look at a run, soon at first and then less often, until it is running again."""
    until, pause = clock.monotonic() + timeout, FIRST_LOOK
    while True:
        yield Look(max(0.0, min(pause, look_every, until - clock.monotonic())))
        found = yield flow_run.READ(id=flow.run.id)
        state = None if found.state is None else local(found.state)
        if state is not None and state.is_running():
            flow.run.empirical_policy = found.empirical_policy
            flow.run.empirical_policy.resuming = True
            enter(flow.run, state)
            return
        if state is not None and state.is_final():
            raise RunError(f"flow run '{flow.run.name}' was not resumed: it is {state!r}")
        if clock.monotonic() >= until:
            raise PausedTooLong(f"flow run '{flow.run.name}' was paused for {timeout:g} s and not resumed")
        pause *= 1.5


def suspending(flow: FlowContext, timeout: float | None, key: str | None, wanted: Wanted | None) -> Steps:
    """Let a run leave its process until it is resumed; return the answer if it was before."""
    proposed, keys = proposal(states.Suspended(timeout_seconds=timeout), key or next_key(flow), wanted)
    if not (yield from paused(flow, proposed)):
        return (yield from answer(flow.run.id, keys))
    yield from ask(flow.run.id, keys, wanted)
    yield from flush(flow)
    raise Suspension(proposed)


def suspending_other(run_id: UUID, timeout: float | None, key: str | None, wanted: Wanted | None) -> Steps:
    """Let another run leave its process; return the answer if it left before and was resumed."""
    proposed, keys = proposal(states.Suspended(timeout_seconds=timeout), key or str(uuid4()), wanted)
    answered = yield flow_run.SET_STATE(SetState(state=states.proposal(proposed)), id=run_id)
    if answered.state is not None and answered.state.type == StateType.RUNNING and answered.status == "REJECT":
        return (yield from answer(run_id, keys))
    if answered.state is None or answered.state.type != StateType.PAUSED:
        reason = getattr(answered.details, "reason", None) or f"it is {answered.status}"
        raise PauseRefused(f"flow run {run_id} cannot be suspended: {reason}")
    yield from ask(run_id, keys, wanted)


def proposal(state: State, key: str, wanted: Wanted | None) -> tuple[State, Keys | None]:
    """Return a pause's state with its key, and the keys of its input if it waits for one."""
    details = state.state_details
    details.pause_key = key
    if wanted is None:
        return state, None
    assert state.name is not None
    keys = keys_of(f"{state.name.lower()}-{key}")
    details.run_input_keyset = dict(keys)
    return state, keys


def ask(run_id: UUID, keys: Keys | None, wanted: Wanted | None) -> Steps:
    """Store what a pause asks; a pause that comes again, in another try, begins without an answer."""
    if keys is None or wanted is None:
        return
    if not (yield from stored(run_id, keys["schema"], wanted.schema)):
        yield from removed(run_id, keys["response"])
    if wanted.description:
        yield from stored(run_id, keys["description"], wanted.description)


def stored(run_id: UUID, key: str, value: str) -> Generator[Effect, Any, bool]:
    """Store an input in the place of one that has its key; return whether there was none."""
    create = flow_run_input.CREATE(FlowRunInputCreate(key=key, value=value), id=run_id)
    try:
        yield create
    except ObjectAlreadyExists:
        yield from removed(run_id, key)
        yield create
        return False
    return True


def removed(run_id: UUID, key: str) -> Steps:
    """Remove an input, if it is there."""
    try:
        yield flow_run_input.DELETE(id=run_id, key=key)
    except ObjectNotFound:
        return


def answer(run_id: UUID, keys: Keys | None) -> Steps:
    """Return what a pause was answered with, None if it asked for nothing."""
    if keys is None:
        return None
    key = keys["response"]
    try:
        return Answered(run_id, key, (yield flow_run_input.READ(id=run_id, key=key)))
    except ObjectNotFound:
        return Answered(run_id, key, "{}")
