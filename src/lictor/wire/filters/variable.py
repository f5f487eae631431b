"""Filters of variables."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class VariableFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class VariableFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


class VariableFilterTags(Filter, kw_only=True):
    """Part of a filter: tags."""

    operator: Operator = "and_"
    all_: list[str] | None = None
    is_null_: bool | None = None


class VariableFilter(Filter, kw_only=True):
    """Which variables."""

    operator: Operator = "and_"
    id: VariableFilterId | None = None
    name: VariableFilterName | None = None
    tags: VariableFilterTags | None = None
