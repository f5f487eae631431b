"""Block schemas in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.json import encode
from lictor.store.dialect import micros, most, text_list, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.types.block_schema import BlockSchema

if TYPE_CHECKING:
    from lictor.wire.operations.block_schema import ReadBlockSchemas

SQL = queries("block_schema")
LISTED = """select block_schema.body || ',"block_type":' || block_type.body || '}}'
from block_schema join block_type on block_type.id = block_schema.block_type_id"""
decode = msgspec.json.Decoder(BlockSchema).decode
decode_list = msgspec.json.Decoder(list[str]).decode


def insert(new: BlockSchema, by: str) -> Transaction[bool]:
    """Add a block schema; return whether there was none with its checksum and version."""
    ask = SQL["insert"](
        id=new.id.bytes,
        block_type_id=new.block_type_id.bytes if new.block_type_id else b"",
        checksum=new.checksum,
        version=new.version,
        capabilities=text_list(new.capabilities),
        created=micros(new.created),
        body=body_of(new),
        by=by,
    )
    return bool((yield ask))


def body_of(schema: BlockSchema) -> str:
    """Return a schema's JSON without its type, which is read from that type's row, and without the closing brace."""
    said = {name: getattr(schema, name) for name in schema.__struct_fields__ if name != "block_type"}
    return encode(said)[:-1].decode()


def text(schema_id: UUID) -> Transaction[str]:
    """Return a block schema's JSON."""
    return (yield from one(str, SQL["read_text"](id=schema_id.bytes)))


def text_by_checksum(checksum: str, version: str | None) -> Transaction[str]:
    """Return the JSON of the newest block schema with a checksum, of a version if one is given."""
    return (yield from one(str, SQL["read_text_by_checksum"](checksum=checksum, version=version)))


def find(checksum: str, version: str | None = None) -> Transaction[str | None]:
    """Return the JSON of the newest block schema with a checksum, or None."""
    return (yield from maybe(str, SQL["read_text_by_checksum"](checksum=checksum, version=version)))


def every() -> Transaction[set[tuple[str, str]]]:
    """Return checksum and version of every block schema."""
    return {(checksum, version) for checksum, version in (yield SQL["read_all"]())}


def keep(schema_id: UUID) -> Transaction[BlockSchema | None]:
    """Return a block schema without its type, which stays until the transaction ends."""
    return (yield from maybe(decode, SQL["keep"](id=schema_id.bytes)))


def delete(schema_id: UUID) -> Transaction[None]:
    """Remove a block schema."""
    yield from one(bytes, SQL["delete"](id=schema_id.bytes))


def delete_of_type(type_id: UUID) -> Transaction[None]:
    """Remove the schemas of a block type."""
    yield SQL["delete_of_type"](block_type_id=type_id.bytes)


def texts(body: ReadBlockSchemas, limit: int) -> Transaction[list[str]]:
    """Return the JSON of the block schemas that a request matches, the newest first."""
    where = Where()
    rows = where.rows_of("block_schema", body)
    statement = f"{LISTED}{rows} order by created desc, block_schema.number desc limit :limit offset :offset"
    return (
        yield from many(str, where.ask("block_schema.texts", statement, limit=most(limit), offset=whole(body.offset)))
    )


def capabilities() -> Transaction[list[str]]:
    """Return what blocks can do."""
    lists: list[Any] = yield from many(decode_list, SQL["read_capabilities"]())
    return sorted({capability for each in lists for capability in each})
