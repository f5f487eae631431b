"""Plans the runs of schedules ahead.

Every server does: a run's idempotency key names its schedule and time, so whoever comes second adds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.names import random_name
from lictor.orchestration.change_state import state_of
from lictor.orchestration.create_runs import merged, put_into, spliced
from lictor.orchestration.rounds import BY
from lictor.rules.advance import advance_flow_run
from lictor.rules.schedule import dates
from lictor.settings import Settings, table
from lictor.store import deployment, flow_run, work_queue
from lictor.store.transaction import Store, Transaction
from lictor.wire.operations.deployment import PlanRuns
from lictor.wire.types.deployment import Deployment, DeploymentSchedule
from lictor.wire.types.flow_run import CreatedBy, FlowRun
from lictor.wire.types.schedule import Schedule, read_schedule
from lictor.wire.types.state import StateCreate, StateDetails, StateType
from lictor.wire.types.work_queue import WorkQueue

logger = logging.getLogger("lictor.orchestration.scheduler")

LONGER = timedelta(seconds=1)
"""How much further than its last pass the one for recent changes looks back."""
TAG = "auto-scheduled"
decode_schedule = msgspec.json.Decoder(DeploymentSchedule).decode


class Reach(NamedTuple):
    """How far ahead runs are planned: from when, to when at most, and what is enough."""

    start: datetime
    end: datetime
    enough: datetime
    min_runs: int
    max_runs: int


class Source(NamedTuple):
    """A deployment, its queue, its schedules as they are stored, and the keys of its runs that are planned already."""

    deployment: Deployment
    queue: WorkQueue | None
    schedules: list[Raw]
    planned: set[str]


class Planned(NamedTuple):
    """A run to add, and what it comes from."""

    source: Source
    run: FlowRun


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
    )


async def plan(
    store: Store, settings: Settings, deployment_ids: list[UUID], reach: Reach, now: datetime, by: str = BY
) -> None:
    """Add the runs of deployments' schedules that are not there, so many in one transaction."""
    sources = await store.read(read_sources, deployment_ids, reach.start)
    wanted = await asyncio.to_thread(lambda: [run for source in sources for run in runs_of(source, reach, now)])
    left = iter(wanted)
    while part := list(islice(left, max(settings[table.SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE], 1))):
        await store.write(add, part, by)


def read_sources(deployment_ids: list[UUID], since: datetime) -> Transaction[list[Source]]:
    """Read what there is to plan for deployments."""
    found = yield from deployment.load_some(deployment_ids)
    schedules = yield from deployment.schedule_texts(each.id.bytes for each in found)
    planned = yield from flow_run.upcoming(deployment_ids, since)
    queues: dict[UUID, WorkQueue] = {}
    for queue_id in {each.work_queue_id for each in found if each.work_queue_id is not None}:
        queues[queue_id] = yield from work_queue.load(queue_id)
    return [
        Source(
            each,
            None if each.work_queue_id is None else queues[each.work_queue_id],
            schedules.get(each.id.bytes, []),
            planned.get(each.id.bytes, set()),
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
        zone = ZoneInfo(asked.timezone or "UTC")
        for moment in moments:
            key = f"scheduled {source.deployment.id} {schedule.id} {moment.astimezone(zone)}"
            if key not in source.planned:
                yield Planned(source, run_of(source, schedule, type(asked).__name__, moment, key, now))


def dates_of(schedule: Schedule, most: int | None, reach: Reach) -> Iterator[datetime]:
    """Yield when a schedule's runs are due, as many as are wanted."""
    least = min(reach.max_runs, most or reach.max_runs)
    for number, moment in enumerate(dates(schedule, reach.start, reach.end), 1):
        if number > least:
            return
        yield moment
        if number >= reach.min_runs and moment >= reach.enough:
            return


def run_of(source: Source, schedule: DeploymentSchedule, kind: str, due: datetime, key: str, now: datetime) -> FlowRun:
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
    waiting = StateCreate(
        type=StateType.SCHEDULED, message="Flow run scheduled", state_details=StateDetails(scheduled_time=due)
    )
    advance_flow_run(run, state_of(waiting, now, flow_run_id=run.id))
    return run


def add(runs: list[Planned], by: str) -> Transaction[int]:
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
    return (yield from flow_run.plan([run for source, run in runs if source.deployment.id in same], by))


def texts(schedules: Iterable[Raw]) -> list[bytes]:
    """Return schedules to compare."""
    return [bytes(each) for each in schedules]
