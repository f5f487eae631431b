"""The events of deployments, each written in the transaction of its change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from lictor.kit.ids import uuid7
from lictor.kit.json import raw
from lictor.orchestration.flow_run_events import deployment_resource, flow_resource
from lictor.store import event, flow
from lictor.store.deployment import Stored
from lictor.store.transaction import NotFound, Transaction
from lictor.wire.types.deployment import Deployment, DeploymentStatus
from lictor.wire.types.event import ReceivedEvent, Resource

TOLD = (
    "description",
    "tags",
    "parameters",
    "parameter_openapi_schema",
    "enforce_parameter_schema",
    "entrypoint",
    "path",
    "pull_steps",
    "work_queue_id",
    "paused",
    "labels",
    "version",
    "concurrency_options",
)
"""The fields whose changes an event tells; of job variables and the limit it does so under other names."""

Changes = dict[str, dict[str, Any]]


def tell(what: str, about: Stored, now: datetime, by: str, payload: Any = None) -> Transaction[None]:
    """Record that something happened to a deployment."""
    made = about.deployment
    happened = ReceivedEvent(
        id=uuid7(),
        occurred=now,
        received=now,
        event=f"prefect.deployment.{what}",
        resource=deployment_resource(made.id, made.name),
        related=(yield from related(about)),
        payload=raw(payload or {}),
    )
    yield from event.add([happened], by)


def tell_changes(before: Stored, after: Stored, now: datetime, by: str) -> Transaction[None]:
    """Record what was changed of a deployment, if anything was."""
    changed = changes(before, after)
    if changed:
        yield from tell("updated", after, now, by, {"updated_fields": list(changed), "updates": changed})


def changes(before: Stored, after: Stored) -> Changes:
    """Return what an event tells of a change, by field."""
    old, new = told(before), told(after)
    return {name: {"from": old[name], "to": value} for name, value in new.items() if old[name] != value}


def told(about: Stored) -> dict[str, Any]:
    """Return what events tell of a deployment."""
    made: Deployment = about.deployment
    return {
        **{name: getattr(made, name) for name in TOLD},
        "infra_overrides": made.job_variables,
        "concurrency_limit_id": about.limit_id,
    }


def related(about: Stored) -> Transaction[list[Resource]]:
    """Return what a deployment belongs to and uses."""
    made = about.deployment
    found: list[Resource] = []
    try:
        owner = yield from flow.load(made.flow_id)
        found.append({**flow_resource(owner.id, owner.name), "prefect.resource.role": "flow"})
    except NotFound:  # it is deleted together with its flow
        pass
    used = (
        ("block-document", made.storage_document_id, "storage"),
        ("block-document", made.infrastructure_document_id, "infrastructure"),
        ("concurrency-limit", about.limit_id, "concurrency-limit"),
    )
    return found + [resource(kind, each, role) for kind, each, role in used if each is not None]


def resource(kind: str, identifier: UUID, role: str) -> Resource:
    """Return the labels of something that a deployment uses."""
    return {"prefect.resource.id": f"prefect.{kind}.{identifier}", "prefect.resource.role": role}


def status_word(status: DeploymentStatus) -> str:
    """Return a status as events name it."""
    return status.lower().replace("_", "-")
