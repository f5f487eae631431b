"""What clients ask about flows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from lictor.sdk.api.method import Steps
from lictor.sdk.flow import Flow as FlowObject
from lictor.wire.filters import (
    DeploymentFilter,
    FlowFilter,
    FlowRunFilter,
    TaskRunFilter,
    WorkPoolFilter,
    WorkQueueFilter,
)
from lictor.wire.operation import Call
from lictor.wire.operations import flow as rows
from lictor.wire.types.common import Deleted
from lictor.wire.types.flow import Flow, FlowCreate, FlowPage, FlowSort, FlowUpdate


def create_flow(flow: FlowObject[..., Any]) -> Steps[UUID]:
    """Make a flow known to the server, and return its id; a flow of this name may be known already."""
    return (yield from create_flow_from_name(flow.name))


def create_flow_from_name(flow_name: str) -> Steps[UUID]:
    """Make a flow of a name known to the server, and return its id; it may be known already."""
    found: Flow = yield rows.CREATE(FlowCreate(name=flow_name))
    return found.id


def read_flow(flow_id: UUID) -> Call[Flow]:
    """Return a flow; raise ObjectNotFound if there is none of this id."""
    return rows.READ(id=flow_id)


def read_flow_by_name(flow_name: str) -> Call[Flow]:
    """Return a flow; raise ObjectNotFound if there is none of this name."""
    return rows.READ_BY_NAME(name=flow_name)


def update_flow(flow_id: UUID, tags: Iterable[str]) -> Call[None]:
    """Give a flow other tags."""
    return rows.UPDATE(FlowUpdate(tags=list(tags)), id=flow_id)


def delete_flow(flow_id: UUID) -> Call[None]:
    """Delete a flow with its runs; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=flow_id)


def read_flows(  # noqa: PLR0913  # a filter for each resource
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
    sort: FlowSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Call[list[Flow]]:
    """Return the flows that all filters match, by name unless `sort` says otherwise.

    Without a limit, or with a greater one, the server answers 200 at most. Flows cannot be filtered by work queues:
    that filter raises ValueError.
    """
    if work_queue_filter is not None:
        raise ValueError("flows cannot be filtered by work queues; filter by deployments or work pools")
    return rows.FILTER(
        rows.ReadFlows(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            sort=sort or FlowSort.NAME_ASC,
            limit=limit,
            offset=offset,
        )
    )


def count_flows(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
) -> Call[int]:
    """Return how many flows all filters match."""
    return rows.COUNT(
        rows.CountFlows(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
        )
    )


def paginate_flows(
    *,
    flow_filter: FlowFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    deployment_filter: DeploymentFilter | None = None,
    work_pool_filter: WorkPoolFilter | None = None,
    sort: FlowSort | None = None,
    page: int = 1,
    limit: int | None = None,
) -> Call[FlowPage]:
    """Return a page of the flows that all filters match, with how many there are; pages are counted from 1."""
    return rows.PAGINATE(
        rows.PageFlows(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            sort=sort or FlowSort.NAME_ASC,
            page=page,
            limit=limit,
        )
    )


def delete_flows(flow_filter: FlowFilter | None = None, limit: int = 50) -> Call[Deleted]:
    """Delete flows that a filter matches, 50 at most, and return the ids of what was deleted."""
    return rows.BULK_DELETE(rows.DeleteFlows(flows=flow_filter, limit=limit))
