"""Ends flow runs whose pause ran out before anybody resumed them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.orchestration.change_state import Changed, set_flow_run_state, unchanged
from lictor.orchestration.rounds import BY, SLICE, change_one
from lictor.orchestration.terms import terms_of
from lictor.rules.flow_run import RAN_OUT, over
from lictor.rules.transition import Terms
from lictor.settings import Settings
from lictor.store import flow_run, overdue
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.state import SetState, StateCreate, StateType


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Fail every paused run whose pause has run out."""
    terms = terms_of(settings)
    after: int | None = 0
    while after is not None:
        found, after = await store.read(overdue.paused, after, now, SLICE)
        for run_id in found:
            await change_one(store, end_pause, run_id, now, terms)


@brief
def end_pause(run_id: UUID, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Fail a run whose pause has run out, unless it has gone on."""
    run, _ = yield from flow_run.load(run_id)
    state = run.state
    if state is None or state.type != StateType.PAUSED or not over(state.state_details.pause_timeout, now):
        return unchanged(run)
    failed = SetState(state=StateCreate(type=StateType.FAILED, message=RAN_OUT), force=True)
    return (yield from set_flow_run_state(run_id, failed, now, BY, terms))
