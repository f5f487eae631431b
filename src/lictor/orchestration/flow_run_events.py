"""The events that the server itself emits, each written in the transaction of its change."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.wire.types.event import ReceivedEvent, Resource
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import State


def flow_created(flow: Flow, now: datetime) -> ReceivedEvent:
    """Return the event of a new flow."""
    return ReceivedEvent(
        id=uuid7(), occurred=now, received=now, event="prefect.flow.created", resource=flow_resource(flow.id, flow.name)
    )


class Owners(NamedTuple):
    """What a flow run's event says of what it belongs to: names of its flow and deployment, the type of its pool."""

    flow: str
    deployment: str = ""
    pool_type: str = ""


def flow_run_changed(
    run: FlowRun, owners: Owners, previous: State | None, intended: str, now: datetime
) -> ReceivedEvent:
    """Return the event of a flow run's new state; its id is the state's, and it follows the previous state's event."""
    state = run.state
    assert state is not None
    payload = {
        "intended": {"from": previous and previous.type, "to": intended},
        "initial_state": previous and brief(previous),
        "validated_state": brief(state),
    }
    return ReceivedEvent(
        id=state.id,
        occurred=state.timestamp,
        received=now,
        event=f"prefect.flow-run.{state.name}",
        resource=flow_run_resource(run, state),
        related=related(run, owners),
        payload=Raw(encode(payload)),
        follows=previous.id if previous else None,
    )


def related(run: FlowRun, owners: Owners) -> list[Resource]:
    """Return what a flow run belongs to: its flow, its deployment, work queue and work pool if there are, its tags."""
    found = [with_role("flow", flow_resource(run.flow_id, owners.flow))]
    if run.deployment_id is not None and owners.deployment:
        found.append(with_role("deployment", deployment_resource(run.deployment_id, owners.deployment)))
    if owners.pool_type:
        queue = {"prefect.resource.id": f"prefect.work-queue.{run.work_queue_id}"}
        pool = {"prefect.resource.id": f"prefect.work-pool.{run.work_pool_id}"}
        found.append(with_role("work-queue", {**queue, "prefect.resource.name": run.work_queue_name or ""}))
        pool |= {"prefect.resource.name": run.work_pool_name or "", "prefect.work-pool.type": owners.pool_type}
        found.append(with_role("work-pool", pool))
    return [*found, *tag_resources(run.tags)]


def with_role(role: str, resource: Resource) -> Resource:
    """Return a resource's labels with what it is to an event."""
    return {**resource, "prefect.resource.role": role}


def deployment_resource(deployment_id: UUID, name: str) -> Resource:
    """Return a deployment's labels."""
    return {"prefect.resource.id": f"prefect.deployment.{deployment_id}", "prefect.resource.name": name}


def flow_resource(flow_id: UUID, name: str) -> Resource:
    """Return a flow's labels."""
    return {"prefect.resource.id": f"prefect.flow.{flow_id}", "prefect.resource.name": name}


def flow_run_resource(run: FlowRun, state: State) -> Resource:
    """Return a flow run's labels, those of its state among them."""
    return {
        "prefect.resource.id": f"prefect.flow-run.{run.id}",
        "prefect.resource.name": run.name,
        "prefect.run-count": str(run.run_count),
        "prefect.state-message": state.message or "",
        "prefect.state-name": state.name or "",
        "prefect.state-timestamp": state.timestamp.isoformat(),
        "prefect.state-type": state.type,
    }


def tag_resources(tags: list[str]) -> list[Resource]:
    """Return the related resources of tags."""
    return [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in sorted(set(tags))]


def brief(state: State) -> dict[str, str | None]:
    """Return what an event says of a state."""
    content: dict[str, str | None] = {"type": state.type, "name": state.name}
    if state.message:
        content["message"] = state.message
    return content
