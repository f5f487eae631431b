"""Answers about concurrency limits.

Those of tags can be made; of the others none exist yet, and a name without a limit is ignored.
"""

from __future__ import annotations

from random import random

from lictor.kit.backoff import spread
from lictor.kit.clock import now
from lictor.orchestration import tag_limits
from lictor.orchestration.refusal import Full, Unfit
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json, text
from lictor.settings import table
from lictor.store import concurrency_limit
from lictor.store.dialect import whole
from lictor.wire.operations import concurrency_limit as operations
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLimitCreate,
    DecrementWithLease,
    IncrementWithLease,
    ReadConcurrencyLimits,
    RenewLease,
    ResetConcurrencyLimit,
    TagSlots,
)

NULL = text("null")
USUAL_WAIT = 2.0
"""Seconds after which slots are asked for again, more or less: nobody tells how long they are held."""


@answers(operations.CREATE)
async def create(request: Request, body: ConcurrencyLimitCreate) -> Reply:
    """Make the limit of a tag, or change it: 201 for a new one."""
    made, created = await request.store.write(tag_limits.put, body, now(), request.by)
    return json(made, 201 if created else 200)


@answers(operations.READ)
async def read(request: Request, body: None) -> Reply:
    """Answer the limit of a tag by its id."""
    return json(await request.store.read(concurrency_limit.read, request.parameters["id"], now()))


@answers(operations.READ_BY_TAG)
async def read_by_tag(request: Request, body: None) -> Reply:
    """Answer the limit of a tag."""
    return json(await request.store.read(concurrency_limit.read_by_tag, request.parameters["tag"], now()))


@answers(operations.FILTER)
async def find(request: Request, body: ReadConcurrencyLimits) -> Reply:
    """Answer a page of the limits of tags, by tag."""
    limit = limit_of(request, body.limit)
    return json(await request.store.read(concurrency_limit.listed, limit, whole(body.offset), now()))


@answers(operations.RESET)
async def reset(request: Request, body: ResetConcurrencyLimit) -> Reply:
    """Give every slot of a tag's limit back, save for those who are named."""
    await request.store.write(tag_limits.reset, request.parameters["tag"], body.slot_override or [], now())
    return NULL


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove the limit of a tag by its id."""
    await request.store.write(tag_limits.delete, request.parameters["id"], now())
    return NULL


@answers(operations.DELETE_BY_TAG)
async def delete_by_tag(request: Request, body: None) -> Reply:
    """Remove the limit of a tag."""
    await request.store.write(tag_limits.delete_by_tag, request.parameters["tag"], now())
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
    """Take slots of the named limits that exist, of all or of none, and answer a lease."""
    try:
        return json(await request.store.write(tag_limits.increment_with_lease, body, now()))
    except Unfit as unfit:
        raise Refusal(detail(str(unfit), 422)) from None
    except Full as full:
        most = request.server.settings[table.SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS]
        wait = min(spread(USUAL_WAIT, 0.5, random()), most)  # noqa: S311  # no secret
        raise Refusal(detail(str(full), 423, (b"retry-after", f"{wait:.3f}".encode()))) from None


@answers(operations.RENEW_LEASE)
async def renew_lease(request: Request, body: RenewLease) -> Reply:
    """Let a lease last longer; 410 where it has ended, or held nothing."""
    if await request.store.write(tag_limits.renew, request.parameters["lease_id"], body.lease_duration, now()):
        return NOTHING
    raise Refusal(detail("This lease has ended: take slots again.", 410))


@answers(operations.DECREMENT_WITH_LEASE)
async def decrement_with_lease(request: Request, body: DecrementWithLease) -> Reply:
    """Give the slots of a lease back."""
    await request.store.write(tag_limits.end_lease, body.lease_id)
    return NOTHING
