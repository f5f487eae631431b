"""Answers about concurrency limits.

Those of tags are here; of the others none exist yet, so every name is unknown and ignored.
"""

from __future__ import annotations

from lictor.kit.clock import now
from lictor.kit.ids import uuid7
from lictor.orchestration import tag_limits
from lictor.orchestration.refusal import Full
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json, text
from lictor.settings import table
from lictor.store import concurrency_limit
from lictor.store.dialect import whole
from lictor.wire.operations import concurrency_limit as operations
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLimitCreate,
    ConcurrencyLimitWithLease,
    DecrementWithLease,
    IncrementWithLease,
    ReadConcurrencyLimits,
    ResetConcurrencyLimit,
    TagSlots,
)

NULL = text("null")


@answers(operations.CREATE)
async def create(request: Request, body: ConcurrencyLimitCreate) -> Reply:
    """Make the limit of a tag, or change it: 201 for a new one."""
    made, created = await request.store.write(tag_limits.put, body, now(), request.by)
    return json(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer the limit of a tag by its id."""
    return json(await request.store.read(concurrency_limit.read, request.parameters["id"]))


@answers(operations.READ_BY_TAG)
async def read_by_tag(request: Request, body: None) -> Reply:
    """Answer the limit of a tag."""
    return json(await request.store.read(concurrency_limit.read_by_tag, request.parameters["tag"]))


@answers(operations.FILTER)
async def find(request: Request, body: ReadConcurrencyLimits) -> Reply:
    """Answer a page of the limits of tags, by tag."""
    limit = limit_of(request, body.limit)
    return json(await request.store.read(concurrency_limit.listed, limit, whole(body.offset)))


@answers(operations.RESET)
async def reset(request: Request, body: ResetConcurrencyLimit) -> Reply:
    """Give every slot of a tag's limit back, save for those who are named."""
    await request.store.write(tag_limits.reset, request.parameters["tag"], body.slot_override or [], now())
    return NULL


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove the limit of a tag by its id."""
    await request.store.write(tag_limits.delete, request.parameters["id"])
    return NULL


@answers(operations.DELETE_BY_TAG)
async def delete_by_tag(request: Request, body: None) -> Reply:
    """Remove the limit of a tag."""
    await request.store.write(tag_limits.delete_by_tag, request.parameters["tag"])
    return NULL


@answers(operations.INCREMENT)
async def increment(request: Request, body: TagSlots) -> Reply:
    """Take a slot of each tag's limit for a task run, or of none: 423, and when to ask again."""
    try:
        return json(await request.store.write(tag_limits.increment, body, now()))
    except Full as full:
        wait = request.server.settings[table.SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS]
        again = () if full.for_good else ((b"retry-after", str(wait).encode()),)
        raise Refusal(detail(str(full), 423, *again)) from None


@answers(operations.DECREMENT)
async def decrement(request: Request, body: TagSlots) -> Reply:
    """Give a task run's slots of tags' limits back."""
    return json(await request.store.write(tag_limits.decrement, body, now()))


@answers(operations.INCREMENT_WITH_LEASE)
async def increment_with_lease(request: Request, body: IncrementWithLease) -> Reply:
    """Take slots of the named limits that exist, and answer a lease."""
    return json(ConcurrencyLimitWithLease(lease_id=uuid7(), limits=[]))


@answers(operations.DECREMENT_WITH_LEASE)
async def decrement_with_lease(request: Request, body: DecrementWithLease) -> Reply:
    """Give the slots of a lease back."""
    return NOTHING
