"""Flows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from lictor.wire.types.common import Answer, Body, DateTime, Labels, Paged

FlowName = Annotated[str, Meta(pattern=r"^[^/%&><]+$")]


class FlowSort(StrEnum):
    """Orders in which flows are listed."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"


class FlowCreate(Body, kw_only=True):
    """A flow to get or create by its exact name."""

    name: FlowName
    tags: list[str] = field(default_factory=list)
    labels: Labels | None = field(default_factory=dict)


class FlowUpdate(Body, kw_only=True):
    """Changes to a flow; what is not sent stays."""

    tags: list[str] | UnsetType = UNSET


class Flow(Answer, kw_only=True):
    """A flow as the server knows it."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: FlowName
    tags: list[str] = field(default_factory=list)
    labels: Labels | None = field(default_factory=dict)


class FlowPage(Paged, kw_only=True):
    """A page of flows."""

    results: list[Flow]
