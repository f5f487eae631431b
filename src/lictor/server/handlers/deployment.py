"""Answers about deployments, their schedules and their runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec import UNSET, UnsetType

from lictor.kit.clock import now
from lictor.orchestration import deployment_runs, deployments, scheduler
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.provenance import creator_of
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json, paged, text, texts
from lictor.server.waiting_workers import until_due
from lictor.settings import table
from lictor.store import deployment
from lictor.wire.operations import deployment as operations
from lictor.wire.operations.deployment import (
    CountDeployments,
    DeleteDeployments,
    PageDeployments,
    PlanRuns,
    ReadDeployments,
    ScheduledRuns,
)
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.common import Deleted, JSONObject
from lictor.wire.types.deployment import (
    DeploymentCreate,
    DeploymentFlowRunCreate,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
    FlowRunBulkCreateResponse,
)

MOST_RUNS = table.SERVER_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS
Schedules = Sequence[DeploymentScheduleCreate | DeploymentScheduleUpdate] | UnsetType


def check_sizes(request: Request, parameters: JSONObject | UnsetType | None, schedules: Schedules = UNSET) -> None:
    """Refuse parameters that are too large, and schedules that make too many runs at once."""
    settings = request.server.settings
    largest, most = settings[table.SERVER_API_MAX_PARAMETER_SIZE], settings[MOST_RUNS]
    if isinstance(parameters, dict) and sum(memoryview(value).nbytes for value in parameters.values()) > largest:
        raise Refusal(detail(f"parameters: larger than the limit of {largest} bytes.", 422))
    for at, schedule in enumerate([] if isinstance(schedules, UnsetType) else schedules):
        if schedule.max_scheduled_runs is not None and schedule.max_scheduled_runs > most:
            message = f"max_scheduled_runs is {most} at most ({MOST_RUNS.path})."
            place = ["body", "schedules", at, "max_scheduled_runs"]
            raise InvalidRequest([{"type": "value_error", "loc": place, "msg": message}], None)


@answers(operations.CREATE)
async def create(request: Request, body: DeploymentCreate) -> Reply:
    """Make a deployment, or change the one of its flow with its name: 201 for a new one."""
    check_sizes(request, body.parameters, body.schedules)
    made, created = await request.store.write(
        deployments.put_deployment, request.server.keyring, body, now(), request.by, creator_of(request)
    )
    request.server.hub.announce("event")
    return text(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a deployment."""
    return text(await request.store.read(deployment.text, request.parameters["id"], now()))


@answers(operations.READ_BY_NAME)
async def read_by_name(request: Request, body: None) -> Reply:
    """Answer a deployment by the names of its flow and its own."""
    names = request.parameters["flow_name"], request.parameters["deployment_name"]
    return text(await request.store.read(deployment.text_by_name, *names, now()))


@answers(operations.UPDATE)
async def update(request: Request, body: DeploymentUpdate) -> Reply:
    """Change a deployment."""
    check_sizes(request, body.parameters, body.schedules)
    await request.store.write(deployments.update_deployment, request.parameters["id"], body, now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a deployment, its schedules, and its runs that wait to start."""
    await request.store.write(deployments.delete_deployment, request.parameters["id"], now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadDeployments) -> Reply:
    """Answer the deployments that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(deployment.texts, body, now()))


@answers(operations.PAGINATE)
async def paginate(request: Request, body: PageDeployments) -> Reply:
    """Answer a page of the deployments that a filter matches."""
    limit = limit_of(request, body.limit)
    found, number = await request.store.read(deployment.page, body, limit, now())
    return paged(found, number, limit, body.page)


@answers(operations.COUNT)
async def count(request: Request, body: CountDeployments) -> Reply:
    """Count the deployments that a filter matches."""
    return json(await request.store.read(deployment.count, body))


@answers(operations.BULK_DELETE)
async def bulk_delete(request: Request, body: DeleteDeployments) -> Reply:
    """Delete some deployments."""
    found = await request.store.read(deployment.some, body.deployments, body.limit)
    deleted = await deployments.delete_deployments(request.store, found, now(), request.by)
    request.server.hub.announce("event")
    return json(Deleted(deleted=deleted))


@answers(operations.PAUSE)
async def pause(request: Request, body: None) -> Reply:
    """Let a deployment's schedules make no more runs."""
    await request.store.write(deployments.pause, request.parameters["id"], True, now(), request.by)
    return json(None)


@answers(operations.RESUME)
async def resume(request: Request, body: None) -> Reply:
    """Let a deployment's schedules make runs again."""
    await request.store.write(deployments.pause, request.parameters["id"], False, now(), request.by)
    return json(None)


@answers(operations.CREATE_FLOW_RUN)
async def create_flow_run(request: Request, body: DeploymentFlowRunCreate) -> Reply:
    """Make a run of a deployment: 201 for a new one."""
    deployment_id = request.parameters["id"]
    check_sizes(request, body.parameters)
    made, created = await request.store.write(
        deployment_runs.create_run, request.server.keyring, deployment_id, body, now(), request.by, creator_of(request)
    )
    request.server.hub.announce("event")
    return text(made, 201 if created else 200)


@answers(operations.CREATE_FLOW_RUNS)
async def create_flow_runs(request: Request, body: list[DeploymentFlowRunCreate]) -> Reply:
    """Make several runs of a deployment, each for itself."""
    for each in body:
        check_sizes(request, each.parameters)
    results = await deployment_runs.create_runs(
        request.store, request.server.keyring, request.parameters["id"], body, now(), request.by, creator_of(request)
    )
    request.server.hub.announce("event")
    return json(FlowRunBulkCreateResponse(results=results))


@answers(operations.SCHEDULED_RUNS)
async def scheduled_runs(request: Request, body: ScheduledRuns) -> Reply:
    """Answer the scheduled runs of some deployments; who prefers to wait gets the first that fall due."""
    limit, before = limit_of(request, body.limit), body.scheduled_before
    if await request.store.write(deployments.asked_for, body.deployment_ids, [], now(), request.by):
        request.server.hub.announce("event")

    async def look(later: timedelta) -> list[str]:
        until = None if before is None else before + later
        return await request.store.read(deployment.scheduled_runs, body.deployment_ids, until, limit, now())

    return texts(await until_due(request, look))


@answers(operations.WORK_QUEUE_CHECK)
async def work_queue_check(request: Request, body: None) -> Reply:
    """Answer the work queues whose filter takes the runs of a deployment in: no queue has a filter any more."""
    await request.store.read(deployment.load, request.parameters["id"])
    return json([])


@answers(operations.SCHEDULE)
async def schedule(request: Request, body: PlanRuns) -> Reply:
    """Let a deployment's schedules make runs, whether it is paused or not."""
    deployment_id = request.parameters["id"]
    await request.store.read(deployment.load, deployment_id)
    await scheduler.plan_of(request.store, request.server.settings, deployment_id, body, now(), request.by)
    return json(None)


@answers(operations.READ_SCHEDULES)
async def read_schedules(request: Request, body: None) -> Reply:
    """Answer the schedules of a deployment."""
    deployment_id = request.parameters["id"]
    await request.store.read(deployment.load, deployment_id)
    return json(await request.store.read(deployment.schedules, deployment_id))


@answers(operations.CREATE_SCHEDULES)
async def create_schedules(request: Request, body: list[DeploymentScheduleCreate]) -> Reply:
    """Give a deployment more schedules."""
    deployment_id = request.parameters["id"]
    check_sizes(request, {}, body)
    made = await request.store.write(deployments.create_schedules, deployment_id, body, now(), request.by)
    return json(made, 201)


@answers(operations.UPDATE_SCHEDULE)
async def update_schedule(request: Request, body: DeploymentScheduleUpdate) -> Reply:
    """Change a schedule of a deployment."""
    check_sizes(request, {}, [body])
    which = request.parameters["id"], request.parameters["schedule_id"]
    await request.store.write(deployments.update_schedule, *which, body, now(), request.by)
    return NOTHING


@answers(operations.DELETE_SCHEDULE)
async def delete_schedule(request: Request, body: None) -> Reply:
    """Delete a schedule of a deployment."""
    which = request.parameters["id"], request.parameters["schedule_id"]
    await request.store.write(deployments.delete_schedule, *which, now())
    return NOTHING
