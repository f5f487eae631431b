"""Sign-ins of browsers in the store, as digests of their tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from lictor.kit.clock import to_micros
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, brief, maybe

SQL = queries("session")


class Session(NamedTuple):
    """A sign-in that is still good: what seals it, whose it is, and when it was last noted as used."""

    seal: bytes
    name: str
    used: int


class Lifetimes(NamedTuple):
    """How long a sign-in lasts without use, and at the most."""

    idle: timedelta
    absolute: timedelta

    def bounds(self, now: datetime) -> dict[str, int]:
        """Return the times before which a sign-in must not have been used last, and made."""
        return {"oldest": to_micros(now - self.absolute), "idle": to_micros(now - self.idle)}


@brief
def add(digest: bytes, seal: bytes, name: str, now: datetime, lifetimes: Lifetimes) -> Transaction[None]:
    """Add a sign-in, and forget those that have ended."""
    yield SQL["forget_ended"](**lifetimes.bounds(now))
    yield SQL["add"](digest=digest, seal=seal, name=name, now=to_micros(now))


def find(digest: bytes, now: datetime, lifetimes: Lifetimes) -> Transaction[Session | None]:
    """Return a sign-in by its token's digest, None if it has ended."""
    return (yield from maybe(Session, SQL["read"](digest=digest, **lifetimes.bounds(now))))


@brief
def use(digest: bytes, now: datetime) -> Transaction[None]:
    """Note that a sign-in was used."""
    yield SQL["use"](digest=digest, now=to_micros(now))


@brief
def delete(digest: bytes) -> Transaction[None]:
    """End a sign-in."""
    yield SQL["delete"](digest=digest)
