"""Lets paused flow runs go on, with the input that they wait for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.kit.json_schema import InvalidSchema, Problem, problems
from lictor.orchestration.change_state import Changed, set_flow_run_state
from lictor.orchestration.placeholders import plainly
from lictor.orchestration.refusal import Conflict
from lictor.rules.transition import USUAL, Terms
from lictor.store import flow_run, flow_run_input
from lictor.store.transaction import Transaction
from lictor.wire.types.flow_run_input import FlowRunInput
from lictor.wire.types.state import (
    OrchestrationResult,
    SetState,
    SetStateStatus,
    State,
    StateAbortDetails,
    StateCreate,
    StateDetails,
    StateType,
)

decode_schema = msgspec.json.Decoder(dict[str, Any]).decode


def resume_flow_run(  # what a request says, when, by whom, on which terms
    run_id: UUID, run_input: dict[str, Any] | None, now: datetime, by: str, terms: Terms = USUAL, agent: str = ""
) -> Transaction[Changed]:
    """Let a paused flow run go on: a suspended one is scheduled, another runs; input that it waits for is kept."""
    run, _ = yield from flow_run.load(run_id)
    state = run.state
    if state is None or state.type != StateType.PAUSED:
        return refused(None, "ABORT", "The flow run is not paused, so it cannot be resumed.")
    keyset = state.state_details.run_input_keyset
    values: dict[str, Any] = {}
    if keyset:
        values, wrong = yield from read_input(run_id, keyset.get("schema", ""), run_input or {})
        if wrong is not None:
            return refused(state, "REJECT", wrong)
    proposed = StateCreate(type=StateType.RUNNING)
    if state.state_details.pause_reschedule:
        details = StateDetails(scheduled_time=now)
        proposed = StateCreate(type=StateType.SCHEDULED, name="Resuming", state_details=details)
    changed = yield from set_flow_run_state(run_id, SetState(state=proposed), now, by, terms, agent)
    if keyset and changed.result.status == "ACCEPT":
        yield from keep_input(run_id, keyset.get("response", ""), values, now, by)
    return changed


def refused(state: State | None, status: SetStateStatus, reason: str) -> Changed:
    """Say why a run was not resumed."""
    return Changed(OrchestrationResult(state=state, status=status, details=StateAbortDetails(reason=reason)), False)


def read_input(run_id: UUID, key: str, run_input: dict[str, Any]) -> Transaction[tuple[dict[str, Any], str | None]]:
    """Return input as plain values, and what is wrong with it by the schema that the run gave under a key."""
    made = yield from plainly(run_input)
    if made.problems:
        return made.values, f"The input cannot be read. {spoken(made.problems[0])}"
    given = yield from flow_run_input.read(run_id, key)
    if given is None:
        return made.values, f"The schema of the input is missing: the run has no input {key!r}."
    try:
        found = problems(decode_schema(given.value), made.values)
    except (msgspec.MsgspecError, RecursionError):
        return made.values, f"The schema of the input, {key!r}, is not a JSON object."
    except InvalidSchema as error:
        return made.values, f"The schema of the input, {key!r}, is not valid: {error}"
    return made.values, f"The input does not fit. {spoken(found[0])}" if found else None


def spoken(problem: Problem) -> str:
    """Return a problem as a sentence."""
    place = ".".join(map(str, problem.path))
    return f"{place}: {problem.reason}" if place else problem.reason


def keep_input(run_id: UUID, key: str, values: dict[str, Any], now: datetime, by: str) -> Transaction[None]:
    """Keep the input that a run waited for."""
    given = FlowRunInput(
        id=uuid7(), created=now, updated=now, flow_run_id=run_id, key=key, value=encode(values).decode()
    )
    if not (yield from flow_run_input.insert(given, by)):
        raise Conflict(f"The run has got its input {key!r} before.")
