"""CSRF tokens."""

from __future__ import annotations

from uuid import UUID

from lictor.wire.types.common import Answer, DateTime


class CsrfToken(Answer, kw_only=True):
    """A token that a client sends with every change until it expires."""

    id: UUID
    created: DateTime | None
    updated: DateTime | None
    token: str
    client: str
    expiration: DateTime
