"""Block types and block schemas: made, changed, removed."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, structs

from lictor.kit.ids import uuid7
from lictor.orchestration.lifecycle_events import Action, lifecycle
from lictor.orchestration.refusal import Absent, Conflict, Reserved
from lictor.store import block_document, block_schema, block_type, event
from lictor.store.transaction import NotFound, Transaction, brief
from lictor.wire.block_fields import PLACE, Fields, below, checksum, referred
from lictor.wire.types.block_schema import NON_VERSIONED, BlockSchema, BlockSchemaCreate
from lictor.wire.types.block_type import BlockType, BlockTypeCreate, BlockTypeUpdate
from lictor.wire.types.event import ReceivedEvent

RESERVED = "prefect"


def escaped(text: str | None) -> str | None:
    """Return a text as pages may show it."""
    return None if text is None else html.escape(text, quote=False)


def stripped(address: str | None) -> str | None:
    """Return an address without the space around it."""
    return None if address is None else address.strip()


@brief
def create_type(body: BlockTypeCreate, now: datetime, by: str) -> Transaction[BlockType]:
    """Make a block type; raise Conflict if its slug is taken."""
    if body.name.lower().startswith(RESERVED):
        raise Reserved("name: names that begin with 'Prefect' are reserved; choose another.")
    new = BlockType(
        id=uuid7(),
        created=now,
        updated=now,
        name=body.name,
        slug=body.slug,
        logo_url=stripped(body.logo_url),
        documentation_url=stripped(body.documentation_url),
        description=escaped(body.description),
        code_example=escaped(body.code_example),
    )
    if not (yield from block_type.insert(new, by)):
        raise Conflict(f"slug: there is a block type '{new.slug}' already; choose another.")
    yield from event.add([block_type_event(new, "created", now)], by)
    return new


@brief
def update_type(type_id: UUID, body: BlockTypeUpdate, now: datetime, by: str) -> Transaction[bool]:
    """Change what was sent of a block type, if that is something else; return whether it was."""
    before = yield from block_type.load_to_change(type_id)
    sent = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
    for name in ("logo_url", "documentation_url"):
        if name in sent:
            sent[name] = stripped(sent[name])
    changed = structs.replace(before, **sent)
    if all(plain(getattr(before, name)) == plain(value) for name, value in sent.items()):
        return False
    changed.updated = now
    yield from block_type.save(changed, by)
    yield from event.add([block_type_event(changed, "updated", now)], by)
    return True


def plain(text: str | None) -> str | None:
    """Return a text without the escapes that pages need."""
    return None if text is None else html.unescape(text)


def delete_type(type_id: UUID, now: datetime, by: str) -> Transaction[None]:
    """Remove a block type with its schemas and documents; raise Reserved if it is the server's own."""
    found = yield from block_type.load_to_change(type_id)
    if found.is_protected:
        raise Reserved(f"The block type '{found.slug}' is the server's own and cannot be deleted.")
    yield from block_type.delete(type_id)
    yield from block_document.delete_of_type(type_id)
    yield from block_schema.delete_of_type(type_id)
    yield from event.add([block_type_event(found, "deleted", now)], by)


def create_schema(body: BlockSchemaCreate, now: datetime, by: str) -> Transaction[tuple[str, bool]]:
    """Get a schema by the checksum of its fields and its version, or make it with those it refers to.

    Return its JSON, and whether it is new. Raise Absent for a missing type, Conflict for a missing type of a reference.
    """
    owner = yield from block_type.load(body.block_type_id)
    if owner is None:
        raise Absent(f"Block type {body.block_type_id} not found.")
    return (yield from put_schema(body, checksum(body.fields), now, by))


def block_type_event(changed: BlockType, action: Action, now: datetime) -> ReceivedEvent:
    """Return the event of a change to a block type."""
    said = {name: value for name, value in structs.asdict(changed).items() if name not in ("id", "created", "updated")}
    return lifecycle("block-type", action, changed.id, changed.name, said, now)


def put_schema(body: BlockSchemaCreate, mark: str, now: datetime, by: str) -> Transaction[tuple[str, bool]]:
    """Get or make a schema with a checksum."""
    found = yield from block_schema.find(mark, body.version)
    if found is not None:
        return found, False
    fields = {**body.fields, "block_schema_references": body.fields.get("block_schema_references", {})}
    for name, reference in references(fields):
        yield from put_referred(name, reference, fields, now, by)
    new = BlockSchema(
        id=uuid7(),
        created=now,
        updated=now,
        checksum=mark,
        fields=fields,
        block_type_id=body.block_type_id,
        capabilities=body.capabilities,
        version=body.version,
    )
    made = yield from block_schema.insert(new, by)
    return (yield from block_schema.text_by_checksum(mark, body.version)), made


def references(fields: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas that a schema refers to, each with the name of its field."""
    said = fields["block_schema_references"]
    for name, value in said.items() if isinstance(said, dict) else ():
        for reference in value if isinstance(value, list) else [value]:
            if not (isinstance(reference, dict) and isinstance(reference.get("block_type_slug"), str)):
                raise Conflict(f"fields.block_schema_references.{name}: block_type_slug is missing.")
            yield name, reference


def put_referred(name: str, reference: dict[str, Any], fields: Fields, now: datetime, by: str) -> Transaction[None]:
    """Make the schema that another refers to, from its definitions, unless it is there."""
    slug = reference["block_type_slug"]
    try:
        owner = yield from block_type.load_by_slug(slug)
    except NotFound:
        raise Conflict(
            f"fields.block_schema_references.{name}: there is no block type '{slug}'; register it first."
        ) from None
    mark = reference.get("block_schema_checksum")
    if isinstance(mark, str) and (yield from block_schema.find(mark)) is not None:
        return
    definition = definition_of(name, slug, fields)
    if definition is None:
        raise Conflict(f"fields.definitions: the schema of the block type '{slug}' is missing, which '{name}' needs.")
    definitions = fields["definitions"]
    whole = {**definition, "definitions": definitions}
    needed = below(definition, definitions)
    body = BlockSchemaCreate(
        fields={**definition, **({"definitions": needed} if needed else {})},
        block_type_id=owner.id,
        version=NON_VERSIONED,
    )
    yield from put_schema(body, checksum(whole), now, by)


def definition_of(name: str, slug: str, fields: Fields) -> Fields | None:
    """Return the definition of the block of some type that a field holds, None if there is none."""
    definitions, properties = fields.get("definitions"), fields.get("properties")
    if not (isinstance(definitions, dict) and isinstance(properties, dict)):
        return None
    names = [each.removeprefix(PLACE) for each in referred(properties.get(name))]
    found = [definitions[each] for each in names if isinstance(definitions.get(each), dict)]
    if len(names) == 1:
        return found[0] if found else None
    return next((each for each in found if each.get("block_type_slug") == slug), None)


def delete_schema(schema_id: UUID) -> Transaction[None]:
    """Remove a block schema with its documents; raise Reserved if its type is the server's own."""
    found = yield from block_schema.keep(schema_id)
    if found is None:
        raise NotFound("block_schema.delete")
    owner = None if found.block_type_id is None else (yield from block_type.load(found.block_type_id))
    if owner is not None and owner.is_protected:
        raise Reserved(f"The block type '{owner.slug}' is the server's own: its schemas cannot be deleted.")
    yield from block_schema.delete(schema_id)
    yield from block_document.delete_of_schema(schema_id)
