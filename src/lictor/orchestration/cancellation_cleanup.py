"""Brings what a cancellation left behind to its end: task runs, subflows, and runs whose process never answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec

from lictor.orchestration.change_state import Changed, set_flow_run_state, set_task_run_state, unchanged
from lictor.orchestration.rounds import BY, change_all
from lictor.orchestration.terms import terms_of
from lictor.rules.claims import HELD
from lictor.rules.transition import Terms
from lictor.settings import Settings, table
from lictor.store import cleanup, flow_run, overdue, state, task_run, work_pool
from lictor.store.overdue import Subflow
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, SetState, State, StateCreate, StateType
from lictor.wire.types.worker_channel import CANCELLING_TIMEOUT

LOOK_BACK = timedelta(days=1)
"""How long after a cancellation its task runs are looked for."""
GIVEN_UP = timedelta(days=7)
"""How long something waits for a worker to clean it up."""
WITHOUT_WORKERS = (":push", ":managed")
"""How the types of pools end that have no workers."""
PARENT_CANCELLED = "The parent flow run was cancelled."


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Cancel the unfinished task runs and subflows of cancelled runs, and runs too long in cancellation."""
    terms = terms_of(settings)
    before = now - timedelta(seconds=settings[table.SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS])
    await change_all(store, partial(overdue.cancelling, before), end_cancelling, before, now, terms)
    await change_all(store, partial(overdue.task_runs, now - LOOK_BACK), cancel_task_run, now, terms)
    await change_all(store, overdue.subflows, cancel_subflow, now, terms)
    await store.write(cleanup.delete_old, now - GIVEN_UP)


@brief
def end_cancelling(run_id: UUID, before: datetime, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Count a run as cancelled that has been in cancellation since before a moment, unless it has gone on."""
    run, _ = yield from flow_run.load(run_id)
    if run.state is None or run.state.type != StateType.CANCELLING or run.state.timestamp > before:
        return unchanged(run)
    history = yield from state.texts("flow_run", run_id)
    reason = no_answer(run, [msgspec.json.decode(text, type=State) for text in history], now)
    changed = yield from set_flow_run_state(run_id, wanted(StateType.CANCELLED, reason), now, BY, terms)
    if changed.written and changed.result.state is not None and changed.result.state.type == StateType.CANCELLED:
        yield from clean_up(run, now)
    return changed


def no_answer(run: FlowRun, history: Iterable[State], now: datetime) -> str:
    """Return the reason why a run counts as cancelled that nobody said to have ended: who did not, and for how long."""
    claims = [one.message or "" for one in history if one.type == StateType.PENDING]
    claim = claims[-1] if claims else ""
    who = claim.removeprefix(HELD).rstrip(".") if claim.startswith(HELD) else "nobody known"
    where = f", at {run.infrastructure_pid}" if run.infrastructure_pid else ""
    waited = 0 if run.state is None else round((now - run.state.timestamp).total_seconds())
    return (
        f"Who ran it ({who}{where}) did not say within {waited} seconds that its process ended; "
        "it counts as cancelled, but may go on there."
    )


def clean_up(run: FlowRun, now: datetime) -> Transaction[None]:
    """Let a worker of a run's pool end what may still be there of its process."""
    if run.work_pool_id is None or run.work_queue_id is None:
        return
    pool, _ = yield from work_pool.load(run.work_pool_id)
    if pool.type.endswith(WITHOUT_WORKERS):
        return
    target = {"flow_run_id": run.id, "infrastructure_pid": run.infrastructure_pid}
    yield from cleanup.add(pool.id, run.work_queue_id, CANCELLING_TIMEOUT, target, now)


@brief
def cancel_task_run(run_id: UUID, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Cancel a task run, unless it has ended."""
    run, _ = yield from task_run.load(run_id)
    if run.state_type in FINAL:
        return unchanged(run)
    cancelled = wanted(StateType.CANCELLED, PARENT_CANCELLED, force=True)
    return (yield from set_task_run_state(run_id, cancelled, now, BY, terms))


@brief
def cancel_subflow(subflow: Subflow, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Cancel a subflow, unless it has ended; the process of a deployed one must be told first."""
    run, _ = yield from flow_run.load(subflow.id)
    kind = StateType.CANCELLING if subflow.deployed else StateType.CANCELLED
    if run.state_type in FINAL or run.state_type == kind:
        return unchanged(run)
    return (yield from set_flow_run_state(subflow.id, wanted(kind, PARENT_CANCELLED), now, BY, terms))


def wanted(kind: StateType, message: str, *, force: bool = False) -> SetState:
    """Return a proposal."""
    return SetState(state=StateCreate(type=kind, message=message), force=force)
