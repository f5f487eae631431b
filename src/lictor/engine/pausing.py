"""Lets a flow run wait until somebody resumes it: here in its process, or out of it."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from lictor.client.errors import ObjectNotFound
from lictor.engine import states
from lictor.engine.context import FlowContext
from lictor.engine.effects import Effect, Look
from lictor.engine.errors import PausedTooLong, RunError, Suspension
from lictor.engine.flow_run import flush, join, propose
from lictor.engine.run_logger import FLOW_RUNS, facts_of_flow_run, say
from lictor.engine.states import State, local
from lictor.kit import clock
from lictor.rules.advance import advance_flow_run
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


def keys_of(base: str) -> Keys:
    """Return the keys under which a pause's schema, description and answer lie among its run's inputs."""
    return {part: f"{base}-{part}" for part in ("description", "response", "schema")}


def pausing(flow: FlowContext, timeout: float, look_every: float, key: str | None, wanted: Wanted | None) -> Steps:
    """Pause a run in its process until it is resumed; return the JSON of the answer it waited for, if it did."""
    yield from join(flow)
    proposed, keys = proposal(states.Paused(timeout_seconds=timeout), key or str(uuid4()), wanted)
    state = yield from propose(flow, proposed)
    if state.is_running():  # a pause with this key was there before, and is over
        return (yield from answer(flow.run.id, keys))
    if not state.is_paused():
        raise RunError(f"flow run '{flow.run.name}' cannot pause: it is {state!r}")
    yield from ask(flow.run.id, keys, wanted)
    say(FLOW_RUNS, logging.INFO, f"Paused for up to {timeout:g} s, until it is resumed", facts_of_flow_run(flow))
    yield from until_resumed(flow, timeout, look_every)
    say(FLOW_RUNS, logging.INFO, "Resumed", facts_of_flow_run(flow))
    return (yield from answer(flow.run.id, keys))


def until_resumed(flow: FlowContext, timeout: float, look_every: float) -> Steps:
    """Look at a run, soon at first and then less often, until it is running again."""
    until, pause = clock.monotonic() + timeout, FIRST_LOOK
    while True:
        yield Look(max(0.0, min(pause, look_every, until - clock.monotonic())))
        found = yield flow_run.READ(id=flow.run.id)
        state = None if found.state is None else local(found.state)
        if state is not None and state.is_running():
            flow.run.empirical_policy = found.empirical_policy
            advance_flow_run(flow.run, state)
            return
        if state is not None and state.is_final():
            raise RunError(f"flow run '{flow.run.name}' was not resumed: it is {state!r}")
        if clock.monotonic() >= until:
            raise PausedTooLong(f"flow run '{flow.run.name}' was paused for {timeout:g} s and not resumed")
        pause *= 1.5


def suspending(flow: FlowContext, timeout: float | None, key: str | None, wanted: Wanted | None) -> Steps:
    """Let a run leave its process until it is resumed; return the JSON of the answer if it was before."""
    yield from join(flow)
    proposed, keys = proposal(states.Suspended(timeout_seconds=timeout), key or str(flow.run.run_count), wanted)
    state = yield from propose(flow, proposed)
    if state.is_running():
        return (yield from answer(flow.run.id, keys))
    if not state.is_paused():
        raise RunError(f"flow run '{flow.run.name}' cannot be suspended: it is {state!r}")
    yield from ask(flow.run.id, keys, wanted)
    yield from flush(flow)
    raise Suspension(state)


def suspending_other(run_id: UUID, timeout: float | None, key: str | None, wanted: Wanted | None) -> Steps:
    """Let another run leave its process; return the JSON of the answer if it left before and was resumed."""
    proposed, keys = proposal(states.Suspended(timeout_seconds=timeout), key or str(uuid4()), wanted)
    answered = yield flow_run.SET_STATE(SetState(state=states.proposal(proposed)), id=run_id)
    if answered.state is not None and answered.state.type == StateType.RUNNING and answered.status == "REJECT":
        return (yield from answer(run_id, keys))
    if answered.state is None or answered.state.type != StateType.PAUSED:
        reason = getattr(answered.details, "reason", None) or f"it is {answered.status}"
        raise RunError(f"flow run {run_id} cannot be suspended: {reason}")
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
    """Store what a pause asks."""
    if keys is None or wanted is None:
        return
    yield flow_run_input.CREATE(FlowRunInputCreate(key=keys["schema"], value=wanted.schema), id=run_id)
    if wanted.description:
        yield flow_run_input.CREATE(FlowRunInputCreate(key=keys["description"], value=wanted.description), id=run_id)


def answer(run_id: UUID, keys: Keys | None) -> Steps:
    """Return the JSON that a pause was answered with, None if it asked for none."""
    if keys is None:
        return None
    try:
        return (yield flow_run_input.READ(id=run_id, key=keys["response"]))
    except ObjectNotFound:
        return "{}"
