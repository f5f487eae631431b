"""The frames of the channel between a worker and the server (`work_pools/{name}/workers/connect`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from lictor.wire.types.common import DateTime, ObjectText

VERSION = "work_pool_worker_channel.v1"
HEARTBEAT, SNAPSHOT = "worker_heartbeat.v1", "work_pool_snapshot.v1"
SPOKEN = (HEARTBEAT, SNAPSHOT)
"""What the server does over the channel; a worker must ask for both, and what else it asks for is rejected."""

Text = Annotated[str, Meta(min_length=1)]
Seconds = Annotated[int, Meta(gt=0)]


class Hello(Struct, kw_only=True):
    """Who a worker is, and what it wants of the channel."""

    consumer_id: UUID
    worker_name: Text
    worker_type: Text
    heartbeat_interval_seconds: Seconds
    supported_channel_versions: Annotated[list[Text], Meta(min_length=1)]
    requested_capabilities: Annotated[list[Text], Meta(min_length=1)]
    work_queue_names: list[Text] = field(default_factory=list)
    create_pool_if_not_found: bool = False
    default_base_job_template: dict[str, Any] = field(default_factory=dict)


class HelloFrame(Struct, tag="worker.hello.v1", kw_only=True):
    """A worker's first frame."""

    id: UUID
    sent_at: DateTime
    payload: Hello


class Beat(Struct, kw_only=True):
    """A sign of life."""

    consumer_id: UUID
    worker_name: Text
    heartbeat_interval_seconds: Seconds


class BeatFrame(Struct, tag="worker.heartbeat.v1", kw_only=True):
    """A worker's later frames."""

    id: UUID
    sent_at: DateTime
    payload: Beat


class Snapshot(Struct, kw_only=True):
    """A work pool as it is; snapshots are counted from 1, the one of the greeting."""

    snapshot_sequence: int
    reason: str
    work_pool: ObjectText


class SnapshotFrame(Struct, tag="work_pool.snapshot.v1", kw_only=True):
    """Tells a worker that its pool was changed."""

    id: UUID
    sent_at: DateTime
    payload: Snapshot


class ResolvedQueue(Struct, kw_only=True):
    """A queue that a worker serves."""

    id: UUID
    name: str


class Ready(Struct, kw_only=True):
    """What the server does for a worker over the channel; cleaning up is not among it."""

    consumer_id: UUID
    worker_id: UUID | None = None
    selected_channel_version: str = VERSION
    effective_heartbeat_interval_seconds: int
    accepted_capabilities: list[str] = field(default_factory=lambda: list(SPOKEN))
    rejected_capabilities: list[str]
    effective_max_cleanup_concurrency: Literal[0] = 0
    resolved_work_queues: list[ResolvedQueue]
    initial_snapshot: Snapshot


class ReadyFrame(Struct, tag="worker.ready.v1", kw_only=True):
    """The answer to a worker's first frame."""

    id: UUID
    sent_at: DateTime
    payload: Ready
