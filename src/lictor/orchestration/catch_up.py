"""Keeps the catch-up policies of schedules, and leaves runs out as they say; the scheduler makes what was missed.

A policy is kept by its schedule's slug, for who applies a deployment again makes all its schedules anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from lictor.orchestration import scheduler
from lictor.orchestration.change_state import Changed, set_flow_run_state, unchanged
from lictor.orchestration.refusal import Unfit
from lictor.orchestration.rounds import BY, SLICE, change_one
from lictor.orchestration.terms import terms_of
from lictor.rules.catch_up import left_behind, skipped
from lictor.rules.schedule import key_of
from lictor.rules.transition import Terms
from lictor.settings import Settings, table
from lictor.store import catch_up, deployment, flow_run
from lictor.store.catch_up import Due
from lictor.store.transaction import Store, Transaction, brief
from lictor.wire.types.catch_up import CatchUp, CatchUpGiven
from lictor.wire.types.deployment import DeploymentSchedule
from lictor.wire.types.state import SetState, StateType

MOST_WAITING = 2000
"""How many waiting runs are looked at in one go."""


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Make the runs that were missed, and leave out those that are to wait no longer."""
    await scheduler.run_missed(store, settings, now)
    behind, grace = None, settings[table.SERVER_SERVICES_SCHEDULER_CATCH_UP_GRACE]
    while found := await store.read(catch_up.leaving_out, behind, SLICE):
        behind = found[-1]
        while waiting := await store.read(catch_up.waiting, found, now, MOST_WAITING):
            changed = [
                await change_one(store, leave_out, each, now, terms_of(settings))
                for each in to_leave_out(waiting, grace, now)
            ]
            if len(waiting) < MOST_WAITING or not any(changed):
                break


def to_leave_out(waiting: Iterable[Due], grace: timedelta, now: datetime) -> list[Due]:
    """Return those of the runs that wait for a worker that are to wait no longer."""
    of_schedule = attrgetter("deployment_id", "slug", "policy")
    return [
        left
        for (_, _, policy), runs in groupby(sorted(waiting, key=of_schedule), of_schedule)
        for left in left_behind(policy, list(runs), grace, now)
    ]


@brief
def leave_out(of: Due, now: datetime, terms: Terms) -> Transaction[Changed]:
    """Leave a run out, unless it has gone on."""
    run, _ = yield from flow_run.load(of.run_id)
    if run.state_type != StateType.SCHEDULED or run.next_scheduled_start_time != of.due:
        return unchanged(run)
    state = SetState(state=skipped(of.slug, of.policy))
    return (yield from set_flow_run_state(of.run_id, state, now, BY, terms))


def update_policies(deployment_id: UUID, given: Sequence[CatchUpGiven], now: datetime) -> Transaction[list[CatchUp]]:
    """Give schedules of a deployment policies, or take them away, and return those that there are.

    A schedule with a new policy catches up with nothing that was missed before.
    """
    yield from deployment.load_to_change(deployment_id)
    schedules = {each.slug: each for each in (yield from deployment.schedules(deployment_id))}
    known = yield from catch_up.of_one(deployment_id)
    for each in {each.slug: each for each in given}.values():  # the last one counts
        before = known.get(each.slug)
        if each.policy is None:
            if before is not None:
                yield from catch_up.delete(deployment_id, each.slug)
        elif each.slug not in schedules:
            raise Unfit(f"slug: the deployment has no schedule {each.slug!r}; it has {named(schedules)}.")
        elif before is None or before.policy != each.policy:
            key = key_of(deployment_id, schedules[each.slug].id)
            planned = yield from catch_up.last_planned(deployment_id, key)
            settled = max(now, planned or now, before.settled if before else now)
            yield from catch_up.put(deployment_id, [CatchUp(slug=each.slug, policy=each.policy, settled=settled)])
    return list((yield from catch_up.of_one(deployment_id)).values())


def named(schedules: Mapping[str | None, object]) -> str:
    """Return the slugs of a deployment's schedules, to be read."""
    return ", ".join(repr(slug) for slug in schedules if slug is not None) or "none with a slug"


class Kept(NamedTuple):
    """The policies of a deployment whose schedules are about to change, and the schedules as they were."""

    policies: dict[str, CatchUp]
    schedules: dict[str | None, DeploymentSchedule]
    paused: bool


def keep(deployment_id: UUID, paused: bool) -> Transaction[Kept | None]:
    """Remember a deployment's policies before its schedules change, None if it has none."""
    policies = yield from catch_up.of_one(deployment_id)
    if not policies:
        return None
    schedules = {each.slug: each for each in (yield from deployment.schedules(deployment_id))}
    return Kept(policies, schedules, paused)


def carry_over(
    deployment_id: UUID, kept: Kept | None, now: datetime, renamed: Mapping[str, str] | None = None
) -> Transaction[None]:
    """Keep a deployment's policies after its schedules changed and the runs planned ahead went.

    What a schedule missed before it is still to catch up with, if it fires as it did and was not switched off.
    `renamed` are new slugs by those that they replace.
    """
    if kept is None:
        return
    there = yield from deployment.schedules(deployment_id)
    by_id, by_slug = {each.id: each for each in there}, {each.slug: each for each in there}
    policies: dict[str, CatchUp] = {}
    for slug, policy in kept.policies.items():
        old = kept.schedules.get(slug)
        new = (by_id.get(old.id) if old else None) or by_slug.get((renamed or {}).get(slug, slug))
        goes_on = not kept.paused and old is not None and new is not None and same(old, new)
        settled = min(policy.settled, now) if goes_on else now
        called = new.slug if new is not None and new.slug is not None else slug
        if called not in policies or new is not None:
            policies[called] = structs.replace(policy, slug=called, settled=settled)
    if policies != kept.policies:
        yield from catch_up.delete_all(deployment_id)
        yield from catch_up.put(deployment_id, list(policies.values()))


def begin_anew(deployment_id: UUID, slugs: Collection[str | None], now: datetime) -> Transaction[None]:
    """Let schedules that are made with slugs of earlier ones catch up with nothing that was missed before."""
    policies = yield from catch_up.of_one(deployment_id)
    again = [structs.replace(each, settled=now) for slug, each in policies.items() if slug in slugs]
    if again:
        yield from catch_up.put(deployment_id, again)


def same(old: DeploymentSchedule, new: DeploymentSchedule) -> bool:
    """Tell whether a schedule fires as it did before."""
    return old.active and new.active and bytes(old.schedule) == bytes(new.schedule)
