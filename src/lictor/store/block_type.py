"""Block types in the store."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.json import encode
from lictor.store.dialect import most, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.types.block_type import BlockType

if TYPE_CHECKING:
    from lictor.wire.operations.block_type import ReadBlockTypes

SQL = queries("block_type")
decode = msgspec.json.Decoder(BlockType).decode


def insert(new: BlockType, by: str) -> Transaction[bool]:
    """Add a block type; return whether its slug was free."""
    return bool((yield SQL["insert"](slug=new.slug, name=new.name, **columns(new, by))))


def text(type_id: UUID) -> Transaction[str]:
    """Return a block type's JSON."""
    return (yield from one(str, SQL["read_text"](id=type_id.bytes)))


def text_by_slug(slug: str) -> Transaction[str]:
    """Return the JSON of the block type with a slug."""
    return (yield from one(str, SQL["read_text_by_slug"](slug=slug)))


def load(type_id: UUID) -> Transaction[BlockType | None]:
    """Return a block type, which stays until the transaction ends."""
    return (yield from maybe(decode, SQL["read_text"](id=type_id.bytes)))


def load_by_slug(slug: str) -> Transaction[BlockType]:
    """Return the block type with a slug."""
    return (yield from one(decode, SQL["read_text_by_slug"](slug=slug)))


def load_to_change(type_id: UUID) -> Transaction[BlockType]:
    """Return a block type that is then saved."""
    return (yield from one(decode, SQL["read_to_change"](id=type_id.bytes)))


def every() -> Transaction[list[BlockType]]:
    """Return every block type."""
    return (yield from many(decode, SQL["read_all"]()))


def save(changed: BlockType, by: str) -> Transaction[None]:
    """Keep what was changed of a block type."""
    yield from one(bytes, SQL["update"](**columns(changed, by)))


def delete(type_id: UUID) -> Transaction[None]:
    """Remove a block type."""
    yield from one(bytes, SQL["delete"](id=type_id.bytes))


def texts(body: ReadBlockTypes, limit: int) -> Transaction[list[str]]:
    """Return the JSON of the block types that a request matches, by name."""
    where = Where()
    rows = where.rows_of("block_type", body)
    statement = f"select body || '}}' from block_type{rows} order by name, number limit :limit offset :offset"
    return (
        yield from many(str, where.ask("block_type.texts", statement, limit=most(limit), offset=whole(body.offset)))
    )


def mark() -> Transaction[str | None]:
    """Return the mark of the built-in types that were registered last."""
    return (yield from maybe(str, SQL["read_mark"]()))


def put_mark(text: str) -> Transaction[None]:
    """Keep the mark of the built-in types that are registered."""
    yield SQL["forget_mark"]()
    yield SQL["put_mark"](mark=text)


def columns(block_type: BlockType, by: str) -> dict[str, Any]:
    """Return what changes in a block type's row."""
    return {
        "id": block_type.id.bytes,
        "is_protected": int(block_type.is_protected),
        "body": encode(block_type)[:-1].decode(),
        "by": by,
    }
