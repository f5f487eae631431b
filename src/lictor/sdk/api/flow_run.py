"""What clients ask about flow runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from msgspec import UNSET

from lictor.client.errors import Response
from lictor.engine import states
from lictor.engine.states import State
from lictor.sdk.api.answer import response
from lictor.sdk.api.body import json_object, proposed
from lictor.sdk.api.flow import create_flow
from lictor.sdk.api.method import Steps
from lictor.sdk.flow import Flow
from lictor.sdk.objects import ChangedFlowRuns, Dependency, FlowRun, FlowRunPage, OrchestrationResult
from lictor.wire.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
    WorkPoolFilter,
    WorkQueueFilter,
)
from lictor.wire.operation import Call
from lictor.wire.operations import flow_run as rows
from lictor.wire.operations import flow_run_graph, flow_run_why
from lictor.wire.types.common import Deleted, Labels
from lictor.wire.types.flow_run import FlowRunCreate, FlowRunPolicy, FlowRunSort, FlowRunUpdate
from lictor.wire.types.flow_run_graph import Graph
from lictor.wire.types.flow_run_why import FlowRunWhy
from lictor.wire.types.history import HistoryInterval
from lictor.wire.types.state import SetState

CREATE, READ, FILTER = rows.CREATE.giving(FlowRun), rows.READ.giving(FlowRun), rows.FILTER.giving(list[FlowRun])
PAGINATE = rows.PAGINATE.giving(FlowRunPage)
SET_STATE, RESUME = rows.SET_STATE.giving(OrchestrationResult), rows.RESUME.giving(OrchestrationResult)
SET_STATES = rows.BULK_SET_STATE.giving(ChangedFlowRuns)
READ_DEPENDENCIES = flow_run_graph.READ_DEPENDENCIES.giving(list[Dependency])


def create_flow_run(  # noqa: PLR0913, PLR0917  # what is to be said of a run
    flow: Flow[..., Any],
    name: str | None = None,
    parameters: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    tags: Iterable[str] | None = None,
    parent_task_run_id: UUID | None = None,
    state: State[Any] | None = None,
    work_pool_name: str | None = None,
    work_queue_name: str | None = None,
    job_variables: dict[str, Any] | None = None,
) -> Steps[FlowRun]:
    """Create a run of a flow, PENDING unless `state` says otherwise, and return it; nothing runs it by itself.

    A value without JSON in `parameters`, `context` or `job_variables` raises TypeError.
    """
    body = FlowRunCreate(
        state=proposed(state or states.Pending()),
        name=name,
        flow_id=UUID(int=0),
        flow_version=flow.spec.version,
        parameters=json_object(parameters),
        context=json_object(context),
        parent_task_run_id=parent_task_run_id,
        empirical_policy=FlowRunPolicy(retries=flow.spec.retries, retry_delay=ceil(flow.spec.retry_delay)),
        tags=list(tags or ()),
        work_pool_name=work_pool_name,
        work_queue_name=work_queue_name,
        job_variables=None if job_variables is None else json_object(job_variables),
    )
    body.flow_id = yield from create_flow(flow)
    run: FlowRun = yield CREATE(body)
    return run


def read_flow_run(flow_run_id: UUID) -> Call[FlowRun]:
    """Return a flow run; raise ObjectNotFound if there is none of this id."""
    return READ(id=flow_run_id)


def update_flow_run(
    flow_run_id: UUID,
    flow_version: str | None = None,
    parameters: dict[str, Any] | None = None,
    name: str | None = None,
    tags: Iterable[str] | None = None,
    empirical_policy: FlowRunPolicy | None = None,
    infrastructure_pid: str | None = None,
    job_variables: dict[str, Any] | None = None,
) -> Steps[Response]:
    """Change what is given of a flow run, each as a whole; raise ObjectNotFound if there is none of this id."""
    body = FlowRunUpdate(
        name=UNSET if name is None else name,
        flow_version=UNSET if flow_version is None else flow_version,
        parameters=UNSET if parameters is None else json_object(parameters),
        empirical_policy=UNSET if empirical_policy is None else empirical_policy,
        tags=UNSET if tags is None else list(tags),
        infrastructure_pid=infrastructure_pid or UNSET,
        job_variables=UNSET if job_variables is None else json_object(job_variables),
    )
    return (yield from response(rows.UPDATE(body, id=flow_run_id)))


def set_flow_run_name(flow_run_id: UUID, name: str) -> Steps[Response]:
    """Give a flow run another name; raise ObjectNotFound if there is none of this id."""
    return (yield from update_flow_run(flow_run_id, name=name))


def update_flow_run_labels(flow_run_id: UUID, labels: Labels) -> Call[None]:
    """Give a flow run labels beside those that it has; raise ObjectNotFound if there is none of this id."""
    return rows.LABEL(labels, id=flow_run_id)


def delete_flow_run(flow_run_id: UUID) -> Call[None]:
    """Delete a flow run with what belongs to it; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=flow_run_id)


def read_flow_runs(  # noqa: PLR0913  # a filter for each resource
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
    sort: FlowRunSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Call[list[FlowRun]]:
    """Return the flow runs that all filters match, newest first unless `sort` says otherwise.

    Without a limit, or with a greater one, the server answers 200 at most.
    """
    return FILTER(
        rows.ReadFlowRuns(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
            sort=sort or FlowRunSort.ID_DESC,
            limit=limit,
            offset=offset,
        )
    )


def count_flow_runs(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
) -> Call[int]:
    """Return how many flow runs all filters match."""
    return rows.COUNT(
        rows.CountFlowRuns(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
        )
    )


def paginate_flow_runs(  # noqa: PLR0913  # a filter for each resource
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
    sort: FlowRunSort | None = None,
    page: int = 1,
    limit: int | None = None,
) -> Call[FlowRunPage]:
    """Return a page of the flow runs that all filters match, with how many there are; pages are counted from 1."""
    return PAGINATE(
        rows.PageFlowRuns(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
            sort=sort or FlowRunSort.ID_DESC,
            page=page,
            limit=limit,
        )
    )


def read_flow_run_history(  # noqa: PLR0913  # a filter for each resource
    start: datetime,
    end: datetime,
    interval: timedelta,
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
) -> Call[list[HistoryInterval]]:
    """Count the flow runs that were expected to start in each interval, by state; 500 intervals at most."""
    return rows.HISTORY(
        rows.FlowRunHistory(
            history_start=start,
            history_end=end,
            history_interval_seconds=interval.total_seconds(),
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
        )
    )


def read_flow_run_lateness(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
) -> Call[float | None]:
    """Return how late the flow runs that all filters match began, in seconds on average; None if there are none."""
    return rows.LATENESS(
        rows.CountFlowRuns(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
        )
    )


def read_flow_run_graph(flow_run_id: UUID, since: datetime | None = None) -> Call[Graph]:
    """Return the task runs and subflow runs of a flow run, and what came from what; `since` leaves out older ends."""
    return flow_run_graph.READ(query=flow_run_graph.Since(**({"since": since} if since else {})), id=flow_run_id)


def read_flow_run_dependencies(flow_run_id: UUID) -> Call[list[Dependency]]:
    """Return the task runs of a flow run, each with the task runs that its inputs came from."""
    return READ_DEPENDENCIES(id=flow_run_id)


def set_flow_run_state(flow_run_id: UUID | str, state: State[Any], force: bool = False) -> Call[OrchestrationResult]:
    """Propose a state for a flow run; `force` skips the rules. Raise ObjectNotFound if there is none of this id.

    The answer's `status` tells whether the state was taken, and its `state` is the one that the run is in if it has
    a new one.
    """
    return SET_STATE(SetState(state=proposed(state), force=force), id=flow_run_id)


def set_flow_run_states(
    state: State[Any], flow_run_filter: FlowRunFilter | None = None, force: bool = False, limit: int = 50
) -> Call[ChangedFlowRuns]:
    """Propose a state for each flow run that a filter matches, 50 at most; `force` skips the rules."""
    return SET_STATES(rows.SetStates(state=proposed(state), flow_runs=flow_run_filter, force=force, limit=limit))


def delete_flow_runs(flow_run_filter: FlowRunFilter | None = None, limit: int = 50) -> Call[Deleted]:
    """Delete flow runs that a filter matches, 50 at most, and return the ids of what was deleted."""
    return rows.BULK_DELETE(rows.DeleteFlowRuns(flow_runs=flow_run_filter, limit=limit))


def resume_flow_run(flow_run_id: UUID, run_input: Mapping[str, Any] | None = None) -> Call[OrchestrationResult]:
    """Let a paused flow run go on, with the input that it waits for."""
    return RESUME(rows.ResumeFlowRun(run_input=None if run_input is None else dict(run_input)), id=flow_run_id)


def read_flow_run_why(flow_run_id: UUID) -> Call[FlowRunWhy]:
    """Return why a flow run does not run, in words and as causes; raise ObjectNotFound if there is none of this id."""
    return flow_run_why.READ(id=flow_run_id)
