"""Operations on block schemas."""

from __future__ import annotations

from types import NoneType

from msgspec import Struct

from lictor.wire.filters import BlockSchemaFilter
from lictor.wire.operation import Operation
from lictor.wire.types.block_schema import BlockSchema, BlockSchemaCreate
from lictor.wire.types.common import NotNegative, Query


class ReadBlockSchemas(Query, kw_only=True):
    """Which block schemas to list, the newest first."""

    block_schemas: BlockSchemaFilter | None = None
    offset: NotNegative = 0
    limit: int | None = None


class OfVersion(Struct, kw_only=True):
    """Which version of a schema to read; the newest unless said."""

    version: str | None = None


PATH = "/block_schemas"

CREATE = Operation("POST", PATH + "/", BlockSchemaCreate, BlockSchema, "write", statuses=(201, 200))
READ = Operation("GET", PATH + "/{id}", NoneType, BlockSchema, "read")
READ_BY_CHECKSUM = Operation("GET", PATH + "/checksum/{checksum}", NoneType, BlockSchema, "read", query=OfVersion)
DELETE = Operation("DELETE", PATH + "/{id}", NoneType, NoneType, "write", statuses=(204,))
FILTER = Operation("POST", PATH + "/filter", ReadBlockSchemas, list[BlockSchema], "read")
READ_CAPABILITIES = Operation("GET", "/block_capabilities/", NoneType, list[str], "read")
