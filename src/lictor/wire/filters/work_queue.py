"""Filters of work queues."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class WorkQueueFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class WorkQueueFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    startswith_: list[str] | None = None


class WorkQueueFilter(Filter, kw_only=True):
    """Which work queues."""

    operator: Operator = "and_"
    id: WorkQueueFilterId | None = None
    name: WorkQueueFilterName | None = None
