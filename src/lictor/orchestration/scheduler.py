"""Plans the runs of schedules ahead.

Every server does: a run's idempotency key names its schedule and time, so whoever comes second adds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.names import random_name
from lictor.orchestration.change_state import state_of
from lictor.orchestration.create_runs import merged, put_into, spliced
from lictor.orchestration.deployment_events import tell
from lictor.orchestration.rounds import BY
from lictor.rules.advance import advance_flow_run
from lictor.rules.catch_up import Owed, made_up, missed, owed
from lictor.rules.schedule import dates, key_at, key_of
from lictor.settings import Settings, table
from lictor.store import catch_up, deployment, flow_run, work_queue
from lictor.store.transaction import Store, Transaction
from lictor.wire.operations.deployment import PlanRuns
from lictor.wire.types.catch_up import CatchUp
from lictor.wire.types.deployment import Deployment, DeploymentSchedule
from lictor.wire.types.flow_run import CreatedBy, FlowRun
from lictor.wire.types.schedule import Schedule, read_schedule
from lictor.wire.types.state import StateCreate, StateDetails, StateType
from lictor.wire.types.work_queue import WorkQueue

logger = logging.getLogger("lictor.orchestration.scheduler")

LONGER = timedelta(seconds=1)
"""How much further than its last pass the one for recent changes looks back."""
TAG = "auto-scheduled"
LEFT_OUT = (
    "Of the runs of deployment %s that its schedule '%s' missed since %s %s%d are left out and %d made up for; "
    "the catch-up policy is %s."
)
decode_schedule = msgspec.json.Decoder(DeploymentSchedule).decode


class Reach(NamedTuple):
    """How far ahead runs are planned: from when, to when at most, and what is enough.

    `made_up` is how many runs at most are made of those that were missed before.
    """

    start: datetime
    end: datetime
    enough: datetime
    min_runs: int
    max_runs: int
    made_up: int = 0


class Source(NamedTuple):
    """A deployment, its queue, its schedules as they are stored, and the keys of its runs that are planned already.

    `policies` are the catch-up policies of schedules by their slugs.
    """

    deployment: Deployment
    queue: WorkQueue | None
    schedules: list[Raw]
    planned: set[str]
    policies: dict[str, CatchUp]


class Settled(NamedTuple):
    """A time up to which a schedule's times are settled, and what is not made up for of them, if that is to be told."""

    slug: str
    until: datetime
    told: dict[str, Any] | None = None


class Planned(NamedTuple):
    """A run to add, and what it comes from; of schedules with a catch-up policy also what is settled by that.

    Something may be settled without a run.
    """

    source: Source
    run: FlowRun | None
    settled: Settled | None = None


async def run_once(store: Store, settings: Settings, now: datetime) -> None:
    """Plan runs of all deployments that are not paused."""
    behind, size = None, settings[table.SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE]
    while found := await store.read(deployment.to_schedule, behind, size):
        await plan(store, settings, found, reach_of(settings, now), now)
        behind = found[-1]


async def run_recent(store: Store, settings: Settings, now: datetime) -> None:
    """Plan runs of those deployments that changed since the last pass, or whose schedules did."""
    seconds = settings[table.SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS]
    since = now - timedelta(seconds=seconds) - LONGER
    behind, size = None, settings[table.SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE]
    while found := await store.read(deployment.changed_since, since, behind, size):
        await plan(store, settings, found, reach_of(settings, now), now)
        behind = found[-1]


async def run_missed(store: Store, settings: Settings, now: datetime) -> None:
    """Plan runs of the deployments whose schedules may have missed some."""
    behind, size = None, settings[table.SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE]
    while found := await store.read(catch_up.unsettled, now, behind, size):
        await plan(store, settings, found, reach_of(settings, now), now)
        behind = found[-1]


async def plan_of(
    store: Store, settings: Settings, deployment_id: UUID, asked: PlanRuns, now: datetime, by: str
) -> None:
    """Plan runs of one deployment as somebody asks, whether it is paused or not."""
    start, usual = asked.start_time or now, reach_of(settings, now)
    least = usual.enough - now if asked.min_time is None else timedelta(seconds=asked.min_time)
    reach = Reach(
        start,
        asked.end_time or start + (usual.end - now),
        start + least,
        usual.min_runs if asked.min_runs is None else asked.min_runs,
        usual.max_runs if asked.max_runs is None else min(asked.max_runs, usual.max_runs),
    )
    await plan(store, settings, [deployment_id], reach, now, by)


def reach_of(settings: Settings, now: datetime) -> Reach:
    """Return how far ahead the settings want runs to be planned."""
    return Reach(
        now,
        now + settings[table.SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME],
        now + settings[table.SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME],
        settings[table.SERVER_SERVICES_SCHEDULER_MIN_RUNS],
        settings[table.SERVER_SERVICES_SCHEDULER_MAX_RUNS],
        settings[table.SERVER_SERVICES_SCHEDULER_CATCH_UP_MAX_RUNS],
    )


async def plan(
    store: Store, settings: Settings, deployment_ids: list[UUID], reach: Reach, now: datetime, by: str = BY
) -> None:
    """Add the runs of deployments' schedules that are not there, so many in one transaction."""
    sources = await store.read(read_sources, deployment_ids, reach.start)
    wanted = await asyncio.to_thread(lambda: [run for source in sources for run in runs_of(source, reach, now)])
    left = iter(wanted)
    while part := list(islice(left, max(settings[table.SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE], 1))):
        await store.write(add, part, by, now)
        for each in part:
            if each.settled is not None and each.settled.told is not None:
                log_left_out(each.source.deployment, each.settled.told)


def log_left_out(of: Deployment, told: dict[str, Any]) -> None:
    """Write down that runs are not made up for."""
    least = "at least " if told["at_least"] else ""
    since = f"{told['missed_since']:%Y-%m-%d %H:%M:%SZ}"
    numbers = told["left_out"], told["made_up_for"]
    logger.warning(LEFT_OUT, of.id, told["schedule"], since, least, *numbers, told["policy"])


def read_sources(deployment_ids: list[UUID], since: datetime) -> Transaction[list[Source]]:
    """Read what there is to plan for deployments."""
    found = yield from deployment.load_some(deployment_ids)
    schedules = yield from deployment.schedule_texts(each.id.bytes for each in found)
    planned = yield from flow_run.upcoming(deployment_ids, since)
    policies = yield from catch_up.of(deployment_ids)
    queues: dict[UUID, WorkQueue] = {}
    for queue_id in {each.work_queue_id for each in found if each.work_queue_id is not None}:
        queues[queue_id] = yield from work_queue.load(queue_id)
    return [
        Source(
            each,
            None if each.work_queue_id is None else queues[each.work_queue_id],
            schedules.get(each.id.bytes, []),
            planned.get(each.id.bytes, set()),
            policies.get(each.id, {}),
        )
        for each in found
    ]


def runs_of(source: Source, reach: Reach, now: datetime) -> Iterator[Planned]:
    """Yield the runs that a deployment's schedules ask for and that are not there; an unreadable one asks for none."""
    for text in source.schedules:
        schedule = decode_schedule(text)
        if not schedule.active:
            continue
        try:
            asked = read_schedule(schedule.schedule)
            moments = list(dates_of(asked, schedule.max_scheduled_runs, reach))
        except ValueError as wrong:
            logger.error(
                "The schedule %s of the deployment %s cannot be read: %s", schedule.id, source.deployment.id, wrong
            )
            continue
        policy = source.policies.get(schedule.slug or "") if reach.made_up else None
        if policy is None:
            yield from (Planned(source, run) for run in runs_at(source, schedule, asked, moments, now))
        else:
            yield from settled_by(source, schedule, asked, moments, policy, reach, now)


def runs_at(
    source: Source,
    schedule: DeploymentSchedule,
    asked: Schedule,
    moments: Iterable[datetime],
    now: datetime,
    said: str = "Flow run scheduled",
) -> Iterator[FlowRun]:
    """Yield the runs that a schedule asks for at some moments, save those that are there."""
    beginning = key_of(source.deployment.id, schedule.id)
    for moment in moments:
        key = key_at(beginning, asked, moment)
        if key not in source.planned:
            yield run_of(source, schedule, type(asked).__name__, moment, key, now, said)


def settled_by(
    source: Source,
    schedule: DeploymentSchedule,
    asked: Schedule,
    moments: list[datetime],
    policy: CatchUp,
    reach: Reach,
    now: datetime,
) -> Iterator[Planned]:
    """Yield the runs of a schedule with a catch-up policy, first of times that were missed, and what is settled so."""
    slug, settled = policy.slug, policy.settled
    due = owed(policy.policy, missed(asked, settled, now, reach.made_up))
    if due is not None:
        settled = due.settled
        yield Planned(source, None, Settled(slug, settled, told_of(policy, due) if due.left_out else None))
    made_later = runs_at(source, schedule, asked, due.times if due else (), now, made_up(policy.policy))
    for run in (*made_later, *runs_at(source, schedule, asked, moments, now)):
        settled = run.expected_start_time or settled
        yield Planned(source, run, Settled(slug, settled))
    last = moments[-1] if moments else reach.end
    if last > settled and (moments or settled < now):
        yield Planned(source, None, Settled(slug, last))


def told_of(policy: CatchUp, due: Owed) -> dict[str, Any]:
    """Return what is told of runs that are not made up for."""
    return {
        "schedule": policy.slug,
        "policy": policy.policy,
        "missed_since": policy.settled,
        "left_out": due.left_out,
        "at_least": due.at_least,
        "made_up_for": len(due.times),
    }


def dates_of(schedule: Schedule, most: int | None, reach: Reach) -> Iterator[datetime]:
    """Yield when a schedule's runs are due, as many as are wanted."""
    least = min(reach.max_runs, most or reach.max_runs)
    for number, moment in enumerate(dates(schedule, reach.start, reach.end), 1):
        if number > least:
            return
        yield moment
        if number >= reach.min_runs and moment >= reach.enough:
            return


def run_of(  # of what, at which moment, known by which key, made when, with which words
    source: Source, schedule: DeploymentSchedule, kind: str, due: datetime, key: str, now: datetime, said: str
) -> FlowRun:
    """Return a run that a schedule asks for."""
    of = source.deployment
    run = FlowRun(
        id=uuid7(),
        created=now,
        updated=now,
        name=random_name(),
        flow_id=of.flow_id,
        deployment_id=of.id,
        deployment_version=of.version,
        idempotency_key=key,
        parameters=spliced({**of.parameters, **schedule.parameters}),
        tags=list(dict.fromkeys([TAG, *of.tags])),
        labels=merged(of.labels, {"prefect.flow.id": str(of.flow_id), "prefect.deployment.id": str(of.id)}),
        infrastructure_document_id=of.infrastructure_document_id,
        auto_scheduled=True,
        created_by=CreatedBy(id=schedule.id, type="SCHEDULE", display_value=schedule.slug or kind),
    )
    if source.queue is not None:
        put_into(run, source.queue)
    waiting = StateCreate(type=StateType.SCHEDULED, message=said, state_details=StateDetails(scheduled_time=due))
    advance_flow_run(run, state_of(waiting, now, flow_run_id=run.id))
    return run


def add(runs: list[Planned], by: str, now: datetime) -> Transaction[int]:
    """Add runs that were planned, save those of deployments that changed since, and their schedules."""
    sources = {planned.source.deployment.id: planned.source for planned in runs}
    still = yield from deployment.still(sources)
    schedules = yield from deployment.schedule_texts(each.bytes for each in sources)
    same = {
        each
        for each, source in sources.items()
        if still.get(each) == source.deployment.updated
        and texts(schedules.get(each.bytes, [])) == texts(source.schedules)
    }
    wanted = [each for each in runs if each.source.deployment.id in same]
    made = [each.run for each in wanted if each.run is not None]
    added = (yield from flow_run.plan(made, by)) if made else 0
    yield from settle(wanted, now, by)
    return added


def settle(runs: list[Planned], now: datetime, by: str) -> Transaction[None]:
    """Note which times of schedules are settled by runs that were added, and tell once what is not made up for."""
    until: dict[tuple[UUID, str], datetime] = {}
    for source, _, settled in runs:
        if settled is not None and settled.told is not None:
            if (yield from catch_up.settle(source.deployment.id, settled.slug, settled.until)):
                about = yield from deployment.load(source.deployment.id)
                yield from tell("runs-left-out", about, now, by, settled.told)
        elif settled is not None:
            until[source.deployment.id, settled.slug] = settled.until
    for (deployment_id, slug), moment in sorted(until.items()):
        yield from catch_up.settle(deployment_id, slug, moment)


def texts(schedules: Iterable[Raw]) -> list[bytes]:
    """Return schedules to compare."""
    return [bytes(each) for each in schedules]
