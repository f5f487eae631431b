"""What clients ask about artifacts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lictor.sdk.api.method import Steps
from lictor.sdk.events import emit_event
from lictor.sdk.objects import Artifact, ArtifactCollection
from lictor.wire.filters import ArtifactCollectionFilter, ArtifactFilter, FlowRunFilter, TaskRunFilter
from lictor.wire.operation import Call
from lictor.wire.operations import artifact as rows
from lictor.wire.types.artifact import ArtifactCollectionSort, ArtifactCreate, ArtifactSort, ArtifactUpdate

READ, READ_LATEST = rows.READ.giving(Artifact), rows.READ_LATEST.giving(Artifact)
CREATE, FILTER, FILTER_LATEST = (
    rows.CREATE.giving(Artifact),
    rows.FILTER.giving(list[Artifact]),
    rows.FILTER_LATEST.giving(list[ArtifactCollection]),
)


def create_artifact(artifact: ArtifactCreate) -> Steps[Artifact]:
    """Make an artifact, emit the event `prefect.artifact.created`, and return the artifact."""
    made: Artifact = yield CREATE(artifact)
    resource = {"prefect.resource.id": f"prefect.artifact.{made.id}"}
    if made.key:
        resource["prefect.resource.name"] = made.key
    told = {"key": made.key, "type": made.type, "description": made.description}
    emit_event("prefect.artifact.created", resource, payload=told)
    return made


def update_artifact(artifact_id: UUID, artifact: ArtifactUpdate) -> Steps[None]:
    """Change an artifact, and emit the event `prefect.artifact.updated`; raise ObjectNotFound if there is none."""
    yield rows.UPDATE(artifact, id=artifact_id)
    told: dict[str, Any] = artifact.model_dump(mode="json")
    emit_event("prefect.artifact.updated", {"prefect.resource.id": f"prefect.artifact.{artifact_id}"}, payload=told)


def delete_artifact(artifact_id: UUID) -> Call[None]:
    """Remove an artifact; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=artifact_id)


def read_artifacts(  # a filter for each resource
    *,
    artifact_filter: ArtifactFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    sort: ArtifactSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Call[list[Artifact]]:
    """Return the artifacts that all filters match, newest first unless `sort` says otherwise, 200 at most."""
    return FILTER(
        rows.ReadArtifacts(
            artifacts=artifact_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            sort=sort or ArtifactSort.ID_DESC,
            limit=limit,
            offset=offset,
        )
    )


def read_latest_artifacts(  # a filter for each resource
    *,
    artifact_filter: ArtifactCollectionFilter | None = None,
    flow_run_filter: FlowRunFilter | None = None,
    task_run_filter: TaskRunFilter | None = None,
    sort: ArtifactCollectionSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Call[list[ArtifactCollection]]:
    """Return the latest artifacts of the keys that all filters match, 200 at most."""
    return FILTER_LATEST(
        rows.ReadLatestArtifacts(
            artifacts=artifact_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            sort=sort or ArtifactCollectionSort.ID_DESC,
            limit=limit,
            offset=offset,
        )
    )


def read_artifact(artifact_id: UUID) -> Call[Artifact]:
    """Return an artifact; raise ObjectNotFound if there is none of this id."""
    return READ(id=artifact_id)


def read_latest_artifact(key: str) -> Call[Artifact]:
    """Return the latest artifact of a key; raise ObjectNotFound if there is none."""
    return READ_LATEST(key=key)


def count_artifacts(artifact_filter: ArtifactFilter | None = None) -> Call[int]:
    """Return how many artifacts a filter matches."""
    return rows.COUNT(rows.CountArtifacts(artifacts=artifact_filter))


def count_latest_artifacts(artifact_filter: ArtifactCollectionFilter | None = None) -> Call[int]:
    """Return how many keys' latest artifacts a filter matches."""
    return rows.COUNT_LATEST(rows.CountLatestArtifacts(artifacts=artifact_filter))
