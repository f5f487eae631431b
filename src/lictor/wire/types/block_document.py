"""Block documents: the values of one block, which may hold secrets and refer to other documents."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType, field

from lictor.wire.types.block_schema import BlockSchema
from lictor.wire.types.block_type import BlockName, BlockType
from lictor.wire.types.common import Answer, Body, DateTime


class BlockDocumentSort(StrEnum):
    """Orders in which block documents are listed."""

    NAME_DESC = "NAME_DESC"
    NAME_ASC = "NAME_ASC"
    BLOCK_TYPE_AND_NAME_ASC = "BLOCK_TYPE_AND_NAME_ASC"


class BlockDocumentCreate(Body, kw_only=True):
    """A new document; one that is anonymous needs no name. `{"$ref": {"block_document_id": …}}` refers to another."""

    name: BlockName | None = None
    data: dict[str, Any] = field(default_factory=dict)
    block_schema_id: UUID
    block_type_id: UUID
    is_anonymous: bool = False


class BlockDocumentUpdate(Body, kw_only=True):
    """Changes to a document: values are laid over the present ones, or with `merge_existing_data` off replace them."""

    block_schema_id: UUID | None = None
    data: dict[str, Any] | UnsetType = UNSET
    merge_existing_data: bool = True


class BlockDocument(Answer, kw_only=True):
    """A document as the server knows it, with the values of those it refers to."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    name: BlockName | None = None
    data: dict[str, Any] = field(default_factory=dict)
    block_schema_id: UUID
    block_schema: BlockSchema | None = None
    block_type_id: UUID
    block_type_name: str | None = None
    block_type: BlockType | None = None
    block_document_references: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_anonymous: bool = False


class Rotated(Answer, kw_only=True):
    """How many documents were encrypted anew, the name of the key, and where that is."""

    number: int
    key: str
    place: str
