"""Workers: processes that start the runs of a work pool."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from lictor.wire.types.common import Answer, DateTime


class WorkerStatus(StrEnum):
    """Whether a worker gave a sign of life lately."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


class Worker(Answer, kw_only=True):
    """A worker as the server answers it; what its signs of life change comes last."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str
    work_pool_id: UUID
    last_heartbeat_time: DateTime | None = None
    heartbeat_interval_seconds: int | None = None
    status: WorkerStatus = WorkerStatus.OFFLINE
