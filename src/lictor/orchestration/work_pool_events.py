"""The events of work pools and work queues, each written in the transaction of its change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.store.work_pool import Change
from lictor.wire.types.event import ReceivedEvent, Resource
from lictor.wire.types.work_pool import WorkPool
from lictor.wire.types.work_queue import WorkQueue

FOLLOWED = timedelta(minutes=10)
"""For so long an event of a pool's status is named by the next one."""

Updates = dict[str, dict[str, Any]]
"""Fields with what they were (`from`) and are (`to`)."""


def pool_resource(pool: WorkPool, role: str | None = "work-pool") -> Resource:
    """Return a pool's labels."""
    labels = {
        "prefect.resource.id": f"prefect.work-pool.{pool.id}",
        "prefect.resource.name": pool.name,
        "prefect.work-pool.type": pool.type,
    }
    return labels if role is None else {**labels, "prefect.resource.role": role}


def queue_resource(queue: WorkQueue) -> Resource:
    """Return a queue's labels."""
    return {
        "prefect.resource.id": f"prefect.work-queue.{queue.id}",
        "prefect.resource.name": queue.name,
        "prefect.resource.role": "work-queue",
    }


def of_pool(what: str, pool: WorkPool, now: datetime) -> ReceivedEvent:
    """Return the event of a pool that was `created` or `deleted`."""
    related: list[Resource] = []
    if pool.default_queue_id is not None:
        queue = f"prefect.work-queue.{pool.default_queue_id}"
        related.append({"prefect.resource.id": queue, "prefect.resource.role": "default-queue"})
    block = pool.storage_configuration.default_result_storage_block_id
    if block is not None:
        document = f"prefect.block-document.{block}"
        related.append({"prefect.resource.id": document, "prefect.resource.role": "result-storage"})
    return happened(f"prefect.work-pool.{what}", pool_resource(pool), now, related)


def pool_updated(pool: WorkPool, updates: Updates, now: datetime) -> ReceivedEvent:
    """Return the event of a pool whose fields were changed."""
    return happened("prefect.work-pool.updated", pool_resource(pool), now, payload=payload_of(updates))


def pool_status(pool: WorkPool, before: Change | None, now: datetime) -> ReceivedEvent:
    """Return the event of a pool's status; it follows that of its status before, if that is not long ago."""
    assert pool.status is not None
    follows = before.event_id if before is not None and now - before.at < FOLLOWED else None
    return happened(f"prefect.work-pool.{kebab(pool.status)}", pool_resource(pool, None), now, follows=follows)


def of_queue(what: str, queue: WorkQueue, pool: WorkPool, now: datetime) -> ReceivedEvent:
    """Return the event of a queue that was `created` or `deleted`."""
    return happened(f"prefect.work-queue.{what}", queue_resource(queue), now, [pool_resource(pool)])


def queue_updated(queue: WorkQueue, pool: WorkPool, updates: Updates, now: datetime) -> ReceivedEvent:
    """Return the event of a queue whose fields were changed."""
    resource, related = queue_resource(queue), [pool_resource(pool)]
    return happened("prefect.work-queue.updated", resource, now, related, payload_of(updates))


def queue_status(queue: WorkQueue, pool: WorkPool, now: datetime) -> ReceivedEvent:
    """Return the event of a queue's status."""
    assert queue.status is not None
    return of_queue(kebab(queue.status), queue, pool, now)


def happened(  # what an event is made of
    name: str,
    resource: Resource,
    now: datetime,
    related: list[Resource] | None = None,
    payload: dict[str, Any] | None = None,
    follows: UUID | None = None,
) -> ReceivedEvent:
    """Return an event that occurs now."""
    return ReceivedEvent(
        id=uuid7(),
        occurred=now,
        received=now,
        event=name,
        resource=resource,
        related=related or [],
        payload=Raw(encode(payload or {})),
        follows=follows,
    )


def payload_of(updates: Updates) -> dict[str, Any]:
    """Return what an event says of changed fields."""
    return {"updated_fields": list(updates), "updates": updates}


def kebab(status: str) -> str:
    """Return a status as the names of events have it."""
    return status.lower().replace("_", "-")
