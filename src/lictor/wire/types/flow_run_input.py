"""Inputs of flow runs: texts under keys, given to a run while it goes on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from lictor.wire.types.common import Answer, DateTime, Query

InputKey = Annotated[str, Meta(pattern=r"^[a-z0-9-]*$(?!\n)")]


class FlowRunInputCreate(Query, kw_only=True):
    """An input to add to a run; `sender` says from whom it is."""

    key: InputKey
    value: str
    sender: str | None = None


class FlowRunInput(Answer, kw_only=True):
    """An input of a run."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    flow_run_id: UUID
    key: str
    value: str
    sender: str | None = None
