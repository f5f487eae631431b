"""Saved searches in the store."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from lictor.kit.json import encode
from lictor.store.dialect import micros, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, one
from lictor.wire.types.saved_search import SavedSearch

SQL = queries("saved_search")
decode = msgspec.json.Decoder(SavedSearch).decode


def put(search: SavedSearch, by: str) -> Transaction[tuple[SavedSearch, bool]]:
    """Add a saved search, or change the one with its name; return it, and whether it is new."""
    ask = SQL["insert"](name=search.name, created=micros(search.created), **columns(search, by))
    if (yield ask):
        return search, True
    found = yield from one(decode, SQL["read_to_change"](name=search.name))
    found.filters, found.updated = search.filters, search.updated
    yield from one(bytes, SQL["update"](**columns(found, by)))
    return found, False


def text(search_id: UUID) -> Transaction[str]:
    """Return a saved search's JSON."""
    return (yield from one(str, SQL["read_text"](id=search_id.bytes)))


def texts(limit: int, offset: int) -> Transaction[list[str]]:
    """Return the JSON of a page of saved searches, by name."""
    return (yield from many(str, SQL["texts"](limit=limit, offset=whole(offset))))


def delete(search_id: UUID) -> Transaction[None]:
    """Remove a saved search."""
    yield from one(bytes, SQL["delete"](id=search_id.bytes))


def columns(search: SavedSearch, by: str) -> dict[str, Any]:
    """Return what changes in a saved search's row."""
    return {
        "id": search.id.bytes,
        "updated": micros(search.updated),
        "body": encode(search)[:-1].decode(),
        "by": by,
    }
