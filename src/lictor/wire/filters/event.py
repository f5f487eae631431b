"""Filters of events."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import field

from lictor.kit.clock import now
from lictor.wire.filters.filter import Filter, ResourceSpecification, SearchText
from lictor.wire.types.common import DateTime
from lictor.wire.types.event import EventOrder


def long_ago() -> datetime:
    """Return the default beginning of an event filter: 180 days before now."""
    return now() - timedelta(days=180)


class EventOccurredFilter(Filter, kw_only=True):
    """Part of a filter: event occurred."""

    since: DateTime = field(default_factory=long_ago)
    until: DateTime = field(default_factory=now)


class EventNameFilter(Filter, kw_only=True):
    """Part of a filter: event name."""

    prefix: list[str] | None = None
    exclude_prefix: list[str] | None = None
    name: list[str] | None = None
    exclude_name: list[str] | None = None


class EventResourceFilter(Filter, kw_only=True):
    """Part of a filter: event resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: ResourceSpecification | None = None
    distinct: bool = False


class EventRelatedFilter(Filter, kw_only=True):
    """Part of a filter: event related."""

    id: list[str] | None = None
    role: list[str] | None = None
    resources_in_roles: list[tuple[str, str]] | None = None
    labels: ResourceSpecification | None = None


class EventAnyResourceFilter(Filter, kw_only=True):
    """Part of a filter: event any resource."""

    id: list[str] | None = None
    id_prefix: list[str] | None = None
    labels: ResourceSpecification | None = None


class EventIDFilter(Filter, kw_only=True):
    """Part of a filter: event id."""

    id: list[UUID] | None = None


class EventTextFilter(Filter, kw_only=True):
    """Part of a filter: event text."""

    query: SearchText


class EventFilter(Filter, kw_only=True):
    """Which events."""

    occurred: EventOccurredFilter = field(default_factory=EventOccurredFilter)
    event: EventNameFilter | None = None
    resource: EventResourceFilter | None = None
    related: EventRelatedFilter | list[EventRelatedFilter] | None = None
    any_resource: EventAnyResourceFilter | list[EventAnyResourceFilter] | None = None
    id: EventIDFilter = field(default_factory=EventIDFilter)
    text: EventTextFilter | None = None
    order: EventOrder = EventOrder.DESC
