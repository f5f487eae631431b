"""Answers about block documents."""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.orchestration import block_documents
from lictor.orchestration.key_rotation import rotate
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.handlers.block_type import asked_for_secrets, check_dashed
from lictor.server.reply import NOTHING, Reply, json
from lictor.store import block_document
from lictor.store.keyring import KeyProblem, missing
from lictor.wire.operations import block_document as operations
from lictor.wire.operations.block_document import CountBlockDocuments, ReadBlockDocuments
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.block_document import BlockDocumentCreate, BlockDocumentUpdate

UNNAMED = "name: a block document needs a name, unless it is anonymous."


@answers(operations.CREATE)
async def create(request: Request, body: BlockDocumentCreate) -> Reply:
    """Make a block document."""
    check_dashed("name", body.name, None)
    if not body.name and not body.is_anonymous:
        raise InvalidRequest([{"type": "value_error", "loc": ["body"], "msg": UNNAMED}], None)
    await make_key(request)
    keyring = request.server.keyring
    made = await request.store.write(block_documents.create, keyring, body, now(), request.by)
    request.server.hub.announce("event")
    return json(made, 201)


async def make_key(request: Request) -> None:
    """Make the key where there is none, unless documents were sealed with one that is gone."""
    keyring = request.server.keyring
    if keyring.known():
        return
    for name in await request.store.read(block_document.keys):
        raise KeyProblem(missing(name, keyring.place))
    keyring.make()


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a block document."""
    secrets = asked_for_secrets(request, request.query.include_secrets)
    keyring, document_id = request.server.keyring, request.parameters["id"]
    return json(await request.store.read(block_documents.read, keyring, document_id, include_secrets=secrets))


@answers(operations.UPDATE)
async def update(request: Request, body: BlockDocumentUpdate) -> Reply:
    """Change a block document."""
    keyring, document_id = request.server.keyring, request.parameters["id"]
    await request.store.write(block_documents.update, keyring, document_id, body, now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Delete a block document."""
    await request.store.write(block_documents.delete, request.parameters["id"], now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadBlockDocuments) -> Reply:
    """Answer the block documents that a filter matches."""
    asked_for_secrets(request, body.include_secrets)
    limit = limit_of(request, body.limit)
    return json(await request.store.read(block_documents.find, request.server.keyring, body, limit))


@answers(operations.COUNT)
async def count(request: Request, body: CountBlockDocuments) -> Reply:
    """Count the block documents that a filter matches."""
    return json(await request.store.read(block_document.count, body))


@answers(operations.ROTATE_KEY)
async def rotate_key(request: Request, body: None) -> Reply:
    """Encrypt all block documents with a new key."""
    return json(await rotate(request.store, request.server.keyring))
