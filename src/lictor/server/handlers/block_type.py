"""Answers about block types."""

from __future__ import annotations

import re
from typing import Any

from lictor.kit.clock import now
from lictor.orchestration import block_documents
from lictor.orchestration.block_catalogue import install
from lictor.orchestration.blocks import create_type, delete_type, update_type
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, text, texts
from lictor.store import block_type
from lictor.wire.operations import block_type as operations
from lictor.wire.operations.block_type import ReadBlockTypes
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.block_type import BlockTypeCreate, BlockTypeUpdate

DASHED = re.compile(r"[a-z0-9-]*")


def check_dashed(name: str, value: str | None, body: dict[str, Any] | None) -> None:
    """Refuse a body whose field has other characters than lowercase letters, digits and dashes; `body` is told back."""
    if value is not None and not DASHED.fullmatch(value):
        message = f"{name}: only lowercase letters, digits and dashes may be used."
        raise InvalidRequest([{"type": "value_error", "loc": ["body", name], "msg": message, "input": value}], body)


@answers(operations.CREATE)
async def create(request: Request, body: BlockTypeCreate) -> Reply:
    """Make a block type."""
    check_dashed("slug", body.slug, body.model_dump(mode="json", exclude_defaults=True))
    made = await request.store.write(create_type, body, now(), request.by)
    request.server.hub.announce("event")
    return json(made, 201)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a block type."""
    return text(await request.store.point(block_type.text, request.parameters["id"]))


@answers(operations.READ_BY_SLUG)
async def read_by_slug(request: Request, body: None) -> Reply:
    """Answer the block type with a slug."""
    return text(await request.store.point(block_type.text_by_slug, request.parameters["slug"]))


@answers(operations.UPDATE)
async def update(request: Request, body: BlockTypeUpdate) -> Reply:
    """Change a block type."""
    if await request.store.write(update_type, request.parameters["id"], body, now(), request.by):
        request.server.hub.announce("event")
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a block type with its schemas and documents."""
    await request.store.write(delete_type, request.parameters["id"], now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadBlockTypes) -> Reply:
    """Answer the block types that a filter matches."""
    return texts(await request.store.read(block_type.texts, body, limit_of(request, body.limit)))


@answers(operations.READ_DOCUMENTS)
async def read_documents(request: Request, body: None) -> Reply:
    """Answer the documents of a block type."""
    secrets = asked_for_secrets(request, request.query.include_secrets)
    slug = request.parameters["slug"]
    return json(await request.store.read(block_documents.read_of_type, request.server.keyring, slug, secrets))


@answers(operations.READ_DOCUMENT_BY_NAME)
async def read_document_by_name(request: Request, body: None) -> Reply:
    """Answer a document of a block type by its name."""
    secrets = asked_for_secrets(request, request.query.include_secrets)
    slug, name = request.parameters["slug"], request.parameters["block_document_name"]
    return json(await request.store.read(block_documents.read_by_name, request.server.keyring, slug, name, secrets))


@answers(operations.INSTALL)
async def install_system_block_types(request: Request, body: None) -> Reply:
    """Register the built-in block types that are missing."""
    await request.store.write(install, now(), request.by)
    return text("null")


def asked_for_secrets(request: Request, include_secrets: bool) -> bool:
    """Tell whether secrets are to be answered in clear; refuse that to who may not have them."""
    if include_secrets:
        request.must("secrets")
    return include_secrets
