"""Saved searches: filters by name, which a user interface keeps."""

from __future__ import annotations

from uuid import UUID

from msgspec import Raw, field

from lictor.wire.types.common import Answer, Body, DateTime
from lictor.wire.types.model import Model


class SavedSearchFilter(Model, kw_only=True):
    """One condition of a saved search: what it is about, and how that is compared with a value."""

    object: str
    property: str
    type: str
    operation: str
    value: Raw


class SavedSearchCreate(Body, kw_only=True):
    """A search to save under its name, in place of the one that has it."""

    name: str
    filters: list[SavedSearchFilter] = field(default_factory=list)


class SavedSearch(Answer, kw_only=True):
    """A saved search as the server knows it."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: str
    filters: list[SavedSearchFilter] = field(default_factory=list)
