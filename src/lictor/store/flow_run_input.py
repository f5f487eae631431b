"""Inputs of flow runs in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from lictor.kit.json import encode
from lictor.store.dialect import LARGEST, micros, texts, whole
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, maybe, one
from lictor.wire.types.flow_run_input import FlowRunInput

if TYPE_CHECKING:
    from lictor.wire.operations.flow_run_input import FindInputs

SQL = queries("flow_run_input")
decode = msgspec.json.Decoder(FlowRunInput).decode


def insert(given: FlowRunInput, by: str) -> Transaction[bool]:
    """Add an input; return whether its key was free."""
    ask = SQL["insert"](
        flow_run_id=given.flow_run_id.bytes,
        key=given.key,
        id=given.id.bytes,
        created=micros(given.created),
        body=encode(given).decode(),
        by=by,
    )
    return bool((yield ask))


def read(flow_run_id: UUID, key: str) -> Transaction[FlowRunInput | None]:
    """Return a run's input with a key, or None."""
    return (yield from maybe(decode, SQL["read"](flow_run_id=flow_run_id.bytes, key=key)))


def found(flow_run_id: UUID, body: FindInputs) -> Transaction[list[str]]:
    """Return the JSON of the inputs that a request matches, oldest first."""
    limit = LARGEST if body.limit < 0 else whole(body.limit)
    ask = SQL["texts"](
        flow_run_id=flow_run_id.bytes, prefix=body.prefix, excluded=texts(body.exclude_keys), limit=limit
    )
    return (yield from many(str, ask))


def delete(flow_run_id: UUID, key: str) -> Transaction[None]:
    """Remove an input."""
    yield from one(bytes, SQL["delete"](flow_run_id=flow_run_id.bytes, key=key))
