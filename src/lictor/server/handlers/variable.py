"""Answers about variables."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Raw

from lictor.kit.clock import now
from lictor.kit.json import decode_any, encode
from lictor.orchestration import variables
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, text, texts
from lictor.store import variable
from lictor.wire.operations import variable as operations
from lictor.wire.operations.variable import CountVariables, ReadVariables
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.variable import MOST_VALUE, VariableCreate, VariableUpdate

NAME = re.compile(r"[a-z0-9_-]*")
NAME_RULE = "A name has lowercase letters, digits, dashes and underscores alone."
VALUE_RULE = f"The value is longer than {MOST_VALUE} bytes as JSON: keep large data elsewhere, and its place here."


@answers(operations.CREATE)
async def create(request: Request, body: VariableCreate) -> Reply:
    """Make a variable; 409 if its name is taken."""
    check(body)
    made = await request.store.write(variables.create, body, now(), request.by)
    request.server.hub.announce("event")
    return text(made, 201)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer a variable."""
    return text(await request.store.point(variable.text, request.parameters["id"]))


@answers(operations.READ_BY_NAME)
async def read_by_name(request: Request, body: None) -> Reply:
    """Answer a variable by its name."""
    return text(await request.store.point(variable.text_by_name, request.parameters["name"]))


@answers(operations.UPDATE)
async def update(request: Request, body: VariableUpdate) -> Reply:
    """Change a variable."""
    return await changed(request, request.parameters["id"], body)


@answers(operations.UPDATE_BY_NAME)
async def update_by_name(request: Request, body: VariableUpdate) -> Reply:
    """Change a variable by its name."""
    return await changed(request, request.parameters["name"], body)


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove a variable."""
    return await removed(request, request.parameters["id"])


@answers(operations.DELETE_BY_NAME)
async def delete_by_name(request: Request, body: None) -> Reply:
    """Remove a variable by its name."""
    return await removed(request, request.parameters["name"])


@answers(operations.FILTER)
async def find(request: Request, body: ReadVariables) -> Reply:
    """Answer the variables that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(variable.texts, body))


@answers(operations.COUNT)
async def count(request: Request, body: CountVariables) -> Reply:
    """Count the variables that a filter matches."""
    return json(await request.store.read(variable.count, body))


async def changed(request: Request, key: Any, body: VariableUpdate) -> Reply:
    """Change a variable by its id or its name."""
    check(body)
    await request.store.write(variables.update, key, body, now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


async def removed(request: Request, key: Any) -> Reply:
    """Remove a variable by its id or its name."""
    await request.store.write(variables.delete, key, now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


def check(body: VariableCreate | VariableUpdate) -> None:
    """Refuse a name with other characters, and a value that is too long."""
    wrong = []
    if isinstance(body.name, str) and not NAME.fullmatch(body.name):
        wrong.append({"type": "value_error", "loc": ["body", "name"], "msg": NAME_RULE, "input": body.name})
    if isinstance(body.value, Raw) and len(body.value) > MOST_VALUE:
        body.value = Raw(encode(decode_any(body.value)))  # spaces between values do not count
        if len(body.value) > MOST_VALUE:
            wrong.append({"type": "value_error", "loc": ["body", "value"], "msg": VALUE_RULE})
    if wrong:
        raise InvalidRequest(wrong, decode_any(encode(body)))
