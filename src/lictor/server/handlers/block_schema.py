"""Answers about block schemas."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration.blocks import create_schema, delete_schema
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, text, texts
from lictor.store import block_schema
from lictor.wire.operations import block_schema as operations
from lictor.wire.operations.block_schema import ReadBlockSchemas
from lictor.wire.types.block_schema import BlockSchemaCreate


@answers(operations.CREATE)
async def create(request: Request, body: BlockSchemaCreate) -> Reply:
    """Make a block schema, or answer the one with its checksum and version: 201 for a new one."""
    made, created = await request.store.write(create_schema, body, now(), request.by)
    return text(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a block schema."""
    return text(await request.store.point(block_schema.text, request.parameters["id"]))


@answers(operations.READ_BY_CHECKSUM)
async def read_by_checksum(request: Request, body: None) -> Reply:
    """Answer the newest block schema with a checksum."""
    checksum, version = request.parameters["checksum"], request.query.version
    return text(await request.store.point(block_schema.text_by_checksum, checksum, version))


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a block schema with its documents."""
    await request.store.write(delete_schema, request.parameters["id"])
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadBlockSchemas) -> Reply:
    """Answer the block schemas that a filter matches."""
    return texts(await request.store.read(block_schema.texts, body, limit_of(request, body.limit)))


@answers(operations.READ_CAPABILITIES)
async def read_capabilities(request: Request, body: None) -> Reply:
    """Answer what blocks can do."""
    return json(await request.store.read(block_schema.capabilities))
