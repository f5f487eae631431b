"""Lets runs wait for a worker again that a worker claimed and nobody started."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from lictor.orchestration.change_state import Changed, set_flow_run_state, unchanged
from lictor.orchestration.rounds import BY, SLICE, change_one
from lictor.orchestration.terms import terms_of
from lictor.rules.claims import EXPIRED, Claim, ClaimTerms, over
from lictor.rules.transition import Terms
from lictor.settings import Settings, table
from lictor.store import flow_run, overdue
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.state import SetState


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Look at every claimed run that has been pending for longer than a claim lasts."""
    claims = ClaimTerms(
        settings[table.SERVER_SERVICES_EXPIRED_CLAIMS_TIMEOUT_SECONDS],
        settings[table.SERVER_SERVICES_EXPIRED_CLAIMS_MAX_EXPIRATIONS],
    )
    before, terms = now - timedelta(seconds=claims.held_seconds), terms_of(settings)
    after: int | None = 0
    while after is not None:
        found, after = await store.read(overdue.claimed, after, before, SLICE)
        for run_id in found:
            await change_one(store, end_claim, run_id, claims, now, terms)


@brief
def end_claim(run_id: UUID, claims: ClaimTerms, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Let a run wait for a worker again whose claim ran out, unless it has gone on."""
    run, stored = yield from flow_run.load(run_id)
    waited, expired = yield from overdue.claims(run_id, EXPIRED)
    claim = Claim(
        run.state,
        waited=waited,
        pooled=run.work_queue_id is not None,
        started=run.infrastructure_pid is not None,
        renewed=run.updated or now,
        expired=expired,
    )
    state = over(claim, claims, now)
    if state is None:
        return unchanged(run)
    if run.infrastructure_pid is not None:
        run.infrastructure_pid, run.updated = None, now
        yield from flow_run.save(run, stored, BY)
    return (yield from set_flow_run_state(run_id, SetState(state=state), now, BY, terms))
