"""Filters of block types."""

from __future__ import annotations

from lictor.wire.filters.filter import Filter


class BlockTypeFilterName(Filter, kw_only=True):
    """Part of a filter: name."""

    like_: str | None = None


class BlockTypeFilterSlug(Filter, kw_only=True):
    """Part of a filter: slug."""

    any_: list[str] | None = None


class BlockTypeFilter(Filter, kw_only=True):
    """Which block types."""

    name: BlockTypeFilterName | None = None
    slug: BlockTypeFilterSlug | None = None
