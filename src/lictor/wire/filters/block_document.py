"""Filters of block documents."""

from __future__ import annotations

from uuid import UUID

from msgspec import field

from lictor.wire.filters.filter import Filter, Operator


class BlockDocumentFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class BlockDocumentFilterIsAnonymous(Filter, kw_only=True):
    """Part of a filter: whether the document is anonymous."""

    eq_: bool | None = None


class BlockDocumentFilterBlockTypeId(Filter, kw_only=True):
    """Part of a filter: block type."""

    any_: list[UUID] | None = None


class BlockDocumentFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    any_: list[str] | None = None
    like_: str | None = None


def named() -> BlockDocumentFilterIsAnonymous:
    """Return what is meant where nothing is said: anonymous documents are left out."""
    return BlockDocumentFilterIsAnonymous(eq_=False)


class BlockDocumentFilter(Filter, kw_only=True):
    """Which block documents; anonymous ones only if that is said."""

    operator: Operator = "and_"
    id: BlockDocumentFilterId | None = None
    is_anonymous: BlockDocumentFilterIsAnonymous | None = field(default_factory=named)
    block_type_id: BlockDocumentFilterBlockTypeId | None = None
    name: BlockDocumentFilterName | None = None
