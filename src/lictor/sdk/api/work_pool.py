"""What clients ask about work pools."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lictor.client.errors import ObjectAlreadyExists
from lictor.sdk.api.method import Steps
from lictor.sdk.objects import WorkerFlowRunResponse, WorkPool
from lictor.wire.filters import WorkPoolFilter
from lictor.wire.operation import Call
from lictor.wire.operations import work_pool as rows
from lictor.wire.types.work_pool import WorkPoolConcurrencyStatus, WorkPoolCreate, WorkPoolUpdate

CREATE, READ, FILTER = rows.CREATE.giving(WorkPool), rows.READ.giving(WorkPool), rows.FILTER.giving(list[WorkPool])
GET_SCHEDULED_FLOW_RUNS = rows.GET_SCHEDULED_FLOW_RUNS.giving(list[WorkerFlowRunResponse])


def create_work_pool(work_pool: WorkPoolCreate, overwrite: bool = False) -> Steps[WorkPool]:
    """Make a work pool, and return it.

    If its name is taken, `overwrite` changes that pool, save its type; else ObjectAlreadyExists is raised.
    """
    try:
        made: WorkPool = yield CREATE(work_pool)
    except ObjectAlreadyExists:
        if not overwrite:
            raise
        yield rows.UPDATE(changed(work_pool), name=work_pool.name)
        made = yield READ(name=work_pool.name)
    return made


def changed(work_pool: WorkPoolCreate) -> WorkPoolUpdate:
    """Return what makes another pool the same as a new one would be; what has its default stays as it is."""
    plain: dict[str, Any] = {
        name: value
        for name in ("description", "is_paused", "concurrency_limit", "base_job_template", "storage_configuration")
        if (value := getattr(work_pool, name)) not in (None, {})
    }
    return WorkPoolUpdate(**plain)


def read_work_pool(work_pool_name: str) -> Call[WorkPool]:
    """Return a work pool; raise ObjectNotFound if there is none with this name."""
    return READ(name=work_pool_name)


def read_work_pools(
    limit: int | None = None, offset: int = 0, work_pool_filter: WorkPoolFilter | None = None
) -> Call[list[WorkPool]]:
    """Return the work pools that a filter matches, by name; without a limit the server answers 200 at most."""
    return FILTER(rows.ReadWorkPools(work_pools=work_pool_filter, limit=limit, offset=offset))


def update_work_pool(work_pool_name: str, work_pool: WorkPoolUpdate) -> Call[None]:
    """Change what is set of a work pool; raise ObjectNotFound if there is none with this name."""
    return rows.UPDATE(work_pool, name=work_pool_name)


def delete_work_pool(work_pool_name: str) -> Call[None]:
    """Delete a work pool with its queues; raise ObjectNotFound if there is none with this name."""
    return rows.DELETE(name=work_pool_name)


def get_scheduled_flow_runs_for_work_pool(
    work_pool_name: str, work_queue_names: list[str] | None = None, scheduled_before: datetime | None = None
) -> Call[list[WorkerFlowRunResponse]]:
    """Return the scheduled runs of a work pool that may start, as a worker asks for them."""
    body = rows.GetScheduledFlowRuns(work_queue_names=work_queue_names, scheduled_before=scheduled_before)
    return GET_SCHEDULED_FLOW_RUNS(body, name=work_pool_name)


def read_work_pool_concurrency_status(
    work_pool_name: str, page: int = 1, limit: int | None = None, flow_run_limit: int = 10
) -> Call[WorkPoolConcurrencyStatus]:
    """Return which runs hold slots of a work pool, queue by queue; pages are of queues."""
    body = rows.ReadWorkPoolConcurrency(page=page, limit=limit, flow_run_limit=flow_run_limit)
    return rows.CONCURRENCY_STATUS(body, name=work_pool_name)


def count_work_pools(work_pool_filter: WorkPoolFilter | None = None) -> Call[int]:
    """Return how many work pools a filter matches."""
    return rows.COUNT(rows.CountWorkPools(work_pools=work_pool_filter))
