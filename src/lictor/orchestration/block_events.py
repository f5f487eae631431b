"""The events of block types and documents; the values of documents, which are sealed, are never in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.wire.types.block_schema import BlockSchema
from lictor.wire.types.block_type import BlockType
from lictor.wire.types.event import ReceivedEvent


def block_type_event(block_type: BlockType, action: str, now: datetime) -> ReceivedEvent:
    """Return the event of a block type that was created, updated or deleted."""
    return ReceivedEvent(
        id=uuid7(),
        occurred=now,
        received=now,
        event=f"prefect.block-type.{action}",
        resource={
            "prefect.resource.id": f"prefect.block-type.{block_type.id}",
            "prefect.resource.name": block_type.name,
        },
    )


def block_document_event(
    document_id: UUID, name: str, schema: BlockSchema, type_name: str, action: str, now: datetime
) -> ReceivedEvent:
    """Return the event of a block document that was created, updated or deleted."""
    owner = {"id": schema.block_type_id, "name": type_name}
    payload = {"name": name, "block_schema": {"capabilities": schema.capabilities, "block_type": owner}}
    return ReceivedEvent(
        id=uuid7(),
        occurred=now,
        received=now,
        event=f"prefect.block-document.{action}",
        resource={
            "prefect.resource.id": f"prefect.block-document.{document_id}",
            "prefect.resource.name": name,
        },
        related=[
            {
                "prefect.resource.id": f"prefect.block-type.{schema.block_type_id}",
                "prefect.resource.role": "block-type",
            },
            {"prefect.resource.id": f"prefect.block-schema.{schema.id}", "prefect.resource.role": "block-schema"},
        ],
        payload=Raw(encode(payload)),
    )
