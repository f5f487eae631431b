"""Gives inputs to flow runs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.kit.ids import uuid7
from lictor.orchestration.refusal import Conflict
from lictor.store import flow_run, flow_run_input
from lictor.store.transaction import Transaction, brief
from lictor.wire.types.flow_run_input import FlowRunInput, FlowRunInputCreate


@brief
def give_input(flow_run_id: UUID, body: FlowRunInputCreate, now: datetime, by: str) -> Transaction[None]:
    """Add an input to a flow run; its key must be free."""
    yield from flow_run.must_exist(flow_run_id)
    given = FlowRunInput(
        id=uuid7(),
        created=now,
        updated=now,
        flow_run_id=flow_run_id,
        key=body.key,
        value=body.value,
        sender=body.sender,
    )
    if not (yield from flow_run_input.insert(given, by)):
        raise Conflict("A flow run input with this key already exists.")
