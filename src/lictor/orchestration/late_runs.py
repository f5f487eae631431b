"""Marks scheduled runs late that did not start in time."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from lictor.orchestration import slots
from lictor.orchestration.change_state import Changed, behind, judge_late, state_of, take_verdict
from lictor.orchestration.rounds import BY, change_all
from lictor.orchestration.terms import terms_of
from lictor.rules.transition import Terms
from lictor.settings import Settings, table
from lictor.store import flow_run, overdue
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.state import StateCreate, StateDetails, StateType


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Mark every run late whose time is past by more than `server.services.late_runs.after_seconds`."""
    before = now - settings[table.SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS]
    await change_all(store, partial(overdue.scheduled, before), mark_late, now, terms_of(settings))


@brief
def mark_late(run_id: UUID, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Mark a run late, unless it has gone on."""
    run, stored = yield from flow_run.load(run_id)
    details = StateDetails(scheduled_time=run.next_scheduled_start_time)
    late = StateCreate(type=StateType.SCHEDULED, name="Late", state_details=details)
    proposed = behind(state_of(late, now, flow_run_id=run.id), run.state)
    deployment = None
    if run.deployment_id is not None:
        deployment = yield from slots.deployment_of(run, run.deployment_id, proposed, now, "")
    verdict = judge_late(run, proposed, now, deployment, terms)
    return (yield from take_verdict(run, stored, verdict, StateType.SCHEDULED, now, BY))
