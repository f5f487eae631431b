"""Artifacts in the store, and which one is the latest of each key."""
# ruff: noqa: S608 - statements are put together from texts of this package; what a request says travels as a parameter

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros
from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.store.dialect import in_order, key, micros, most, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe, one
from lictor.store.where import Where
from lictor.wire.types.artifact import Artifact, ArtifactCollection, ArtifactCollectionSort, ArtifactSort

if TYPE_CHECKING:
    from lictor.wire.operations.artifact import (
        CountArtifacts,
        CountLatestArtifacts,
        ReadArtifacts,
        ReadLatestArtifacts,
    )

SQL = queries("artifact")
ORDERS: dict[str, str] = {
    ArtifactSort.CREATED_DESC: "created desc",
    ArtifactSort.UPDATED_DESC: "updated desc",
    ArtifactSort.ID_DESC: "id desc",
    ArtifactSort.KEY_DESC: "key desc",
    ArtifactSort.KEY_ASC: "key",
}
LATEST = (
    "select artifact_collection.id, artifact_collection.created, artifact_collection.updated, artifact_collection.key, "
    "artifact_collection.number, artifact.body from artifact_collection "
    "join artifact on artifact.id = artifact_collection.latest_id"
)
decode = msgspec.json.Decoder(Artifact).decode


def insert(artifact: Artifact, by: str) -> Transaction[tuple[ArtifactCollection, bool] | None]:
    """Add an artifact; one with a key becomes its latest: return that, and whether the key is new."""
    yield SQL["insert"](
        key=artifact.key,
        type=artifact.type,
        flow_run_id=key(artifact.flow_run_id),
        task_run_id=key(artifact.task_run_id),
        created=micros(artifact.created),
        **columns(artifact, by),
    )
    if artifact.key is None:
        return None
    new = uuid7()
    ask = SQL["put_latest"](
        id=new.bytes, key=artifact.key, latest_id=artifact.id.bytes, now=micros(artifact.created), by=by
    )
    found, created = yield from one(named, ask)
    return latest_of(found, created, artifact.updated, artifact), found == new


def text(artifact_id: UUID) -> Transaction[str]:
    """Return an artifact's JSON."""
    return (yield from one(str, SQL["read_text"](id=artifact_id.bytes)))


def latest(of_key: str) -> Transaction[ArtifactCollection]:
    """Return the latest artifact of a key."""
    return (yield from one(collection, SQL["read_latest"](key=of_key)))


def load_to_change(artifact_id: UUID) -> Transaction[Artifact]:
    """Return an artifact that is then saved or deleted."""
    return (yield from one(decode, SQL["read_to_change"](id=artifact_id.bytes)))


def save(artifact: Artifact, by: str) -> Transaction[None]:
    """Keep what was changed of an artifact."""
    yield from one(bytes, SQL["update"](**columns(artifact, by)))
    yield SQL["touch"](latest_id=artifact.id.bytes, updated=micros(artifact.updated), by=by)


def delete(artifact: Artifact, by: str) -> Transaction[tuple[ArtifactCollection, bool] | None]:
    """Remove an artifact.

    If it was the latest of its key the one before it becomes so: return that, or else what the key had, and whether
    there still is one.
    """
    held = None if artifact.key is None else (yield from maybe(pair, SQL["lock_latest"](key=artifact.key)))
    yield from one(bytes, SQL["delete"](id=artifact.id.bytes))
    if held is None or held[1] != artifact.id:
        return None
    collection_id = held[0]
    before = yield from maybe(decode, SQL["newest"](key=artifact.key))
    if before is None:
        yield SQL["delete_latest"](id=collection_id.bytes)
        return latest_of(collection_id, artifact.created, artifact.updated, artifact), False
    times = {"created": micros(before.created), "updated": micros(before.updated)}
    yield SQL["move_latest"](id=collection_id.bytes, latest_id=before.id.bytes, **times, by=by)
    return latest_of(collection_id, before.created, before.updated, before), True


def discard(artifact_id: bytes) -> Transaction[None]:
    """Remove an artifact, if it is there still."""
    found = yield from maybe(decode, SQL["read_to_change"](id=artifact_id))
    if found is not None:
        yield from delete(found, "retention")


def texts(body: ReadArtifacts) -> Transaction[list[str]]:
    """Return the JSON of the artifacts that a request matches, in its order."""
    where = Where()
    rows, order = where.rows_of("artifact", body), in_order(ORDERS[body.sort])
    statement = f"select body || '}}' from artifact{rows} order by {order} limit :limit offset :offset"
    ask = where.ask("artifact.texts", statement, limit=most(body.limit), offset=whole(body.offset))
    return (yield from many(str, ask))


def count(body: CountArtifacts) -> Transaction[int]:
    """Return how many artifacts a request matches."""
    where = Where()
    statement = f"select count(*) from artifact{where.rows_of('artifact', body)}"
    return (yield from one(int, where.ask("artifact.count", statement)))


def latest_ones(body: ReadLatestArtifacts) -> Transaction[list[ArtifactCollection]]:
    """Return the latest artifacts of the keys that a request matches, in its order."""
    where = Where()
    rows, order = where.rows_of("artifact", body), in_order(ORDERS[ArtifactCollectionSort(body.sort).value])
    statement = (
        f"select id, created, updated, body || '}}' from ({LATEST}{rows}) as latest "
        f"order by {order} limit :limit offset :offset"
    )
    ask = where.ask("artifact.latest", statement, limit=most(body.limit), offset=whole(body.offset))
    return (yield from many(collection, ask))


def count_latest(body: CountLatestArtifacts) -> Transaction[int]:
    """Return of how many keys a request matches the latest artifact."""
    where = Where()
    statement = f"select count(*) from ({LATEST}{where.rows_of('artifact', body)}) as latest"
    return (yield from one(int, where.ask("artifact.count_latest", statement)))


def pair(first: bytes, second: bytes) -> tuple[UUID, UUID]:
    """Read two ids."""
    return UUID(bytes=first), UUID(bytes=second)


def named(collection_id: bytes, created: int) -> tuple[UUID, datetime]:
    """Read what a key is known by, and since when."""
    return UUID(bytes=collection_id), from_micros(created)


def collection(collection_id: bytes, created: int, updated: int, body: str) -> ArtifactCollection:
    """Read a key's latest artifact."""
    return latest_of(UUID(bytes=collection_id), from_micros(created), from_micros(updated), decode(body))


def latest_of(
    collection_id: UUID, created: datetime | None, updated: datetime | None, artifact: Artifact
) -> ArtifactCollection:
    """Return what is said of a key whose latest artifact this is."""
    return ArtifactCollection(
        id=collection_id,
        created=created,
        updated=updated,
        key=artifact.key or "",
        latest_id=artifact.id,
        type=artifact.type,
        description=artifact.description,
        data=artifact.data,
        metadata_=artifact.metadata_,
        flow_run_id=artifact.flow_run_id,
        task_run_id=artifact.task_run_id,
    )


def columns(artifact: Artifact, by: str) -> dict[str, Any]:
    """Return what changes in an artifact's row."""
    return {
        "id": artifact.id.bytes,
        "updated": micros(artifact.updated),
        "body": encode(artifact)[:-1].decode(),
        "by": by,
    }
