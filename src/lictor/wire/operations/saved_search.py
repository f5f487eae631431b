"""Operations on saved searches."""

from __future__ import annotations

from types import NoneType

from lictor.wire.operation import Operation
from lictor.wire.types.common import NotNegative, Query
from lictor.wire.types.saved_search import SavedSearch, SavedSearchCreate


class ReadSavedSearches(Query, kw_only=True):
    """Which page of saved searches to list, by name."""

    offset: NotNegative = 0
    limit: int | None = None


PATH = "/saved_searches"

PUT = Operation("PUT", PATH + "/", SavedSearchCreate, SavedSearch, "write", statuses=(201, 200))
READ = Operation("GET", PATH + "/{id}", NoneType, SavedSearch, "read")
FILTER = Operation("POST", PATH + "/filter", ReadSavedSearches, list[SavedSearch], "read")
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "write", statuses=(204,))
