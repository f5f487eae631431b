"""What clients ask about workers, and workers tell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lictor.sdk.api.method import Steps
from lictor.sdk.objects import WorkerMetadata
from lictor.wire.filters import WorkerFilter
from lictor.wire.operation import Call
from lictor.wire.operations import collection
from lictor.wire.operations import worker as rows
from lictor.wire.types.worker import Worker


def send_worker_heartbeat(
    work_pool_name: str,
    worker_name: str,
    heartbeat_interval_seconds: float | None = None,
    get_worker_id: bool = False,
    worker_metadata: WorkerMetadata | None = None,
) -> Steps[UUID | None]:
    """Tell that a worker of a pool is online, and in how many seconds it tells so again.

    The protocol's servers answer no id of a worker: None is returned. `worker_metadata` is not sent to them.
    """
    seconds = None if heartbeat_interval_seconds is None else int(heartbeat_interval_seconds)
    body = rows.Heartbeat(name=worker_name, heartbeat_interval_seconds=seconds)
    yield rows.HEARTBEAT(body, work_pool_name=work_pool_name)
    return None


def read_workers_for_work_pool(
    work_pool_name: str,
    worker_filter: WorkerFilter | None = None,
    offset: int | None = None,
    limit: int | None = None,
) -> Call[list[Worker]]:
    """Return the workers of a pool that a filter matches, those first that gave a sign of life last."""
    body = rows.ReadWorkers(workers=worker_filter, offset=offset or 0, limit=limit)
    return rows.FILTER(body, work_pool_name=work_pool_name)


def read_worker_metadata() -> Call[dict[str, Any]]:
    """Return the catalogue of types of workers, by package and type, each with the usual template of its pools."""
    return collection.VIEW(view="aggregate-worker-metadata")


def delete_worker(work_pool_name: str, worker_name: str) -> Call[None]:
    """Forget a worker of a pool; raise ObjectNotFound if there is none with this name."""
    return rows.DELETE(work_pool_name=work_pool_name, name=worker_name)
