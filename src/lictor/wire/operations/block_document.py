"""Operations on block documents."""

from __future__ import annotations

from types import NoneType

from msgspec import Struct

from lictor.wire.filters import BlockDocumentFilter, BlockSchemaFilter, BlockTypeFilter
from lictor.wire.operation import Operation
from lictor.wire.types.block_document import (
    BlockDocument,
    BlockDocumentCreate,
    BlockDocumentSort,
    BlockDocumentUpdate,
    Rotated,
)
from lictor.wire.types.common import NotNegative, Query


class CountBlockDocuments(Query, kw_only=True):
    """Which block documents to count."""

    block_documents: BlockDocumentFilter | None = None
    block_types: BlockTypeFilter | None = None
    block_schemas: BlockSchemaFilter | None = None


class ReadBlockDocuments(CountBlockDocuments, kw_only=True):
    """Which block documents to list, in which order; secrets are masked unless asked for."""

    include_secrets: bool = False
    sort: BlockDocumentSort | None = BlockDocumentSort.NAME_ASC
    offset: NotNegative = 0
    limit: int | None = None


class Secrets(Struct, kw_only=True):
    """Whether secrets are answered in clear, which takes the permission `secrets`."""

    include_secrets: bool = False


PATH = "/block_documents"

CREATE = Operation("POST", PATH + "/", BlockDocumentCreate, BlockDocument, "write", statuses=(201,))
READ = Operation("GET", PATH + "/{id}", NoneType, BlockDocument, "read", query=Secrets)
UPDATE = Operation("PATCH", PATH + "/{id}", BlockDocumentUpdate, NoneType, "write", statuses=(204,))
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadBlockDocuments, list[BlockDocument], "read")
COUNT = Operation("POST", PATH + "/count", CountBlockDocuments, int, "read")
ROTATE_KEY = Operation("POST", PATH + "/rotate_key", NoneType, Rotated, "admin", additive=True)
