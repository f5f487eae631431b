"""Answers about the server itself."""

from __future__ import annotations

from lictor.server.dispatch import Request, answers
from lictor.server.guards.api_version import API_VERSION
from lictor.server.reply import Reply, json, text
from lictor.settings import nested
from lictor.store import event
from lictor.wire.operations import admin, root

CONTRACT = "3.9.1"
"""The newest release of the reference whose contract is spoken here."""

TRUE = Reply(b"true")


@answers(root.HEALTH)
async def health(request: Request, body: None) -> Reply:
    """Say that the process answers."""
    return TRUE


@answers(root.READY)
async def ready(request: Request, body: None) -> Reply:
    """Say that the database answers."""
    await request.store.point(event.end)
    return json({"message": "OK"})


@answers(root.HELLO)
async def hello(request: Request, body: None) -> Reply:
    """Greet."""
    return Reply("\N{WAVING HAND SIGN}".encode().join((b'"', b'"')))


@answers(root.VERSION)
async def version(request: Request, body: None) -> Reply:
    """Answer the version of the API."""
    return json(API_VERSION)


@answers(admin.VERSION)
async def admin_version(request: Request, body: None) -> Reply:
    """Answer the version of the contract, as a bare JSON string."""
    return json(CONTRACT)


@answers(admin.SETTINGS)
async def admin_settings(request: Request, body: None) -> Reply:
    """Answer the server's settings; secrets are masked, and so are custom headers, which often carry one."""
    return json(nested(request.server.settings))


@answers(admin.STORAGE)
async def admin_storage(request: Request, body: None) -> Reply:
    """Answer the default result storage, which is unset."""
    return text('{"default_result_storage_block_id":null}')
