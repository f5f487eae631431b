"""Who or what makes things by a request, as its headers say."""

from __future__ import annotations

from base64 import b64decode
from uuid import UUID

from lictor.server.dispatch import Request
from lictor.wire.types.flow_run import CreatedBy


def creator_of(request: Request) -> CreatedBy | None:
    """Return the automation that a request is made for, None if it names none."""
    identifier = request.headers.get(b"prefect-automation-id")
    name = request.headers.get(b"prefect-automation-name")
    if not identifier or not name:
        return None
    try:
        said = b64decode(name).decode()
        return CreatedBy(id=UUID(identifier.decode()), type="AUTOMATION", display_value=said) if said else None
    except ValueError:
        return None
