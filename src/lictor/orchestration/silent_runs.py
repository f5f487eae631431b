"""Takes signs of life of runs, and marks runs crashed that fell silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from lictor.kit.ids import uuid7
from lictor.orchestration.change_state import Changed, behind, set_flow_run_state, take_verdict, unchanged
from lictor.orchestration.rounds import BY, SLICE, change_one
from lictor.orchestration.terms import terms_of
from lictor.rules.signs_of_life import NO_SIGN, Source, silence
from lictor.rules.transition import Terms, Verdict
from lictor.settings import Settings, table
from lictor.store import flow_run, sign_of_life
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.state import SetState, State, StateCreate, StateDetails, StateType

NAME = "silent-runs"
KEPT = timedelta(hours=1)
"""How long signs of life are kept of runs that have ended."""
BREAK = timedelta(seconds=30)
"""A pause between two passes that is longer than this, and than three of them, is a break."""
BACK = "The run gave a sign of life again."


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Mark every run crashed that has given signs of life and missed three of its own intervals."""
    loop = timedelta(seconds=settings[table.SERVER_SERVICES_SILENT_RUNS_LOOP_SECONDS])
    awake = await store.write(sign_of_life.pass_by, NAME, now, max(BREAK, 3 * loop))
    terms = terms_of(settings)
    after = sign_of_life.FIRST
    while True:
        found = await store.read(sign_of_life.overdue, after, now, SLICE)
        for run_id in found:
            await change_one(store, mark_crashed, run_id, awake, now, terms)
        if len(found) < SLICE:
            break
        after = found[-1]
    while await store.write(sign_of_life.forget, now - KEPT, SLICE):
        pass


@brief
def mark_crashed(run_id: UUID, awake: datetime, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Mark a run crashed that is silent, unless it has gone on."""
    run, _ = yield from flow_run.load(run_id)
    silent = silence((yield from sign_of_life.of_run(run_id)), awake, now)
    if run.state_type != StateType.RUNNING or silent is None:
        return unchanged(run)
    crashed = SetState(state=StateCreate(type=StateType.CRASHED, message=str(silent)))
    return (yield from set_flow_run_state(run_id, crashed, now, BY, terms))


def note(signs: Iterable[tuple[UUID, datetime]], source: Source, now: datetime) -> Transaction[None]:
    """Note signs of life of runs, each with its time; a run that counted as crashed for its silence runs again."""
    given = list(signs)
    if not given:
        return
    yield from sign_of_life.give(given, source, now)
    for run_id in (yield from sign_of_life.crashed(run_id for run_id, _ in given)):
        yield from revive(run_id, now)


def revive(run_id: UUID, now: datetime) -> Transaction[None]:
    """Let a run run again that counts as crashed for its silence: its machine slept, or did not reach this server."""
    run, stored = yield from flow_run.load(run_id)
    crashed = run.state
    if crashed is None or crashed.type != StateType.CRASHED or not (crashed.message or "").startswith(NO_SIGN):
        return
    running = State(
        id=uuid7(),
        type=StateType.RUNNING,
        name="Running",
        timestamp=now,
        message=BACK,
        state_details=StateDetails(flow_run_id=run_id),
    )
    verdict = Verdict("ACCEPT", behind(running, crashed), run_count=run.run_count - 1)  # it is the same try as before
    yield from take_verdict(run, stored, verdict, StateType.RUNNING, now, BY)
