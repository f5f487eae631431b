"""Proposes one state for several runs, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import replace

from lictor.kit.clock import now
from lictor.orchestration.change_state import set_flow_run_state
from lictor.rules.transition import Terms
from lictor.store.transaction import NotFound, Store
from lictor.wire.types.flow_run import FlowRunResult
from lictor.wire.types.state import SetState


async def set_flow_run_states(
    store: Store, run_ids: Iterable[UUID], body: SetState, by: str, terms: Terms, agent: str = ""
) -> list[FlowRunResult]:
    """Propose a state for some flow runs; what came of it for each, save those that are gone by then."""
    results = []
    for run_id in run_ids:
        own = SetState(
            state=replace(body.state, state_details=replace(body.state.state_details)), force=body.force
        )  # a proposal takes the details that it is given as its own
        try:
            result = (await store.write(set_flow_run_state, run_id, own, now(), by, terms, agent)).result
        except NotFound:
            continue
        results.append(
            FlowRunResult(flow_run_id=run_id, state=result.state, status=result.status, details=result.details)
        )
    return results
