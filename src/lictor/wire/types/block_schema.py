"""Block schemas: which fields the documents of a block type have, in one version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import field

from lictor.wire.types.block_type import BlockType
from lictor.wire.types.common import Answer, Body, DateTime

NON_VERSIONED = "non-versioned"


class BlockSchemaCreate(Body, kw_only=True):
    """A schema to get or create by the checksum of its fields, and its version."""

    fields: dict[str, Any] = field(default_factory=dict)
    block_type_id: UUID
    capabilities: list[str] = field(default_factory=list)
    version: str = NON_VERSIONED


class BlockSchema(Answer, kw_only=True):
    """A block schema as the server knows it; `fields` is a JSON schema."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    checksum: str
    fields: dict[str, Any] = field(default_factory=dict)
    block_type_id: UUID | None
    block_type: BlockType | None = None
    capabilities: list[str] = field(default_factory=list)
    version: str = NON_VERSIONED
