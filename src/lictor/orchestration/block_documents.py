"""Block documents: made, read, changed, removed. Their values are sealed whole with a key of the keyring."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET

from lictor.kit.clock import from_micros
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any, encode
from lictor.orchestration.block_values import Values, masked, parted, paths, restored
from lictor.orchestration.lifecycle_events import Action, lifecycle
from lictor.orchestration.refusal import Conflict, Unacceptable
from lictor.store import block_document, block_schema, block_type, event
from lictor.store.block_document import New, Reference, Row
from lictor.store.keyring import Keyring
from lictor.store.transaction import NotFound, Transaction
from lictor.wire.types.block_document import BlockDocument, BlockDocumentCreate, BlockDocumentUpdate
from lictor.wire.types.block_schema import BlockSchema
from lictor.wire.types.event import ReceivedEvent

DEEPEST = 50
"""How deep documents may refer to one another."""


def create(keyring: Keyring, body: BlockDocumentCreate, now: datetime, by: str) -> Transaction[BlockDocument]:
    """Make a document; raise Conflict where its name is taken or what it builds on is missing."""
    owner = yield from block_type.load(body.block_type_id)
    if owner is None:
        raise Conflict(f"block_type_id: there is no block type {body.block_type_id}.")
    schema = yield from schema_of(body.block_schema_id)
    values, references = parted(body.data)
    new_id = uuid7()
    yield from check_references(new_id, references)
    name = body.name or f"anonymous-{uuid4()}"
    sealed = keyring.seal(encode(values).decode(), new_id)
    new = New(new_id, owner.id, schema.id, owner.name, name, body.is_anonymous, sealed)
    if not (yield from block_document.insert(new, now, by)):
        raise Conflict(f"name: there is a block '{name}' of the type '{owner.slug}' already; choose another.")
    yield from block_document.refer(new_id, references)
    if not body.is_anonymous:
        yield from event.add([block_document_event(new_id, name, schema, owner.name, "created", now)], by)
    return (yield from read(keyring, new_id, include_secrets=False))


def schema_of(schema_id: UUID) -> Transaction[BlockSchema]:
    """Return the schema that a document is to have; raise Conflict if it is missing."""
    schema = yield from block_schema.keep(schema_id)
    if schema is None:
        raise Conflict(f"block_schema_id: there is no block schema {schema_id}.")
    return schema


def check_references(document_id: UUID, references: Iterable[tuple[str, UUID]]) -> Transaction[None]:
    """Raise Conflict if a document that is referred to is missing, Unacceptable if it refers back."""
    for name, to in references:
        if to == document_id or any(
            below.reference_id == document_id.bytes for below in (yield from block_document.references([to.bytes]))
        ):
            raise Unacceptable(f"data.{name}: the block document {to} refers back to this one.")
        if not (yield from block_document.is_there(to)):
            raise Conflict(f"data.{name}: there is no block document {to}.")


def read(keyring: Keyring, document_id: UUID, *, include_secrets: bool) -> Transaction[BlockDocument]:
    """Return a document."""
    found = yield from listed(keyring, [document_id.bytes], include_secrets)
    if not found:
        raise NotFound("block_document.read")
    return found[0]


def read_by_name(keyring: Keyring, slug: str, name: str, include_secrets: bool) -> Transaction[BlockDocument]:
    """Return the document with a name, of the type with a slug."""
    found = yield from block_document.id_by_name(slug, name)
    return (yield from read(keyring, UUID(bytes=found), include_secrets=include_secrets))


def read_of_type(keyring: Keyring, slug: str, include_secrets: bool) -> Transaction[list[BlockDocument]]:
    """Return the documents of a type."""
    owner = yield from block_type.load_by_slug(slug)
    return (yield from listed(keyring, (yield from block_document.ids_of_type(owner.id)), include_secrets))


def find(keyring: Keyring, body: Any, limit: int) -> Transaction[list[BlockDocument]]:
    """Return the documents that a request matches."""
    return (yield from listed(keyring, (yield from block_document.found(body, limit)), body.include_secrets))


def listed(keyring: Keyring, document_ids: list[bytes], include_secrets: bool) -> Transaction[list[BlockDocument]]:
    """Return documents in an order, with the values of those that they refer to."""
    references = yield from block_document.references(document_ids)
    needed = dict.fromkeys([*document_ids, *(reference.reference_id for reference in references)])
    rows = yield from block_document.rows(needed)
    reading = Reading(keyring, rows, references, include_secrets)
    return [reading.document(each) for each in document_ids if each in rows]


class Reading:
    """Puts documents together from their rows."""

    def __init__(
        self, keyring: Keyring, rows: dict[bytes, Row], references: list[Reference], include_secrets: bool
    ) -> None:
        self.keyring, self.rows, self.include_secrets = keyring, rows, include_secrets
        self.below: dict[bytes, list[Reference]] = {}
        for reference in references:
            if reference.reference_id in rows:
                self.below.setdefault(reference.parent_id, []).append(reference)

    def document(self, document_id: bytes, depth: int = 0) -> BlockDocument:
        """Return a document with the values of those that it refers to."""
        row = self.rows[document_id]
        schema = block_schema.decode(row.schema)
        assert schema.block_type_id is not None
        document = BlockDocument(
            id=UUID(bytes=row.id),
            created=from_micros(row.created),
            updated=from_micros(row.updated),
            name=row.name,
            data=decode_any(self.keyring.unseal(row.sealed, UUID(bytes=row.id))),
            block_schema_id=schema.id,
            block_schema=schema,
            block_type_id=schema.block_type_id,
            block_type_name=row.type_name,
            block_type=schema.block_type,
            is_anonymous=bool(row.is_anonymous),
        )
        if not self.include_secrets:
            document.data = masked(document.data, paths(schema.fields))
        for reference in self.below.get(document_id, ()) if depth < DEEPEST else ():
            child = self.document(reference.reference_id, depth + 1)
            document.data[reference.name] = child.data
            document.block_document_references[reference.name] = {"block_document": reference_of(child)}
        return document


def reference_of(document: BlockDocument) -> Values:
    """Return what is said of a document that another refers to."""
    return {
        "id": document.id,
        "name": document.name,
        "block_type": document.block_type,
        "is_anonymous": document.is_anonymous,
        "block_document_references": document.block_document_references,
    }


def update(keyring: Keyring, document_id: UUID, body: BlockDocumentUpdate, now: datetime, by: str) -> Transaction[None]:
    """Lay values over those of a document, or put them in their place; a mask stands for the secret that is there."""
    before = yield from block_document.load_to_change(document_id)
    if body.data is UNSET and body.merge_existing_data:
        return
    schema = block_schema.decode(before.schema)
    current: Values = decode_any(keyring.unseal(before.sealed, document_id))
    given = restored({} if body.data is UNSET else body.data, current, paths(schema.fields))
    values, references = parted({**current, **given} if body.merge_existing_data else given)
    if body.block_schema_id is not None and body.block_schema_id != schema.id:
        proposed = yield from schema_of(body.block_schema_id)
        if proposed.block_type_id != schema.block_type_id:
            raise Unacceptable("block_schema_id: the schema is of another block type; name one of the same type.")
        schema = proposed
    yield from check_references(document_id, references)
    sealed = keyring.seal(encode(values).decode(), document_id)
    yield from block_document.save(document_id, before.version, schema.id, sealed, now, by)
    yield from block_document.refer(document_id, references)
    row = (yield from block_document.rows([document_id.bytes]))[document_id.bytes]
    if not row.is_anonymous:
        yield from event.add([block_document_event(document_id, row.name, schema, row.type_name, "updated", now)], by)


def delete(document_id: UUID, now: datetime, by: str) -> Transaction[None]:
    """Remove a document; those that refer to it lose the reference."""
    row = (yield from block_document.rows([document_id.bytes])).get(document_id.bytes)
    yield from block_document.delete(document_id)
    if row is not None and not row.is_anonymous:
        schema = block_schema.decode(row.schema)
        yield from event.add([block_document_event(document_id, row.name, schema, row.type_name, "deleted", now)], by)


def block_document_event(
    document_id: UUID, name: str, schema: BlockSchema, type_name: str, action: Action, now: datetime
) -> ReceivedEvent:
    """Return the event of a change to a document; its values, which are sealed, are never in it."""
    owner = {"id": str(schema.block_type_id), "name": type_name}
    payload = {"name": name, "block_schema": {"capabilities": schema.capabilities, "block_type": owner}}
    related = [
        {"prefect.resource.id": f"prefect.block-type.{schema.block_type_id}", "prefect.resource.role": "block-type"},
        {"prefect.resource.id": f"prefect.block-schema.{schema.id}", "prefect.resource.role": "block-schema"},
    ]
    return lifecycle("block-document", action, document_id, name, payload, now, related)
