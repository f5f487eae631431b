"""What clients ask about work queues."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from lictor.sdk.api.method import Steps
from lictor.sdk.objects import FlowRun
from lictor.wire.filters import WorkQueueFilter, WorkQueueFilterName
from lictor.wire.operation import Call
from lictor.wire.operations import work_queue as rows
from lictor.wire.types.work_queue import (
    WorkQueue,
    WorkQueueConcurrencyStatus,
    WorkQueueCreate,
    WorkQueueStatusDetail,
    WorkQueueUpdate,
)

GET_RUNS = rows.GET_RUNS.giving(list[FlowRun])
PAGE = 100


def create_work_queue(  # what a queue may have
    name: str,
    description: str | None = None,
    is_paused: bool | None = None,
    concurrency_limit: int | None = None,
    priority: int | None = None,
    work_pool_name: str | None = None,
) -> Call[WorkQueue]:
    """Make a queue of a work pool, or without one of the pool for agents; raise ObjectAlreadyExists if it is there."""
    body = WorkQueueCreate(
        name=name,
        description=description or "",
        is_paused=bool(is_paused),
        concurrency_limit=concurrency_limit,
        priority=priority,
    )
    if work_pool_name is None:
        return rows.CREATE(body)
    return rows.CREATE_IN_POOL(body, work_pool_name=work_pool_name)


def read_work_queue(id: UUID) -> Call[WorkQueue]:  # noqa: A002  # the reference's name
    """Return a queue; raise ObjectNotFound if there is none of this id."""
    return rows.READ(id=id)


def read_work_queue_by_name(name: str, work_pool_name: str | None = None) -> Call[WorkQueue]:
    """Return a queue of a work pool, or without one of the pool for agents; raise ObjectNotFound if there is none."""
    if work_pool_name is None:
        return rows.READ_BY_NAME(name=name)
    return rows.READ_IN_POOL(work_pool_name=work_pool_name, name=name)


def update_work_queue(id: UUID, **kwargs: Any) -> Call[None]:  # noqa: A002  # the reference's name
    """Change fields of a queue, those of WorkQueueUpdate; raise ObjectNotFound if there is none of this id."""
    if not kwargs:
        raise ValueError("say what to change of the queue, for instance concurrency_limit=3")
    return rows.UPDATE(WorkQueueUpdate(**kwargs), id=id)


def delete_work_queue_by_id(id: UUID) -> Call[None]:  # noqa: A002  # the reference's name
    """Delete a queue; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=id)


def read_work_queues(
    work_pool_name: str | None = None,
    work_queue_filter: WorkQueueFilter | None = None,
    limit: int | None = None,
    offset: int | None = None,
) -> Call[list[WorkQueue]]:
    """Return the queues that a filter matches: of a work pool by priority, without one of all pools by name."""
    body = rows.ReadWorkQueues(work_queues=work_queue_filter, limit=limit, offset=offset or 0)
    if work_pool_name is None:
        return rows.FILTER(body)
    return rows.FILTER_IN_POOL(body, work_pool_name=work_pool_name)


def match_work_queues(prefixes: list[str], work_pool_name: str | None = None) -> Steps[list[WorkQueue]]:
    """Return all queues whose names start with one of some texts."""
    found: list[WorkQueue] = []
    sought = WorkQueueFilter(name=WorkQueueFilterName(startswith_=prefixes))
    while True:
        page: list[WorkQueue] = yield read_work_queues(work_pool_name, sought, PAGE, len(found))
        found += page
        if len(page) < PAGE:
            return found


def get_runs_in_work_queue(
    id: UUID,  # noqa: A002  # the reference's name
    limit: int = 10,
    scheduled_before: datetime | None = None,
) -> Call[list[FlowRun]]:
    """Return the scheduled runs of a queue that may start; the queue counts as asked for work."""
    return GET_RUNS(rows.ReadWorkQueueRuns(limit=limit, scheduled_before=scheduled_before), id=id)


def read_work_queue_status(id: UUID) -> Call[WorkQueueStatusDetail]:  # noqa: A002  # the reference's name
    """Return whether a queue is healthy; raise ObjectNotFound if there is none of this id."""
    return rows.STATUS(id=id)


def read_work_queue_concurrency_status(
    id: UUID,  # noqa: A002  # the reference's name
    page: int = 1,
    limit: int | None = None,
) -> Call[WorkQueueConcurrencyStatus]:
    """Return which runs hold slots of a queue; pages are of runs."""
    return rows.CONCURRENCY_STATUS(rows.ReadWorkQueueConcurrency(page=page, limit=limit), id=id)


def update_work_queue_by_name(work_pool_name: str, name: str, work_queue: WorkQueueUpdate) -> Call[None]:
    """Change what is set of a queue of a pool; raise ObjectNotFound if there is none with this name."""
    return rows.UPDATE_IN_POOL(work_queue, work_pool_name=work_pool_name, name=name)


def delete_work_queue_by_name(work_pool_name: str, name: str) -> Call[None]:
    """Delete a queue of a pool; raise ObjectNotFound if there is none with this name."""
    return rows.DELETE_IN_POOL(work_pool_name=work_pool_name, name=name)
