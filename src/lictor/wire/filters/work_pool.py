"""Filters of work pools."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class WorkPoolFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class WorkPoolFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None


class WorkPoolFilterType(Filter, kw_only=True):
    """Part of a filter: type."""

    any_: list[str] | None = None


class WorkPoolFilter(Filter, kw_only=True):
    """Which work pools."""

    operator: Operator = "and_"
    id: WorkPoolFilterId | None = None
    name: WorkPoolFilterName | None = None
    type: WorkPoolFilterType | None = None
