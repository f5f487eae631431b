"""What clients ask about the inputs of flow runs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from lictor.sdk.objects import FlowRunInput
from lictor.wire.operation import Call
from lictor.wire.operations import flow_run_input as rows
from lictor.wire.types.flow_run_input import FlowRunInputCreate

FILTER = rows.FILTER.giving(list[FlowRunInput])


def create_flow_run_input(flow_run_id: UUID, key: str, value: str, sender: str | None = None) -> Call[None]:
    """Give a flow run an input, JSON text under a key; raise ObjectAlreadyExists if the run has one of this key."""
    return rows.CREATE(FlowRunInputCreate(key=key, value=value, sender=sender), id=flow_run_id)


def filter_flow_run_input(
    flow_run_id: UUID, key_prefix: str, limit: int, exclude_keys: Collection[str]
) -> Call[list[FlowRunInput]]:
    """Return the inputs of a flow run whose keys begin alike, oldest first, without those of some keys."""
    return FILTER(
        rows.FindInputs(prefix=key_prefix, limit=limit, exclude_keys=sorted(exclude_keys)),
        id=flow_run_id,
    )


def read_flow_run_input(flow_run_id: UUID, key: str) -> Call[str]:
    """Return an input of a flow run, JSON text; raise ObjectNotFound if it has none of this key."""
    return rows.READ(id=flow_run_id, key=key)


def delete_flow_run_input(flow_run_id: UUID, key: str) -> Call[None]:
    """Delete an input of a flow run; raise ObjectNotFound if it has none of this key."""
    return rows.DELETE(id=flow_run_id, key=key)
