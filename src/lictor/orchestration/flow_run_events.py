"""The events that the server itself emits, each written in the transaction of its change."""

from __future__ import annotations

from datetime import datetime
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


def flow_run_changed(  # a run, what it belongs to, and its change
    run: FlowRun, flow_name: str, previous: State | None, intended: str, now: datetime, deployment_name: str = ""
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
        related=related(run, flow_name, deployment_name),
        payload=Raw(encode(payload)),
        follows=previous.id if previous else None,
    )


def related(run: FlowRun, flow_name: str, deployment_name: str) -> list[Resource]:
    """Return what a flow run belongs to: its flow, its deployment if that is there, its tags."""
    owners = [{**flow_resource(run.flow_id, flow_name), "prefect.resource.role": "flow"}]
    if run.deployment_id is not None and deployment_name:
        owners.append(
            {**deployment_resource(run.deployment_id, deployment_name), "prefect.resource.role": "deployment"}
        )
    return [*owners, *tag_resources(run.tags)]


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
