"""Filters of flows."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class FlowFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None
    not_any_: list[UUID] | None = None


class FlowFilterDeployment(Filter, kw_only=True):
    """Part of a filter: deployment."""

    operator: Operator = "and_"
    is_null_: bool | None = None


class FlowFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class FlowFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    is_null_: bool | None = None


class FlowFilter(Filter, kw_only=True):
    """Which flows."""

    operator: Operator = "and_"
    id: FlowFilterId | None = None
    deployment: FlowFilterDeployment | None = None
    name: FlowFilterName | None = None
    tags: FlowFilterTags | None = None
