"""Answers about concurrency limits: none exist yet, so every name is unknown and ignored."""

from __future__ import annotations

from lictor.kit.ids import uuid7
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Reply, json
from lictor.wire.operations import concurrency_limit as operations
from lictor.wire.types.concurrency_limit import ConcurrencyLimitWithLease, DecrementWithLease, IncrementWithLease


@answers(operations.INCREMENT_WITH_LEASE)
async def increment_with_lease(request: Request, body: IncrementWithLease) -> Reply:
    """Take slots of the named limits that exist, and answer a lease."""
    return json(ConcurrencyLimitWithLease(lease_id=uuid7(), limits=[]))


@answers(operations.DECREMENT_WITH_LEASE)
async def decrement_with_lease(request: Request, body: DecrementWithLease) -> Reply:
    """Give the slots of a lease back."""
    return NOTHING
