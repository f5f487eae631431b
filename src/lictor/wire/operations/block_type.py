"""Operations on block types."""

from __future__ import annotations

from types import NoneType

from lictor.wire.filters import BlockSchemaFilter, BlockTypeFilter
from lictor.wire.operation import Operation
from lictor.wire.operations.block_document import Secrets
from lictor.wire.types.block_document import BlockDocument
from lictor.wire.types.block_type import BlockType, BlockTypeCreate, BlockTypeUpdate
from lictor.wire.types.common import NotNegative, Query


class ReadBlockTypes(Query, kw_only=True):
    """Which block types to list, by name."""

    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None
    offset: NotNegative = 0
    limit: int | None = None


PATH = "/block_types"
OF_SLUG = PATH + "/slug/{slug}"

CREATE = Operation("POST", PATH + "/", BlockTypeCreate, BlockType, "write", statuses=(201,))
READ = Operation("GET", PATH + "/{id}", NoneType, BlockType, "read")
READ_BY_SLUG = Operation("GET", OF_SLUG, NoneType, BlockType, "read")
UPDATE = Operation("PATCH", PATH + "/{id}", BlockTypeUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadBlockTypes, list[BlockType], "read")
READ_DOCUMENTS = Operation("GET", OF_SLUG + "/block_documents", NoneType, list[BlockDocument], "read", query=Secrets)
READ_DOCUMENT_BY_NAME = Operation(
    "GET", OF_SLUG + "/block_documents/name/{block_document_name}", NoneType, BlockDocument, "read", query=Secrets
)
INSTALL = Operation("POST", PATH + "/install_system_block_types", NoneType, NoneType, "write")
