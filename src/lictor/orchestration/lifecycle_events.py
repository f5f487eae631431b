"""The events of things that are made, changed and removed: `prefect.<kind>.created`, `.updated`, `.deleted`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from lictor.kit.ids import uuid7
from lictor.kit.json import raw
from lictor.wire.types.event import ReceivedEvent, Resource

Action = Literal["created", "updated", "deleted"]


def lifecycle(  # an event says that much
    kind: str,
    action: Action,
    thing: UUID,
    name: str,
    payload: dict[str, Any],
    now: datetime,
    related: Iterable[Resource] = (),
) -> ReceivedEvent:
    """Return the event of a change to a thing of a kind, with what it was changed to."""
    return ReceivedEvent(
        id=uuid7(),
        occurred=now,
        received=now,
        event=f"prefect.{kind}.{action}",
        resource={"prefect.resource.id": f"prefect.{kind}.{thing}", "prefect.resource.name": name},
        related=list(related),
        payload=raw(payload),
    )
