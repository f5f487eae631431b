"""What clients ask of the server itself."""

from __future__ import annotations

from typing import Any

from lictor.client.errors import ClientError, Response
from lictor.sdk.api.answer import response
from lictor.sdk.api.method import Steps
from lictor.wire.operation import Call
from lictor.wire.operations import admin, documentation, root
from lictor.wire.types.admin import ServerDefaultResultStorage


def api_healthcheck() -> Steps[Exception | None]:
    """Return None if the server answers that it is well, else what went wrong."""
    try:
        yield root.HEALTH()
    except ClientError as error:
        return error
    return None


def api_readiness() -> Steps[Exception | None]:
    """Return None if the server answers that it and its database are ready, else what went wrong."""
    try:
        yield root.READY()
    except ClientError as error:
        return error
    return None


def hello() -> Steps[Response]:
    """Greet the server."""
    return (yield from response(root.HELLO()))


def api_version() -> Call[str]:
    """Return the server's version."""
    return admin.VERSION()


def read_server_settings() -> Call[dict[str, Any]]:
    """Return the server's settings, secrets masked; asks for the rights of an administrator."""
    return admin.SETTINGS()


def read_server_default_result_storage() -> Call[ServerDefaultResultStorage]:
    """Return which block keeps results where a flow names none."""
    return admin.STORAGE()


def read_openapi() -> Call[dict[str, Any]]:
    """Return the OpenAPI document of the server."""
    return documentation.OPENAPI()
