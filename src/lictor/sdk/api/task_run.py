"""What clients ask about task runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lictor.client.errors import Response
from lictor.engine import states
from lictor.engine.states import State
from lictor.sdk.api.answer import response
from lictor.sdk.api.body import proposed
from lictor.sdk.api.method import Steps
from lictor.sdk.objects import OrchestrationResult, TaskRun, TaskRunPage
from lictor.sdk.task import Task
from lictor.wire.filters import DeploymentFilter, FlowFilter, FlowRunFilter, TaskRunFilter
from lictor.wire.operation import Call
from lictor.wire.operations import task_run as rows
from lictor.wire.types.history import HistoryInterval
from lictor.wire.types.state import SetState
from lictor.wire.types.task_run import TaskInputs, TaskRunCreate, TaskRunPolicy, TaskRunSort, TaskRunUpdate

CREATE, READ, FILTER = rows.CREATE.giving(TaskRun), rows.READ.giving(TaskRun), rows.FILTER.giving(list[TaskRun])
PAGINATE, SET_STATE = rows.PAGINATE.giving(TaskRunPage), rows.SET_STATE.giving(OrchestrationResult)


def create_task_run(
    task: Task[..., Any],
    flow_run_id: UUID | None,
    dynamic_key: str,
    id: UUID | None = None,  # noqa: A002  # the protocol's name
    name: str | None = None,
    extra_tags: Iterable[str] | None = None,
    state: State[Any] | None = None,
    task_inputs: TaskInputs | None = None,
) -> Call[TaskRun]:
    """Create a run of a task, PENDING unless `state` says otherwise, or return the one that has this id or these keys.

    Nothing runs it by itself.
    """
    spec = task.spec
    return CREATE(
        TaskRunCreate(
            id=id,
            state=proposed(state or states.Pending()),
            name=name,
            flow_run_id=flow_run_id,
            task_key=spec.key,
            dynamic_key=str(dynamic_key),
            task_version=spec.version,
            empirical_policy=TaskRunPolicy(
                retries=spec.retries, retry_delay=spec.delays or 0, retry_jitter_factor=spec.jitter
            ),
            tags=sorted({*spec.tags, *(extra_tags or ())}),
            task_inputs=task_inputs or {},
        )
    )


def read_task_run(task_run_id: UUID) -> Call[TaskRun]:
    """Return a task run; raise ObjectNotFound if there is none of this id."""
    return READ(id=task_run_id)


def set_task_run_name(task_run_id: UUID, name: str) -> Steps[Response]:
    """Give a task run another name; raise ObjectNotFound if there is none of this id."""
    return (yield from response(rows.UPDATE(TaskRunUpdate(name=name), id=task_run_id)))


def delete_task_run(task_run_id: UUID) -> Call[None]:
    """Delete a task run; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=task_run_id)


def read_task_runs(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    sort: TaskRunSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Call[list[TaskRun]]:
    """Return the task runs that all filters match, newest first unless `sort` says otherwise.

    Without a limit, or with a greater one, the server answers 200 at most.
    """
    return FILTER(
        rows.ReadTaskRuns(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            sort=sort or TaskRunSort.ID_DESC,
            limit=limit,
            offset=offset,
        )
    )


def count_task_runs(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
) -> Call[int]:
    """Return how many task runs all filters match."""
    return rows.COUNT(
        rows.CountTaskRuns(
            flows=flow_filter, flow_runs=flow_run_filter, task_runs=task_run_filter, deployments=deployment_filter
        )
    )


def paginate_task_runs(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    sort: TaskRunSort | None = None,
    page: int = 1,
    limit: int | None = None,
) -> Call[TaskRunPage]:
    """Return a page of the task runs that all filters match, with how many there are; pages are counted from 1."""
    return PAGINATE(
        rows.PageTaskRuns(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            sort=sort or TaskRunSort.ID_DESC,
            page=page,
            limit=limit,
        )
    )


def read_task_run_history(
    start: datetime,
    end: datetime,
    interval: timedelta,
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
) -> Call[list[HistoryInterval]]:
    """Count the task runs that were expected to start in each interval, by state; 500 intervals at most."""
    return rows.HISTORY(
        rows.TaskRunHistory(
            history_start=start,
            history_end=end,
            history_interval_seconds=interval.total_seconds(),
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
        )
    )


def set_task_run_state(task_run_id: UUID, state: State[Any], force: bool = False) -> Call[OrchestrationResult]:
    """Propose a state for a task run; `force` skips the rules. Raise ObjectNotFound if there is none of this id."""
    return SET_STATE(SetState(state=proposed(state), force=force), id=task_run_id)
