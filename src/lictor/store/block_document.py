"""Block documents in the store; their values are sealed, and open only with a key that is not in the database."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import msgspec

from lictor.kit.clock import to_micros
from lictor.store.dialect import most, whole
from lictor.store.queries import queries
from lictor.store.transaction import NotFound, Transaction, many, one, write
from lictor.store.where import Where
from lictor.wire.filters import BlockDocumentFilter
from lictor.wire.types.block_document import BlockDocumentSort
from lictor.wire.types.block_schema import BlockSchema

if TYPE_CHECKING:
    from lictor.store.keyring import Keyring
    from lictor.wire.operations.block_document import CountBlockDocuments, ReadBlockDocuments

SQL = queries("block_document")
ORDERS = {
    BlockDocumentSort.NAME_DESC: "name desc, number desc",
    BlockDocumentSort.NAME_ASC: "name, number",
    BlockDocumentSort.BLOCK_TYPE_AND_NAME_ASC: "block_type_name, name, number",
}
decode_schema = msgspec.json.Decoder(BlockSchema).decode


class Row(NamedTuple):
    """A block document with its schema; the values are sealed."""

    id: bytes
    name: str
    is_anonymous: int
    sealed: str
    created: int
    updated: int
    schema: str
    type_name: str


class Changing(NamedTuple):
    """What a change of a block document builds on."""

    version: int
    sealed: str
    type_id: bytes
    schema_id: bytes
    schema: str


class Sealed(NamedTuple):
    """The sealed values of a document."""

    number: int
    id: bytes
    sealed: str
    version: int


class Reference(NamedTuple):
    """That a document refers to another under a name."""

    parent_id: bytes
    name: str
    reference_id: bytes


class New(NamedTuple):
    """A new block document."""

    id: UUID
    type_id: UUID
    schema_id: UUID
    type_name: str
    name: str
    is_anonymous: bool
    sealed: tuple[str, str]


def insert(new: New, now: datetime, by: str) -> Transaction[bool]:
    """Add a block document; return whether its name was free."""
    key, sealed = new.sealed
    ask = SQL["insert"](
        id=new.id.bytes,
        block_type_id=new.type_id.bytes,
        block_schema_id=new.schema_id.bytes,
        block_type_name=new.type_name,
        name=new.name,
        is_anonymous=int(new.is_anonymous),
        key=key,
        sealed=sealed,
        now=to_micros(now),
        by=by,
    )
    return bool((yield ask))


def refer(parent_id: UUID, references: Iterable[tuple[str, UUID]]) -> Transaction[None]:
    """Note what a document refers to, in place of what it referred to before."""
    yield SQL["delete_references"](parent_id=parent_id.bytes)
    rows = [{"parent_id": parent_id.bytes, "name": name, "reference_id": to.bytes} for name, to in references]
    yield SQL["add_reference"].each(rows)


def is_there(document_id: UUID) -> Transaction[bool]:
    """Tell whether a document is there; it then stays until the transaction ends."""
    return bool((yield SQL["keep"](id=document_id.bytes)))


def rows(document_ids: Iterable[bytes]) -> Transaction[dict[bytes, Row]]:
    """Return documents by id."""
    found = yield from many(Row, SQL["read"](ids=b"".join(document_ids)))
    return {row.id: row for row in found}


def references(document_ids: Iterable[bytes]) -> Transaction[list[Reference]]:
    """Return what documents refer to, and these in turn."""
    return (yield from many(Reference, SQL["read_references"](ids=b"".join(document_ids))))


def id_by_name(slug: str, name: str) -> Transaction[bytes]:
    """Return the id of the document with a name, of the type with a slug."""
    return (yield from one(bytes, SQL["read_by_name"](slug=slug, name=name)))


def ids_of_type(type_id: UUID) -> Transaction[list[bytes]]:
    """Return the ids of the documents of a type that are not anonymous, by name."""
    return (yield from many(bytes, SQL["read_of_type"](block_type_id=type_id.bytes)))


def found(body: ReadBlockDocuments, limit: int) -> Transaction[list[bytes]]:
    """Return the ids of the documents that a request matches, in its order."""
    where = Where()
    order = ORDERS[body.sort or BlockDocumentSort.NAME_ASC]
    statement = f"select id from block_document{rows_of(where, body)} order by {order} limit :limit offset :offset"
    ask = where.ask("block_document.found", statement, limit=most(limit), offset=whole(body.offset))
    return (yield from many(bytes, ask))


def count(body: CountBlockDocuments) -> Transaction[int]:
    """Return how many documents a request matches."""
    where = Where()
    statement = f"select count(*) from block_document{rows_of(where, body)}"
    return (yield from one(int, where.ask("block_document.count", statement)))


def rows_of(where: Where, body: CountBlockDocuments) -> str:
    """Return the condition of a request; anonymous documents are left out unless it says something else."""
    if body.block_documents is None:
        body.block_documents = BlockDocumentFilter()
    return where.rows_of("block_document", body)


def load_to_change(document_id: UUID) -> Transaction[Changing]:
    """Return what a change of a document builds on."""
    return (yield from one(Changing, SQL["read_to_change"](id=document_id.bytes)))


def save(
    document_id: UUID, version: int, schema_id: UUID, sealed: tuple[str, str], now: datetime, by: str
) -> Transaction[None]:
    """Keep a document's values, unless somebody else changed it since it was read."""
    key, text = sealed
    guard = SQL["update"](
        id=document_id.bytes,
        version=version,
        block_schema_id=schema_id.bytes,
        key=key,
        sealed=text,
        now=to_micros(now),
        by=by,
    )
    yield from write(guard)


def delete(document_id: UUID) -> Transaction[None]:
    """Remove a document; those that refer to it lose the reference."""
    if not (yield SQL["delete"](id=document_id.bytes)):
        raise NotFound("block_document.delete")
    yield SQL["forget"](id=document_id.bytes)


def delete_of_type(type_id: UUID) -> Transaction[None]:
    """Remove the documents of a block type."""
    yield SQL["delete_of_type"](block_type_id=type_id.bytes)
    yield SQL["forget_lost"]()


def delete_of_schema(schema_id: UUID) -> Transaction[None]:
    """Remove the documents of a block schema."""
    yield SQL["delete_of_schema"](block_schema_id=schema_id.bytes)
    yield SQL["forget_lost"]()


def keys() -> Transaction[dict[str, int]]:
    """Return the names of the keys that documents are sealed with, and how many documents each."""
    return dict((yield from many(key_row, SQL["read_keys"]())))


def key_row(key: str, number: int) -> tuple[str, int]:
    """Read how many documents a key has sealed."""
    return key, number


def reseal_some(keyring: Keyring, after: int, limit: int) -> Transaction[tuple[int, int]]:
    """Seal a slice of the documents of other keys with the first one; return how many, and where the slice ended.

    What somebody else changes meanwhile is sealed with the first key by that.
    """
    ask = SQL["read_some_of_other_keys"](key=keyring.first().name, after=after, limit=limit)
    found = yield from many(Sealed, ask)
    rows = []
    for each in found:
        owner = UUID(bytes=each.id)
        key, sealed = keyring.seal(keyring.unseal(each.sealed, owner), owner)
        rows.append({"key": key, "sealed": sealed, "id": each.id, "version": each.version})
    yield SQL["reseal"].each(rows)
    return len(found), found[-1].number if found else after
