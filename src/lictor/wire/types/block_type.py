"""Block types: kinds of configuration, each with schemas and documents."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from lictor.wire.types.common import Answer, Body, DateTime

BlockName = Annotated[str, Meta(pattern=r"^[^/%&><]+$")]


class BlockTypeCreate(Body, kw_only=True):
    """A new block type."""

    name: BlockName
    slug: str
    logo_url: str | None = None
    documentation_url: str | None = None
    description: str | None = None
    code_example: str | None = None


class BlockTypeUpdate(Body, kw_only=True):
    """Changes to a block type; what is not sent stays."""

    logo_url: str | UnsetType | None = UNSET
    documentation_url: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    code_example: str | UnsetType | None = UNSET


class BlockType(Answer, kw_only=True):
    """A block type as the server knows it; a protected one is the server's own and cannot be deleted."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: BlockName
    slug: str
    logo_url: str | None = None
    documentation_url: str | None = None
    description: str | None = None
    code_example: str | None = None
    is_protected: bool = False
