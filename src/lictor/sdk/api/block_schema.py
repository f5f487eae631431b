"""What clients ask about block schemas."""

from __future__ import annotations

from uuid import UUID

from lictor.sdk.api.method import Steps
from lictor.wire.filters import BlockSchemaFilter, BlockSchemaFilterBlockTypeId
from lictor.wire.operation import Call
from lictor.wire.operations import block_schema as rows
from lictor.wire.types.block_schema import BlockSchema, BlockSchemaCreate

PAGE = 200


def create_block_schema(block_schema: BlockSchemaCreate) -> Call[BlockSchema]:
    """Make a block schema, or find the one with the same fields and version, and return it."""
    return rows.CREATE(block_schema)


def read_block_schema_by_checksum(checksum: str, version: str | None = None) -> Call[BlockSchema]:
    """Return the newest block schema with a checksum, of a version if one is given; raise ObjectNotFound if none is."""
    return rows.READ_BY_CHECKSUM(query=rows.OfVersion(version=version), checksum=checksum)


def read_block_schemas() -> Steps[list[BlockSchema]]:
    """Return all block schemas, the newest first."""
    found: list[BlockSchema] = []
    while True:
        page: list[BlockSchema] = yield rows.FILTER(rows.ReadBlockSchemas(offset=len(found), limit=PAGE))
        found += page
        if len(page) < PAGE:
            return found


def get_most_recent_block_schema_for_block_type(block_type_id: UUID) -> Steps[BlockSchema | None]:
    """Return the newest schema of a block type, or None."""
    wanted = BlockSchemaFilter(block_type_id=BlockSchemaFilterBlockTypeId(any_=[block_type_id]))
    found: list[BlockSchema] = yield rows.FILTER(rows.ReadBlockSchemas(block_schemas=wanted, limit=1))
    return found[0] if found else None


def read_block_schema(block_schema_id: UUID) -> Call[BlockSchema]:
    """Return a schema; raise ObjectNotFound if there is none of this id."""
    return rows.READ(id=block_schema_id)


def delete_block_schema(block_schema_id: UUID) -> Call[None]:
    """Delete a schema; raise ObjectNotFound if there is none of this id."""
    return rows.DELETE(id=block_schema_id)


def read_block_capabilities() -> Call[list[str]]:
    """Return the capabilities that schemas have, each once."""
    return rows.READ_CAPABILITIES()
