"""Makes, changes and removes artifacts, with the events of their keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.orchestration.lifecycle_events import Action, lifecycle
from lictor.store import artifact, event
from lictor.store.transaction import Ask, Transaction, brief
from lictor.wire.types.artifact import MOST_METADATA, Artifact, ArtifactCollection, ArtifactCreate, ArtifactUpdate
from lictor.wire.types.event import Resource


@brief
def create(body: ArtifactCreate, now: datetime, by: str) -> Transaction[str]:
    """Make an artifact; return its JSON."""
    made = Artifact(
        id=uuid7(),
        created=now,
        updated=now,
        key=body.key,
        type=body.type,
        description=body.description,
        data=body.data,
        metadata_=shortened(body.metadata_),
        flow_run_id=body.flow_run_id,
        task_run_id=body.task_run_id,
    )
    latest = yield from artifact.insert(made, by)
    if latest is not None:
        yield told(latest[0], "created" if latest[1] else "updated", now, by)
    return encode(made).decode()


@brief
def update(artifact_id: UUID, body: ArtifactUpdate, now: datetime, by: str) -> Transaction[None]:
    """Change what was sent of an artifact."""
    found = yield from artifact.load_to_change(artifact_id)
    if body.data is not UNSET:
        found.data = body.data
    if body.description is not UNSET:
        found.description = body.description
    if body.metadata_ is not UNSET:
        found.metadata_ = shortened(body.metadata_)
    found.updated = now
    yield from artifact.save(found, by)


@brief
def delete(artifact_id: UUID, now: datetime, by: str) -> Transaction[None]:
    """Remove an artifact; the one before it becomes the latest of its key."""
    found = yield from artifact.load_to_change(artifact_id)
    changed = yield from artifact.delete(found, by)
    if changed is not None:
        yield told(changed[0], "updated" if changed[1] else "deleted", now, by)


def shortened(metadata: dict[str, str] | None) -> dict[str, str] | None:
    """Return metadata with long values cut."""
    if metadata is None:
        return None
    return {
        name: value if len(value) <= MOST_METADATA else f"{value[:MOST_METADATA]}..."
        for name, value in metadata.items()
    }


def told(latest: ArtifactCollection, action: Action, now: datetime, by: str) -> Ask:
    """Return what records that the artifacts of a key were changed."""
    runs = {"artifact": latest.latest_id, "flow-run": latest.flow_run_id, "task-run": latest.task_run_id}
    related: list[Resource] = [
        {
            "prefect.resource.id": f"prefect.{kind}.{thing}",
            "prefect.resource.role": "latest" if kind == "artifact" else kind,
        }
        for kind, thing in runs.items()
        if thing is not None
    ]
    payload = {"key": latest.key, "type": latest.type, "data": latest.data, "description": latest.description}
    return event.ask(lifecycle("artifact-collection", action, latest.id, latest.key, payload, now, related), by)
