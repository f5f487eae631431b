"""Answers about saved searches."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, text, texts
from lictor.store import saved_search
from lictor.wire.operations import saved_search as operations
from lictor.wire.operations.saved_search import ReadSavedSearches
from lictor.wire.types.saved_search import SavedSearch, SavedSearchCreate


@answers(operations.PUT)
async def put(request: Request, body: SavedSearchCreate) -> Reply:
    """Save a search under its name: 201 for a new one."""
    at = now()
    search = SavedSearch(id=uuid7(), created=at, updated=at, name=body.name, filters=body.filters)
    made, created = await request.store.write(saved_search.put, search, request.by)
    return json(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a saved search."""
    return text(await request.store.point(saved_search.text, request.parameters["id"]))


@answers(operations.FILTER)
async def find(request: Request, body: ReadSavedSearches) -> Reply:
    """Answer a page of the saved searches, by name."""
    return texts(await request.store.read(saved_search.texts, limit_of(request, body.limit), body.offset))


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove a saved search."""
    await request.store.write(saved_search.delete, request.parameters["id"])
    return NOTHING
