"""What clients ask about saved searches."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.operation import Call
from lictor.wire.operations import saved_search as rows
from lictor.wire.types.saved_search import SavedSearch, SavedSearchCreate


def create_saved_search(saved_search: SavedSearchCreate) -> Call[SavedSearch]:
    """Keep a search under its name, in place of the one that has it; return it."""
    return rows.PUT(saved_search)


def read_saved_search(saved_search_id: UUID) -> Call[SavedSearch]:
    """Return a saved search; raise ObjectNotFound if there is none of this id."""
    return rows.READ(id=saved_search_id)


def read_saved_searches(limit: int | None = None, offset: int = 0) -> Call[list[SavedSearch]]:
    """Return saved searches by name; without a limit the server answers 200 at most."""
    return rows.FILTER(rows.ReadSavedSearches(limit=limit, offset=offset))


def delete_saved_search(saved_search_id: UUID) -> Call[None]:
    """Remove a saved search; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=saved_search_id)
