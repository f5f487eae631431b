"""The built-in block types: registered before the server answers its first request.

Names, fields and checksums are those of the reference and its integrations, so that their clients find what they need;
texts are Lictor's own. A checksum is therefore not that of the fields as they stand here.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from lictor.kit.ids import uuid7
from lictor.orchestration.blocks import escaped
from lictor.store import block_schema, block_type
from lictor.store.transaction import Transaction
from lictor.wire.types.block_schema import BlockSchema
from lictor.wire.types.block_type import BlockType

PATH = Path(__file__).with_name("block_catalogue.json")


class KnownSchema(Struct):
    """A schema of a built-in block type."""

    checksum: str
    version: str
    capabilities: list[str]
    fields: dict[str, Any]


class KnownType(Struct):
    """A built-in block type."""

    slug: str
    name: str
    is_protected: bool
    description: str
    code_example: str | None
    schemas: list[KnownSchema]


@cache
def mark() -> str:
    """Return what tells this catalogue from others."""
    return sha256(PATH.read_bytes()).hexdigest()


@cache
def catalogue() -> list[KnownType]:
    """Return the built-in block types."""
    return msgspec.json.decode(PATH.read_bytes(), type=list[KnownType])


def install(now: datetime, by: str) -> Transaction[None]:
    """Register the built-in types and schemas that are missing; what is there is left as it is."""
    there = {each.slug: each.id for each in (yield from block_type.every())}
    schemas = yield from block_schema.every()
    for known in catalogue():
        if known.slug not in there:
            new = type_of(known, now)
            yield from block_type.insert(new, by)
            there[known.slug] = (yield from block_type.load_by_slug(known.slug)).id
        for schema in known.schemas:
            if (schema.checksum, schema.version) not in schemas:
                new_schema = BlockSchema(
                    id=uuid7(),
                    created=now,
                    updated=now,
                    checksum=schema.checksum,
                    fields=schema.fields,
                    block_type_id=there[known.slug],
                    capabilities=schema.capabilities,
                    version=schema.version,
                )
                yield from block_schema.insert(new_schema, by)
    yield from block_type.put_mark(mark())


def type_of(known: KnownType, now: datetime) -> BlockType:
    """Return a built-in type as it is registered."""
    return BlockType(
        id=uuid7(),
        created=now,
        updated=now,
        name=known.name,
        slug=known.slug,
        description=escaped(known.description),
        code_example=escaped(known.code_example),
        is_protected=known.is_protected,
    )


def needed() -> Transaction[bool]:
    """Tell whether this catalogue was not registered last."""
    return (yield from block_type.mark()) != mark()
