"""The frames of the channel between a worker and the server (`work_pools/{name}/workers/connect`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from lictor.wire.types.common import DateTime, ObjectText

VERSION = "work_pool_worker_channel.v1"
HEARTBEAT, SNAPSHOT = "worker_heartbeat.v1", "work_pool_snapshot.v1"
CLEANUP = "cleanup_delivery.v1"
SPOKEN = (HEARTBEAT, SNAPSHOT)
"""What the server does over every channel: a worker must ask for both. It may ask for cleanups; else is rejected."""
CANCELLING_TIMEOUT = "cancelling_timeout_teardown.v1"
"""The kind of a cleanup after a run whose process did not end in time when it was cancelled."""
Kind = Literal["cancelling_timeout_teardown.v1", "pending_claim_teardown.v1"]
Operation = Literal["ack", "release", "renew"]
OperationStatus = Literal[
    "accepted", "not_current", "not_found", "expired", "invalid_token", "unauthorized", "dead_lettered", "error"
]

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
    handled_cleanup_kinds: list[Kind] = field(default_factory=list)
    max_cleanup_concurrency: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
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
    """A sign of life of a worker."""

    id: UUID
    sent_at: DateTime
    payload: Beat


class Said(Struct, kw_only=True):
    """Which cleanup a worker speaks of; the token shows that it has it."""

    message_id: UUID
    reservation_token: Text


class SaidWhy(Said, kw_only=True):
    """Which cleanup a worker cannot do, and why."""

    reason: Text


class AckFrame(Struct, tag="cleanup.ack.v1", kw_only=True):
    """Tells that something is cleaned up."""

    id: UUID
    sent_at: DateTime
    payload: Said


class ReleaseFrame(Struct, tag="cleanup.release.v1", kw_only=True):
    """Tells that a worker cannot clean something up."""

    id: UUID
    sent_at: DateTime
    payload: SaidWhy


class RenewFrame(Struct, tag="cleanup.renew.v1", kw_only=True):
    """Asks for more time to clean something up."""

    id: UUID
    sent_at: DateTime
    payload: Said


class Cleanup(Struct, kw_only=True):
    """What a worker is to clean up, and until when it has it."""

    message_id: UUID
    reservation_token: str
    lease_expires_at: DateTime
    delivery_count: int
    work_queue_id: UUID | None
    kind: str
    target: dict[str, Any]
    data: dict[str, Any] = field(default_factory=dict)


class CleanupFrame(Struct, tag="cleanup.message.v1", kw_only=True):
    """Hands a cleanup to a worker."""

    id: UUID
    sent_at: DateTime
    payload: Cleanup


class OperationResult(Struct, kw_only=True):
    """What came of what a worker said of a cleanup."""

    request_frame_id: UUID
    message_id: UUID
    operation: Operation
    status: OperationStatus
    lease_expires_at: DateTime | None = None
    reason: str | None = None
    detail: str | None = None


class OperationResultFrame(Struct, tag="cleanup.operation_result.v1", kw_only=True):
    """Answers what a worker said of a cleanup."""

    id: UUID
    sent_at: DateTime
    payload: OperationResult


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
    """What the server does for a worker over the channel."""

    consumer_id: UUID
    worker_id: UUID | None = None
    selected_channel_version: str = VERSION
    effective_heartbeat_interval_seconds: int
    accepted_capabilities: list[str] = field(default_factory=lambda: list(SPOKEN))
    rejected_capabilities: list[str]
    effective_max_cleanup_concurrency: int = 0
    resolved_work_queues: list[ResolvedQueue]
    initial_snapshot: Snapshot


class ReadyFrame(Struct, tag="worker.ready.v1", kw_only=True):
    """The answer to a worker's first frame."""

    id: UUID
    sent_at: DateTime
    payload: Ready
