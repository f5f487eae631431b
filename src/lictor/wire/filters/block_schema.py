"""Filters of block schemas."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.filters.filter import Filter, Operator


class BlockSchemaFilterBlockTypeId(Filter, kw_only=True):
    """Part of a filter: block type."""

    any_: list[UUID] | None = None


class BlockSchemaFilterCapabilities(Filter, kw_only=True):
    """Part of a filter: what blocks can do."""

    all_: list[str] | None = None


class BlockSchemaFilterId(Filter, kw_only=True):
    """Part of a filter: id."""

    any_: list[UUID] | None = None


class BlockSchemaFilterVersion(Filter, kw_only=True):
    """Part of a filter: version."""

    any_: list[str] | None = None


class BlockSchemaFilter(Filter, kw_only=True):
    """Which block schemas."""

    operator: Operator = "and_"
    block_type_id: BlockSchemaFilterBlockTypeId | None = None
    block_capabilities: BlockSchemaFilterCapabilities | None = None
    id: BlockSchemaFilterId | None = None
    version: BlockSchemaFilterVersion | None = None
