"""What clients ask about block documents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import UNSET, structs

from lictor.sdk.api.body import without_secrets
from lictor.sdk.api.method import Steps
from lictor.wire.filters import BlockDocumentFilter, BlockDocumentFilterBlockTypeId
from lictor.wire.operation import Call
from lictor.wire.operations import block_document as rows
from lictor.wire.operations import block_type
from lictor.wire.operations.block_document import Secrets
from lictor.wire.types.block_document import BlockDocument, BlockDocumentCreate, BlockDocumentUpdate, Rotated
from lictor.wire.types.block_type import BlockType


def create_block_document(block_document: BlockDocumentCreate, include_secrets: bool = True) -> Call[BlockDocument]:
    """Make a block document, and return it with its secrets masked; raise ObjectAlreadyExists if its name is taken."""
    return rows.CREATE(structs.replace(block_document, data=_plain(block_document.data, include_secrets)))


def update_block_document(block_document_id: UUID, block_document: BlockDocumentUpdate) -> Call[None]:
    """Change a block document; raise ObjectNotFound if there is none of this id."""
    if block_document.data is not UNSET:
        block_document = structs.replace(block_document, data=_plain(block_document.data, True))
    return rows.UPDATE(block_document, id=block_document_id)


def _plain(data: dict[str, Any], include_secrets: bool) -> dict[str, Any]:
    """Return values as JSON has them, secrets among them in clear or masked."""
    return {name: without_secrets(value, include_secrets) for name, value in data.items()}


def delete_block_document(block_document_id: UUID) -> Call[None]:
    """Delete a block document; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=block_document_id)


def read_block_document(block_document_id: UUID, include_secrets: bool = True) -> Call[BlockDocument]:
    """Return a block document; raise ObjectNotFound if there is none of this id."""
    return rows.READ(query=Secrets(include_secrets=include_secrets), id=block_document_id)


def read_block_documents(
    block_schema_type: str | None = None,
    offset: int | None = None,
    limit: int | None = None,
    include_secrets: bool = True,
) -> Steps[list[BlockDocument]]:
    """Return documents by name, of the type with a slug if one is given; the server answers 200 at most."""
    wanted = BlockDocumentFilter()
    if block_schema_type is not None:
        owner: BlockType = yield block_type.READ_BY_SLUG(slug=block_schema_type)
        wanted.block_type_id = BlockDocumentFilterBlockTypeId(any_=[owner.id])
    body = rows.ReadBlockDocuments(
        block_documents=wanted, offset=offset or 0, limit=limit, include_secrets=include_secrets
    )
    found: list[BlockDocument] = yield rows.FILTER(body)
    return found


def count_block_documents(block_document_filter: BlockDocumentFilter | None = None) -> Call[int]:
    """Return how many documents a filter matches."""
    return rows.COUNT(rows.CountBlockDocuments(block_documents=block_document_filter))


def rotate_encryption_key() -> Call[Rotated]:
    """Encrypt some documents with the newest key, and return how many are left."""
    return rows.ROTATE_KEY()
