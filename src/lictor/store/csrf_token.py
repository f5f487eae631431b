"""CSRF tokens in the store, one a client, as digests."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.ids import uuid7_bytes
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, brief, maybe, one

SQL = queries("csrf_token")


@brief
def issue(client: str, digest: bytes, now: datetime, expires: datetime) -> Transaction[tuple[UUID, datetime]]:
    """Give a client a token in place of its last one; return the row's id and when the client first got one."""
    yield SQL["forget_expired"](now=to_micros(now))
    ask = SQL["issue"](client=client, id=uuid7_bytes(), now=to_micros(now), digest=digest, expires=to_micros(expires))
    return (yield from one(lambda row_id, created: (UUID(bytes=row_id), from_micros(created)), ask))


def digest_of(client: str, now: datetime) -> Transaction[bytes | None]:
    """Return the digest of a client's token, None where it has no valid one."""
    return (yield from maybe(bytes, SQL["read"](client=client, now=to_micros(now))))
