"""What clients ask about deployments, their schedules and their runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import structs

from lictor.engine import states
from lictor.engine.states import State
from lictor.sdk.api.body import json_object, proposed
from lictor.sdk.api.method import Steps
from lictor.sdk.objects import Deployment, DeploymentPage, DeploymentSchedule, FlowRun
from lictor.wire import filters
from lictor.wire.operation import Call
from lictor.wire.operations import catch_up
from lictor.wire.operations import deployment as rows
from lictor.wire.types.catch_up import CatchUp, CatchUpGiven, CatchUpPolicy
from lictor.wire.types.common import Deleted, Labels
from lictor.wire.types.deployment import (
    ConcurrencyOptions,
    DeploymentCreate,
    DeploymentFlowRunCreate,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentSort,
    DeploymentUpdate,
    FlowRunBulkCreateResponse,
    VersionInfo,
)
from lictor.wire.types.schedule import Schedule, text_of
from lictor.wire.types.work_queue import CheckedWorkQueue

CREATE, READ = rows.CREATE.giving(Deployment), rows.READ.giving(Deployment)
READ_BY_NAME, FILTER = rows.READ_BY_NAME.giving(Deployment), rows.FILTER.giving(list[Deployment])
PAGINATE, CREATE_FLOW_RUN = rows.PAGINATE.giving(DeploymentPage), rows.CREATE_FLOW_RUN.giving(FlowRun)
SCHEDULED_RUNS = rows.SCHEDULED_RUNS.giving(list[FlowRun])
READ_SCHEDULES = rows.READ_SCHEDULES.giving(list[DeploymentSchedule])
CREATE_SCHEDULES = rows.CREATE_SCHEDULES.giving(list[DeploymentSchedule])


def create_deployment(  # noqa: PLR0913, PLR0917  # what is to be said of a deployment
    flow_id: UUID,
    name: str,
    version: str | None = None,
    version_info: VersionInfo | None = None,
    schedules: Sequence[DeploymentScheduleCreate] | None = None,
    concurrency_limit: int | None = None,
    concurrency_options: ConcurrencyOptions | None = None,
    parameters: dict[str, Any] | None = None,
    description: str | None = None,
    work_queue_name: str | None = None,
    work_pool_name: str | None = None,
    tags: list[str] | None = None,
    storage_document_id: UUID | None = None,
    path: str | None = None,
    entrypoint: str | None = None,
    infrastructure_document_id: UUID | None = None,
    parameter_openapi_schema: dict[str, Any] | None = None,
    paused: bool | None = None,
    pull_steps: list[dict[str, Any]] | None = None,
    enforce_parameter_schema: bool | None = None,
    job_variables: dict[str, Any] | None = None,
) -> Steps[UUID]:
    """Make a deployment of a flow, or change the one with its name, and return its id; what is None is not sent."""
    sent: dict[str, Any] = {
        "version": version,
        "version_info": version_info,
        "concurrency_limit": concurrency_limit,
        "concurrency_options": concurrency_options,
        "description": description,
        "work_queue_name": work_queue_name,
        "work_pool_name": work_pool_name,
        "tags": tags,
        "storage_document_id": storage_document_id,
        "path": path,
        "entrypoint": entrypoint,
        "infrastructure_document_id": infrastructure_document_id,
        "parameter_openapi_schema": given(parameter_openapi_schema),
        "paused": paused,
        "pull_steps": None if pull_steps is None else [json_object(step) for step in pull_steps],
        "enforce_parameter_schema": enforce_parameter_schema,
        "job_variables": given(job_variables),
    }
    body = DeploymentCreate(
        name=name,
        flow_id=flow_id,
        schedules=list(schedules or ()),
        parameters=json_object(parameters),
        **{field: value for field, value in sent.items() if value is not None},
    )
    made: Deployment = yield CREATE(body)
    return made.id


def change_deployment(
    deployment_id: UUID,
    schedules: Sequence[DeploymentScheduleCreate] | None = None,
    paused: bool | None = None,
    **said: Any,
) -> Steps[None]:
    """Let a deployment be what is said of it; its schedules, and whether it is paused, stay unless they are given."""
    for name in ("parameters", "parameter_openapi_schema", "job_variables"):
        said[name] = given(said.get(name))
    if said.get("pull_steps") is not None:
        said["pull_steps"] = [json_object(step) for step in said["pull_steps"]]
    body = DeploymentUpdate(**said)
    if schedules is not None:
        body.schedules = [DeploymentScheduleUpdate(**structs.asdict(each)) for each in schedules]
    if paused is not None:
        body.paused = paused
    yield rows.UPDATE(body, id=deployment_id)


def given(values: dict[str, Any] | None) -> Any:
    """Return values by name as JSON, or None."""
    return None if values is None else json_object(values)


def read_deployment(deployment_id: UUID | str) -> Call[Deployment]:
    """Return a deployment; raise ObjectNotFound if there is none of this id, ValueError for what is no id."""
    return READ(id=identified(deployment_id))


def identified(deployment_id: UUID | str) -> UUID:
    """Return an id that may be given as text; raise ValueError for what is none."""
    try:
        return deployment_id if isinstance(deployment_id, UUID) else UUID(deployment_id)
    except ValueError:
        raise ValueError(f"deployment_id: {deployment_id!r} is no id") from None


def read_deployment_by_name(name: str) -> Call[Deployment]:
    """Return a deployment by `flow name/deployment name`; raise ObjectNotFound if there is none."""
    flow_name, slash, deployment_name = name.partition("/")
    if not slash:
        raise ValueError(f"name: {name!r} is no name of a deployment: give FLOW/DEPLOYMENT")
    return READ_BY_NAME(flow_name=flow_name, deployment_name=deployment_name)


def read_deployments(  # noqa: PLR0913  # one for each kind of filter
    *,
    flow_filter: filters.FlowFilter | None = None,
    flow_run_filter: filters.FlowRunFilter | None = None,
    task_run_filter: filters.TaskRunFilter | None = None,
    deployment_filter: filters.DeploymentFilter | None = None,
    work_pool_filter: filters.WorkPoolFilter | None = None,
    work_queue_filter: filters.WorkQueueFilter | None = None,
    limit: int | None = None,
    sort: DeploymentSort | None = None,
    offset: int = 0,
) -> Call[list[Deployment]]:
    """Return the deployments that all filters match, by name; without a limit the server answers 200 at most."""
    body = rows.ReadDeployments(
        flows=flow_filter,
        flow_runs=flow_run_filter,
        task_runs=task_run_filter,
        deployments=deployment_filter,
        work_pools=work_pool_filter,
        work_pool_queues=work_queue_filter,
        sort=sort or DeploymentSort.NAME_ASC,
        limit=limit,
        offset=offset,
    )
    return FILTER(body)


def count_deployments(
    *, flow_filter: filters.FlowFilter | None = None, deployment_filter: filters.DeploymentFilter | None = None
) -> Call[int]:
    """Return how many deployments the filters match."""
    return rows.COUNT(rows.CountDeployments(flows=flow_filter, deployments=deployment_filter))


def paginate_deployments(
    *, deployment_filter: filters.DeploymentFilter | None = None, limit: int | None = None, page: int = 1
) -> Call[DeploymentPage]:
    """Return a page of the deployments that a filter matches, and how many there are."""
    return PAGINATE(rows.PageDeployments(deployments=deployment_filter, limit=limit, page=page))


def update_deployment(deployment_id: UUID, deployment: DeploymentUpdate) -> Call[None]:
    """Change what is set of a deployment; raise ObjectNotFound if there is none of this id."""
    return rows.UPDATE(deployment, id=deployment_id)


def delete_deployment(deployment_id: UUID) -> Call[None]:
    """Delete a deployment and its runs that wait; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=deployment_id)


def delete_deployments(deployment_filter: filters.DeploymentFilter | None = None, limit: int = 50) -> Call[Deleted]:
    """Delete up to `limit` of the deployments that a filter matches, and return which."""
    return rows.BULK_DELETE(rows.DeleteDeployments(deployments=deployment_filter, limit=limit))


def pause_deployment(deployment_id: UUID | str) -> Call[None]:
    """Let a deployment's schedules make no more runs, and delete those that wait."""
    return rows.PAUSE(id=identified(deployment_id))


def resume_deployment(deployment_id: UUID | str) -> Call[None]:
    """Let a deployment's schedules make runs again."""
    return rows.RESUME(id=identified(deployment_id))


def set_deployment_paused_state(deployment_id: UUID, paused: bool) -> Call[None]:
    """Pause a deployment, or let it go on."""
    return pause_deployment(deployment_id) if paused else resume_deployment(deployment_id)


def create_flow_run_from_deployment(  # noqa: PLR0913  # what is to be said of a run
    deployment_id: UUID,
    *,
    parameters: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    state: State[Any] | None = None,
    name: str | None = None,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    parent_task_run_id: UUID | None = None,
    work_queue_name: str | None = None,
    job_variables: dict[str, Any] | None = None,
    labels: Labels | None = None,
) -> Call[FlowRun]:
    """Make a run of a deployment, scheduled for now unless `state` says otherwise, and return it."""
    body = DeploymentFlowRunCreate(
        parameters=json_object(parameters),
        context=json_object(context),
        state=proposed(state or states.Scheduled()),
        name=name,
        tags=list(tags or ()),
        idempotency_key=idempotency_key,
        parent_task_run_id=parent_task_run_id,
        work_queue_name=work_queue_name,
        job_variables=given(job_variables),
        labels=labels or {},
    )
    return CREATE_FLOW_RUN(body, id=deployment_id)


def create_flow_runs_from_deployment(
    deployment_id: UUID, runs: list[DeploymentFlowRunCreate]
) -> Call[FlowRunBulkCreateResponse]:
    """Make several runs of a deployment, each for itself, and return what came of them."""
    return rows.CREATE_FLOW_RUNS(runs, id=deployment_id)


def get_scheduled_flow_runs_for_deployments(
    deployment_ids: list[UUID], scheduled_before: datetime | None = None, limit: int | None = None
) -> Call[list[FlowRun]]:
    """Return the scheduled runs of deployments, those first that are due first, as who runs them asks for them."""
    return SCHEDULED_RUNS(
        rows.ScheduledRuns(deployment_ids=deployment_ids, scheduled_before=scheduled_before, limit=limit)
    )


def schedule_deployment(
    deployment_id: UUID,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    min_runs: int | None = None,
    max_runs: int | None = None,
) -> Call[None]:
    """Plan the runs of a deployment's schedules now, between two times and so many at least and at most."""
    return rows.SCHEDULE(
        rows.PlanRuns(start_time=start_time, end_time=end_time, min_runs=min_runs, max_runs=max_runs), id=deployment_id
    )


def check_work_queues_for_deployment(deployment_id: UUID) -> Call[list[CheckedWorkQueue]]:
    """Return the work queues that take a deployment's runs in by a filter; none does any more."""
    return rows.WORK_QUEUE_CHECK(id=deployment_id)


def read_deployment_schedules(deployment_id: UUID) -> Call[list[DeploymentSchedule]]:
    """Return the schedules of a deployment."""
    return READ_SCHEDULES(id=deployment_id)


def create_deployment_schedules(
    deployment_id: UUID,
    schedules: Sequence[tuple[Schedule, bool]] | Sequence[DeploymentScheduleCreate],
    max_scheduled_runs: int | None = None,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
) -> Call[list[DeploymentSchedule]]:
    """Give a deployment more schedules, as pairs of a schedule and whether it is active or as bodies; return them."""
    bodies = [
        each
        if isinstance(each, DeploymentScheduleCreate)
        else DeploymentScheduleCreate(
            schedule=text_of(each[0]),
            active=each[1],
            max_scheduled_runs=max_scheduled_runs,
            parameters=json_object(parameters),
            slug=slug,
        )
        for each in schedules
    ]
    return CREATE_SCHEDULES(bodies, id=deployment_id)


def update_deployment_schedule(
    deployment_id: UUID,
    schedule_id: UUID,
    active: bool | None = None,
    schedule: Schedule | None = None,
    max_scheduled_runs: int | None = None,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
) -> Call[None]:
    """Change what is given of a schedule; its parameters are replaced by those given, or by none."""
    body = DeploymentScheduleUpdate(
        active=active, max_scheduled_runs=max_scheduled_runs, parameters=json_object(parameters), slug=slug
    )
    if schedule is not None:
        body.schedule = text_of(schedule)
    return rows.UPDATE_SCHEDULE(body, id=deployment_id, schedule_id=schedule_id)


def delete_deployment_schedule(deployment_id: UUID, schedule_id: UUID) -> Call[None]:
    """Delete a schedule of a deployment; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE_SCHEDULE(id=deployment_id, schedule_id=schedule_id)


def read_deployment_catch_up(deployment_id: UUID) -> Call[list[CatchUp]]:
    """Return the catch-up policies of a deployment's schedules."""
    return catch_up.READ(id=deployment_id)


def update_deployment_catch_up(
    deployment_id: UUID, policies: Mapping[str, CatchUpPolicy | None]
) -> Call[list[CatchUp]]:
    """Give schedules of a deployment, by their slugs, catch-up policies, None for none; return those that there are."""
    return catch_up.UPDATE(
        [CatchUpGiven(slug=slug, policy=policy) for slug, policy in policies.items()], id=deployment_id
    )
