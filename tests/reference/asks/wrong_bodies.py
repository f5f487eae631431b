"""Bodies that are wrong in one field, for every operation that takes one: made from the types of the operations."""

from __future__ import annotations

from tests.reference.telling import Story

STORIES: dict[str, Story] = {}
