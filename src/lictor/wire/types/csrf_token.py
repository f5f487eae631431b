"""CSRF tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.wire.types.common import Answer


class CsrfToken(Answer, kw_only=True):
    """A token that a client sends with every change until it expires."""

    id: UUID
    created: datetime | None
    updated: datetime | None
    token: str
    client: str
    expiration: datetime
