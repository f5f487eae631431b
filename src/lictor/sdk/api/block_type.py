"""What clients ask about block types."""

from __future__ import annotations

from uuid import UUID

from lictor.sdk.api.method import Steps
from lictor.wire.operation import Call
from lictor.wire.operations import block_type as rows
from lictor.wire.operations.block_document import Secrets
from lictor.wire.types.block_document import BlockDocument
from lictor.wire.types.block_type import BlockType, BlockTypeCreate, BlockTypeUpdate

PAGE = 200


def create_block_type(block_type: BlockTypeCreate) -> Call[BlockType]:
    """Make a block type, and return it; raise ObjectAlreadyExists if its slug is taken."""
    return rows.CREATE(block_type)


def read_block_type_by_slug(slug: str) -> Call[BlockType]:
    """Return the block type with a slug; raise ObjectNotFound if there is none."""
    return rows.READ_BY_SLUG(slug=slug)


def update_block_type(block_type_id: UUID, block_type: BlockTypeUpdate) -> Call[None]:
    """Change what is given of a block type."""
    return rows.UPDATE(block_type, id=block_type_id)


def delete_block_type(block_type_id: UUID) -> Call[None]:
    """Delete a block type with its documents; raise ObjectNotFound if there is none."""
    return rows.DELETE(id=block_type_id)


def read_block_types() -> Steps[list[BlockType]]:
    """Return all block types, by name."""
    found: list[BlockType] = []
    while True:
        page: list[BlockType] = yield rows.FILTER(rows.ReadBlockTypes(offset=len(found), limit=PAGE))
        found += page
        if len(page) < PAGE:
            return found


def read_block_document_by_name(name: str, block_type_slug: str, include_secrets: bool = True) -> Call[BlockDocument]:
    """Return the document with a name, of a type; raise ObjectNotFound if there is none."""
    secrets = Secrets(include_secrets=include_secrets)
    return rows.READ_DOCUMENT_BY_NAME(query=secrets, slug=block_type_slug, block_document_name=name)


def read_block_documents_by_type(
    block_type_slug: str, offset: int | None = None, limit: int | None = None, include_secrets: bool = True
) -> Steps[list[BlockDocument]]:
    """Return the documents of a type, by name: `limit` of them after the first `offset`, or all."""
    found: list[BlockDocument] = yield rows.READ_DOCUMENTS(
        query=Secrets(include_secrets=include_secrets), slug=block_type_slug
    )
    first = offset or 0
    return found[first:] if limit is None else found[first : first + limit]


def read_block_type(block_type_id: UUID) -> Call[BlockType]:
    """Return a type of blocks; raise ObjectNotFound if there is none of this id."""
    return rows.READ(id=block_type_id)


def install_system_block_types() -> Call[None]:
    """Make the built-in types anew where they are missing."""
    return rows.INSTALL()
