"""Makes, changes and deletes deployments and their schedules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET, UnsetType, structs

from lictor.kit.ids import uuid7
from lictor.kit.json import NULL
from lictor.orchestration.catch_up import begin_anew, carry_over, keep
from lictor.orchestration.create_runs import flow_of, merged
from lictor.orchestration.deployment_events import status_word, tell, tell_changes
from lictor.orchestration.job_variables import wrong_for
from lictor.orchestration.parameters import check_new, check_parameters, hydrated
from lictor.orchestration.queue_places import queue_of
from lictor.orchestration.refusal import Absent, Conflict, Unfit
from lictor.store import block_document, catch_up, concurrency_limit, deployment
from lictor.store.deployment import Stored
from lictor.store.keyring import Keyring
from lictor.store.transaction import LostRace, NotFound, Store, Transaction
from lictor.wire.types.deployment import (
    Deployment,
    DeploymentCreate,
    DeploymentSchedule,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentStatus,
    DeploymentUpdate,
    UpdatedBy,
)
from lictor.wire.types.flow_run import CreatedBy

COPIED = (
    "version",
    "description",
    "paused",
    "concurrency_options",
    "parameter_openapi_schema",
    "tags",
    "path",
    "pull_steps",
    "entrypoint",
    "storage_document_id",
    "infrastructure_document_id",
)
"""The fields of a body that a deployment takes over as they are."""
NOT_NULL = ("enforce_parameter_schema", "job_variables", "parameters")
"""Those that stay where null is sent."""
SAME_SLUG = "Schedule slugs must be unique within a deployment."
NO_SLUGS = "schedules: each of them needs its slug, since the deployment's schedules have one."
NO_SCHEDULE = "schedules: a new one needs a `schedule`; only those with the slug of one that is there do without."


def put_deployment(
    keyring: Keyring, body: DeploymentCreate, now: datetime, by: str, created_by: CreatedBy | None = None
) -> Transaction[tuple[str, bool]]:
    """Make a deployment, or change the one of its flow with its name; return its JSON and whether it is new."""
    check_new(body)
    yield from check_references(body)
    before = yield from deployment.load_to_put(body.flow_id, body.name)
    made = before.deployment if before else new_deployment(body, now)
    original = deepcopy(before)
    kept = (yield from keep(made.id, made.paused)) if before else None
    take_over(body, made)
    yield from join_queue(body, made, now, by)
    if body.work_pool_name and isinstance(body.job_variables, dict) and body.job_variables:
        wrong = yield from wrong_for(keyring, made.work_pool_name, body.job_variables, whole=False)
        if wrong is not None:
            raise Unfit(wrong)
    parent = yield from flow_of(body.flow_id)
    made.labels, made.updated = merged(parent.labels, {"prefect.flow.id": str(parent.id)}, body.labels), now
    if created_by is not None:
        made.updated_by = UpdatedBy(id=created_by.id, type=created_by.type, display_value=created_by.display_value)
    limit_id = yield from limit_of(body, made.id, before and before.limit_id, now, by)
    if original is None:
        made.created_by = created_by
        if not (yield from deployment.insert(made, limit_id, by)):
            raise LostRace("deployment.insert")
        yield from tell("created", Stored(made, limit_id), now, by)
    else:
        yield from deployment.save(made, limit_id, by)
        yield from deployment.delete_waiting_runs(made.id, now, auto_scheduled=True, in_future=True)
        yield from deployment.delete_schedules(made.id)
        yield from tell_changes(original, Stored(made, limit_id), now, by)
    yield from add_schedules(made.id, body.schedules, now, by)
    yield from carry_over(made.id, kept, now, replaced_by(body.schedules))
    return (yield from deployment.text(made.id, now)), original is None


def replaced_by(sent: Iterable[DeploymentScheduleCreate]) -> dict[str, str]:
    """Return the slugs of schedules by those that they replace."""
    return {each.replaces: each.slug for each in sent if each.replaces and each.slug}


def new_deployment(body: DeploymentCreate, now: datetime) -> Deployment:
    """Return a deployment that says nothing yet."""
    return Deployment(
        id=uuid7(),
        created=now,
        updated=now,
        name=body.name,
        flow_id=body.flow_id,
        parameter_openapi_schema={},
        pull_steps=[],
    )


def take_over(body: DeploymentCreate | DeploymentUpdate, made: Deployment) -> None:
    """Give a deployment what a body says as it is."""
    for name in COPIED:
        value = getattr(body, name)
        if value is not UNSET:
            setattr(made, name, value)
    for name in NOT_NULL:
        value = getattr(body, name)
        if value is not UNSET and value is not None:
            setattr(made, name, value)


def join_queue(
    body: DeploymentCreate | DeploymentUpdate, made: Deployment, now: datetime, by: str
) -> Transaction[None]:
    """Let a deployment's runs wait in the work queue that a body names, which is made if it is not there.

    A change to no pool takes them out of it.
    """
    pool_name, queue_name = body.work_pool_name or None, body.work_queue_name or None
    if pool_name is None and body.work_pool_name is None and isinstance(body, DeploymentUpdate):
        made.work_queue_id = made.work_queue_name = made.work_pool_name = None
    elif pool_name is not None or queue_name is not None:
        queue = yield from queue_of(pool_name, queue_name, now, by, make=True)
        made.work_queue_id, made.work_queue_name = queue.id, queue.name
        made.work_pool_name = queue.work_pool_name


def check_references(body: DeploymentCreate | DeploymentUpdate) -> Transaction[None]:
    """Refuse a body that names what is not there."""
    for name, kind in (("storage_document_id", "storage"), ("infrastructure_document_id", "infrastructure")):
        document_id = getattr(body, name)
        if isinstance(document_id, UUID) and not (yield from block_document.is_there(document_id)):
            raise Conflict(f"{name}: there is no {kind} block of this id.")
    limit_id = body.global_concurrency_limit_id
    if isinstance(limit_id, UUID) and not (yield from deployment.has_limit(limit_id)):
        raise Absent("Concurrency limit not found")


def limit_of(
    body: DeploymentCreate | DeploymentUpdate, deployment_id: UUID, limit_id: UUID | None, now: datetime, by: str
) -> Transaction[UUID | None]:
    """Return the id of the limit that a deployment has from now on: its own, made as the body says, or a shared one."""
    if not isinstance(body.global_concurrency_limit_id, UnsetType):
        return body.global_concurrency_limit_id
    slots = body.concurrency_limit
    if isinstance(slots, UnsetType):
        return limit_id
    if slots is None:
        yield from concurrency_limit.delete_by_name(own_limit(deployment_id))
        return None
    return (yield from concurrency_limit.put(own_limit(deployment_id), slots, now, by))[0].id


def own_limit(deployment_id: UUID) -> str:
    """Return the name of a deployment's own limit."""
    return f"{concurrency_limit.DEPLOYMENT}{deployment_id}"


def update_deployment(deployment_id: UUID, body: DeploymentUpdate, now: datetime, by: str) -> Transaction[None]:
    """Change what was sent of a deployment; runs that its schedules made for later are made again."""
    before = yield from deployment.load_to_change(deployment_id)
    original, made = deepcopy(before), before.deployment
    kept = yield from keep(deployment_id, made.paused)
    plan = yield from plan_schedules(deployment_id, body.schedules)
    yield from check_references(body)
    if isinstance(body.parameters, dict):
        body.parameters = yield from hydrated(body.parameters)
    check_parameters(body, made)
    take_over(body, made)
    yield from join_queue(body, made, now, by)
    if body.work_pool_name and isinstance(body.job_variables, dict):
        wrong = yield from wrong_for(None, made.work_pool_name, body.job_variables, whole=False)
        if wrong is not None:
            raise Conflict(wrong)
    made.updated = now
    limit_id = yield from limit_of(body, made.id, before.limit_id, now, by)
    yield from deployment.save(made, limit_id, by)
    yield from deployment.delete_waiting_runs(made.id, now, auto_scheduled=True, in_future=True)
    yield from carry_out(made.id, plan, now, by)
    yield from carry_over(made.id, kept, now)
    yield from tell_changes(original, Stored(made, limit_id), now, by)


class Plan(NamedTuple):
    """What becomes of a deployment's schedules: whether all go first, which change to what, and which are new."""

    clear: bool
    changes: list[tuple[DeploymentSchedule, DeploymentScheduleUpdate]]
    additions: list[DeploymentScheduleUpdate]


def plan_schedules(deployment_id: UUID, sent: list[DeploymentScheduleUpdate] | UnsetType) -> Transaction[Plan]:
    """Return what becomes of a deployment's schedules.

    If those that are there have slugs, those that are sent need some, too, and change the ones with theirs, or with
    the slug that they replace. Otherwise they take their place, those that are slugs only left out.
    """
    if isinstance(sent, UnsetType):
        return Plan(False, [], [])
    there = yield from deployment.schedules(deployment_id)
    known = {schedule.slug: schedule for schedule in there}
    if not there or None in known:
        return Plan(True, [], [each for each in sent if each.schedule != NULL])
    if any(each.slug is None for each in sent):
        raise Unfit(NO_SLUGS)
    check_replacements(sent, known)
    plan = Plan(False, [], [])
    for each in sent:
        found = known.get(each.replaces or each.slug)
        if found is not None:
            plan.changes.append((found, each))
        elif each.schedule == NULL:
            raise Unfit(NO_SCHEDULE)
        else:
            plan.additions.append(each)
    return plan


def check_replacements(sent: Sequence[DeploymentScheduleUpdate], known: Collection[str | None]) -> None:
    """Refuse schedules that replace the same one, or take a slug that another keeps."""
    replaced = [each.replaces for each in sent if each.replaces]
    if len(replaced) > len(set(replaced)):
        raise Unfit("schedules: two of them have the same `replaces`.")
    for each in sent:
        if each.replaces and each.slug in known and each.slug not in replaced:
            raise Unfit(f"schedules: {each.replaces!r} cannot become {each.slug!r}, which is the slug of another one.")


def carry_out(deployment_id: UUID, plan: Plan, now: datetime, by: str) -> Transaction[None]:
    """Do with a deployment's schedules what was planned."""
    if plan.clear:
        yield from deployment.delete_schedules(deployment_id)
    renamed = [found.id for found, each in plan.changes if each.replaces]
    if renamed:
        yield from deployment.forget_slugs(renamed)
    for found, each in plan.changes:
        yield from deployment.save_schedule(changed(found, each, now), by)
    yield from add_schedules(deployment_id, plan.additions, now, by)


def changed(schedule: DeploymentSchedule, body: DeploymentScheduleUpdate, now: datetime) -> DeploymentSchedule:
    """Return a schedule with what was sent of it; its parameters are always replaced."""
    said = {
        "active": body.active,
        "schedule": None if body.schedule == NULL else body.schedule,
        "max_scheduled_runs": body.max_scheduled_runs,
        "slug": body.slug,
    }
    given = {name: value for name, value in said.items() if value is not None}
    return structs.replace(schedule, updated=now, parameters=body.parameters, **given)


def add_schedules(
    deployment_id: UUID,
    sent: Sequence[DeploymentScheduleCreate | DeploymentScheduleUpdate],
    now: datetime,
    by: str,
) -> Transaction[list[DeploymentSchedule]]:
    """Give a deployment more schedules."""
    made = [
        DeploymentSchedule(
            id=uuid7(),
            created=now,
            updated=now,
            deployment_id=deployment_id,
            schedule=each.schedule,
            active=each.active is not False,
            max_scheduled_runs=each.max_scheduled_runs,
            parameters=each.parameters,
            slug=each.slug,
        )
        for each in sent
    ]
    slugs = [each.slug for each in made if each.slug is not None]
    there = yield from deployment.schedules(deployment_id)
    if len({*slugs}) < len(slugs) or {each.slug for each in there} & {*slugs}:
        raise Conflict(SAME_SLUG)
    if made:
        yield from deployment.add_schedules(made, by)
    return made


def create_schedules(
    deployment_id: UUID, body: list[DeploymentScheduleCreate], now: datetime, by: str
) -> Transaction[list[DeploymentSchedule]]:
    """Give a deployment more schedules, and return them."""
    yield from deployment.load_to_change(deployment_id)
    yield from begin_anew(deployment_id, [each.slug for each in body], now)
    return (yield from add_schedules(deployment_id, body, now, by))


def update_schedule(
    deployment_id: UUID, schedule_id: UUID, body: DeploymentScheduleUpdate, now: datetime, by: str
) -> Transaction[None]:
    """Change a schedule; runs that schedules made for later are made again."""
    of = yield from deployment.load_to_change(deployment_id)
    kept = yield from keep(deployment_id, of.deployment.paused)
    try:
        found = yield from deployment.load_schedule(deployment_id, schedule_id)
    except NotFound:
        raise Absent("Schedule not found.") from None
    others = yield from deployment.schedules(deployment_id)
    if body.slug is not None and any(each.slug == body.slug and each.id != schedule_id for each in others):
        raise Conflict(SAME_SLUG)
    yield from deployment.save_schedule(changed(found, body, now), by)
    yield from deployment.delete_waiting_runs(deployment_id, now, auto_scheduled=True, in_future=True)
    yield from carry_over(deployment_id, kept, now)


def delete_schedule(deployment_id: UUID, schedule_id: UUID, now: datetime) -> Transaction[None]:
    """Delete a schedule, and the runs that schedules made and that wait to start."""
    of = yield from deployment.load_to_change(deployment_id)
    kept = yield from keep(deployment_id, of.deployment.paused)
    try:
        yield from deployment.delete_schedule(deployment_id, schedule_id)
    except NotFound:
        raise Absent("Schedule not found.") from None
    yield from deployment.delete_waiting_runs(deployment_id, now, auto_scheduled=True)
    yield from carry_over(deployment_id, kept, now)


def pause(deployment_id: UUID, paused: bool, now: datetime, by: str) -> Transaction[None]:
    """Let a deployment's schedules make no more runs, or runs again; paused, those go that wait to start."""
    found, limit_id = yield from deployment.load_to_change(deployment_id)
    kept = yield from keep(deployment_id, found.paused)
    found.paused, found.updated = paused, now
    yield from deployment.save(found, limit_id, by)
    if paused:
        yield from deployment.delete_waiting_runs(deployment_id, now, auto_scheduled=True)
    yield from carry_over(deployment_id, kept, now)


def delete_deployment(deployment_id: UUID, now: datetime, by: str) -> Transaction[None]:
    """Delete a deployment, its own limit, and its runs that wait to start."""
    found = yield from deployment.load_to_change(deployment_id)
    yield from deployment.delete_waiting_runs(deployment_id, now)
    yield from tell("deleted", found, now, by)
    yield from forget(deployment_id)


def forget(deployment_id: UUID) -> Transaction[None]:
    """Delete a deployment and its own limit."""
    yield from concurrency_limit.delete_by_name(own_limit(deployment_id))
    yield from catch_up.delete_all(deployment_id)
    yield from deployment.delete(deployment_id)


async def delete_deployments(store: Store, deployment_ids: Iterable[UUID], now: datetime, by: str) -> list[UUID]:
    """Delete deployments; return which, save those that were gone by then."""
    deleted = []
    for deployment_id in deployment_ids:
        try:
            await store.write(delete_deployment, deployment_id, now, by)
        except NotFound:
            continue
        deleted.append(deployment_id)
    return deleted


def asked_for(deployment_ids: list[UUID], queue_ids: list[UUID], now: datetime, by: str) -> Transaction[list[UUID]]:
    """Remember that the runs of deployments, or of those of work queues, were asked for; return which became ready."""
    ready = yield from deployment.polled(deployment_ids, queue_ids, now)
    yield from tell_status(ready, DeploymentStatus.READY, now, by)
    return ready


def not_asked_for(deployment_ids: list[UUID], now: datetime, by: str) -> Transaction[list[UUID]]:
    """Let deployments count as ready no more; return which did before."""
    changed_now = yield from deployment.set_status(deployment_ids, DeploymentStatus.NOT_READY)
    yield from tell_status(changed_now, DeploymentStatus.NOT_READY, now, by)
    return changed_now


def tell_status(deployment_ids: list[UUID], status: DeploymentStatus, now: datetime, by: str) -> Transaction[None]:
    """Record that the status of deployments changed."""
    for deployment_id in deployment_ids:
        yield from tell(status_word(status), (yield from deployment.load(deployment_id)), now, by)
