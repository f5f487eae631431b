"""Answers about artifacts."""

from __future__ import annotations

import re

from lictor.kit.clock import now
from lictor.orchestration import artifacts
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json, text, texts
from lictor.store import artifact
from lictor.wire.operations import artifact as operations
from lictor.wire.operations.artifact import (
    CountArtifacts,
    CountLatestArtifacts,
    ReadArtifacts,
    ReadLatestArtifacts,
)
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.artifact import Artifact, ArtifactCreate, ArtifactUpdate

KEY = re.compile(r"[a-z0-9-]*")
KEY_RULE = "A key has lowercase letters, digits and dashes alone."


@answers(operations.CREATE)
async def create(request: Request, body: ArtifactCreate) -> Reply:
    """Make an artifact."""
    if body.key is not None and not KEY.fullmatch(body.key):
        wrong = {"type": "value_error", "loc": ["body", "key"], "msg": KEY_RULE, "input": body.key}
        raise InvalidRequest([wrong], body.model_dump(mode="json", exclude_defaults=True))
    made = await request.store.write(artifacts.create, body, now(), request.by)
    request.server.hub.announce("event")
    return text(made, 201)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer an artifact."""
    return text(await request.store.point(artifact.text, request.parameters["id"]))


@answers(operations.READ_LATEST)
async def read_latest(request: Request, body: None) -> Reply:
    """Answer the latest artifact of a key, under the id of the key."""
    found = await request.store.point(artifact.latest, request.parameters["key"])
    fields = {name: getattr(found, name) for name in Artifact.__struct_fields__}
    return json(Artifact(**fields))


@answers(operations.UPDATE)
async def update(request: Request, body: ArtifactUpdate) -> Reply:
    """Change an artifact."""
    await request.store.write(artifacts.update, request.parameters["id"], body, now(), request.by)
    return NOTHING


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove an artifact."""
    await request.store.write(artifacts.delete, request.parameters["id"], now(), request.by)
    request.server.hub.announce("event")
    return NOTHING


@answers(operations.FILTER)
async def find(request: Request, body: ReadArtifacts) -> Reply:
    """Answer the artifacts that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return texts(await request.store.read(artifact.texts, body))


@answers(operations.COUNT)
async def count(request: Request, body: CountArtifacts) -> Reply:
    """Count the artifacts that a filter matches."""
    return json(await request.store.read(artifact.count, body))


@answers(operations.FILTER_LATEST)
async def find_latest(request: Request, body: ReadLatestArtifacts) -> Reply:
    """Answer the latest artifacts of the keys that a filter matches."""
    body.limit = limit_of(request, body.limit)
    return json(await request.store.read(artifact.latest_ones, body))


@answers(operations.COUNT_LATEST)
async def count_latest(request: Request, body: CountLatestArtifacts) -> Reply:
    """Count the keys whose latest artifact a filter matches."""
    return json(await request.store.read(artifact.count_latest, body))
