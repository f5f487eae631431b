"""Answers about concurrency limits: those of tags by the tag, and all of them by name."""

from __future__ import annotations

from random import random
from uuid import UUID

from lictor.kit.backoff import spread
from lictor.kit.clock import now
from lictor.orchestration import global_limits, slot_line, tag_limits
from lictor.orchestration.refusal import Full, Unfit
from lictor.orchestration.slot_line import Given, Wanted
from lictor.server.bounds import limit_of
from lictor.server.dispatch import Request, answers
from lictor.server.prefer import preferred_seconds
from lictor.server.reply import NOTHING, Refusal, Reply, detail, json, text
from lictor.settings import table
from lictor.store import concurrency_limit
from lictor.store.concurrency_waiter import Place
from lictor.store.dialect import text_list, whole
from lictor.wire.operations import concurrency_limit as operations
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimitCreate,
    ConcurrencyLimitWithLease,
    Decrement,
    DecrementWithLease,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    Increment,
    IncrementWithLease,
    Mode,
    ReadConcurrencyLimits,
    RenewLease,
    ResetConcurrencyLimit,
    TagSlots,
)

NULL = text("null")
WAITER = b"lictor-waiter"
"""The header in which a client of Lictor calls the one waiter by a name that it asks for."""
LONGEST_NAME = 100
HELD_SECONDS = float("inf")
"""How long requests for slots are held that say nothing of it: as long as the settings allow."""


@answers(operations.CREATE)
async def create(request: Request, body: ConcurrencyLimitCreate) -> Reply:
    """Make the limit of a tag, or change it: 201 for a new one."""
    made, created = await request.store.write(tag_limits.put, body, now(), request.by)
    request.server.hub.announce("slot")
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
    request.server.hub.announce("slot")
    return NULL


@answers(operations.DELETE)
async def delete(request: Request, body: None) -> Reply:
    """Remove the limit of a tag by its id."""
    await request.store.write(tag_limits.delete, request.parameters["id"], now())
    request.server.hub.announce("slot")
    return NULL


@answers(operations.DELETE_BY_TAG)
async def delete_by_tag(request: Request, body: None) -> Reply:
    """Remove the limit of a tag."""
    await request.store.write(tag_limits.delete_by_tag, request.parameters["tag"], now())
    request.server.hub.announce("slot")
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
    limits = await request.store.write(tag_limits.decrement, body, now())
    request.server.hub.announce("slot")
    return json(limits)


@answers(operations.CREATE_GLOBAL)
async def create_global(request: Request, body: GlobalConcurrencyLimitCreate) -> Reply:
    """Make a limit."""
    return json(await request.store.write(global_limits.create, body, now(), request.by), 201)


@answers(operations.READ_GLOBAL)
async def read_global(request: Request, body: None) -> Reply:
    """Answer a limit by its id or its name."""
    return json(await request.store.read(global_limits.read, id_or_name(request), now()))


@answers(operations.READ_HOLDERS)
async def read_holders(request: Request, body: None) -> Reply:
    """Answer who holds slots of a limit, and who waits for some."""
    most = limit_of(request, None)
    return json(await request.store.read(global_limits.holders, id_or_name(request), most, now()))


@answers(operations.FILTER_GLOBAL)
async def find_global(request: Request, body: ReadConcurrencyLimits) -> Reply:
    """Answer a page of all limits, by name."""
    limit = limit_of(request, body.limit)
    return json(await request.store.read(global_limits.listed, limit, whole(body.offset), now()))


@answers(operations.UPDATE_GLOBAL)
async def update_global(request: Request, body: GlobalConcurrencyLimitUpdate) -> Reply:
    """Change a limit; who waits for slots may find some now."""
    await request.store.write(global_limits.update, id_or_name(request), body, now(), request.by)
    request.server.hub.announce("slot")
    return NOTHING


@answers(operations.DELETE_GLOBAL)
async def delete_global(request: Request, body: None) -> Reply:
    """Remove a limit; who waits for its slots needs them no more."""
    await request.store.write(global_limits.delete, id_or_name(request), now())
    request.server.hub.announce("slot")
    return NOTHING


@answers(operations.INCREMENT_GLOBAL)
async def increment_global(request: Request, body: Increment) -> Reply:
    """Take slots of the named limits that exist, of all or of none."""
    given = await slots_for(request, body.names, body.slots, body.mode)
    return json(global_limits.minimal(given.limits))


@answers(operations.DECREMENT_GLOBAL)
async def decrement_global(request: Request, body: Decrement) -> Reply:
    """Give back slots that were taken without a lease."""
    limits = await request.store.write(slot_line.give_back, body, now())
    request.server.hub.announce("slot")
    return json(global_limits.minimal(limits))


@answers(operations.INCREMENT_WITH_LEASE)
async def increment_with_lease(request: Request, body: IncrementWithLease) -> Reply:
    """Take slots of the named limits that exist, of all or of none, and answer a lease."""
    given = await slots_for(request, body.names, body.slots, body.mode, body.lease_duration, body.holder)
    limits = global_limits.minimal(given.limits)
    return json(ConcurrencyLimitWithLease(lease_id=given.lease_id, limits=limits))


async def slots_for(  # what a request says
    request: Request,
    names: list[str],
    slots: int,
    mode: Mode,
    lease_seconds: float | None = None,
    holder: ConcurrencyLeaseHolder | None = None,
) -> Given:
    """Take slots, and wait for them as long as may be: 423 says when to come again."""
    settings = request.server.settings
    wanted = Wanted(
        tuple(dict.fromkeys(names)),
        slots,
        mode,
        place_of(request, names, slots, mode, holder),
        lease_seconds,
        holder,
        settings[table.SERVER_CONCURRENCY_MAXIMUM_CONCURRENCY_SLOT_WAIT_SECONDS],
        settings[table.SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS],
    )
    try:
        found = await request.server.line.take(wanted, preferred_seconds(request, HELD_SECONDS), request.left)
    except Unfit as unfit:
        raise Refusal(detail(str(unfit), 422)) from None
    if isinstance(found, Given):
        return found
    again = spread(found, 0.5, random())  # noqa: S311  # no secret
    said = f"No slot is free of all these limits: {', '.join(wanted.names)}."
    raise Refusal(detail(said, 423, (b"retry-after", f"{again:.3f}".encode())))


def place_of(
    request: Request, names: list[str], slots: int, mode: Mode, holder: ConcurrencyLeaseHolder | None
) -> Place:
    """Return by what a client's place in line is found when it comes again.

    That is whoever it takes slots for, or what it calls itself. Of others those count as the same who ask the same from
    the same machine: one of them takes the place of another, and none is left out.
    """
    asked = f"{slots} {mode} {text_list(sorted(set(names)))}"
    of_holder = "" if holder is None else f"{holder.type} {holder.id} "
    named = request.headers.get(WAITER)
    if named is not None:
        return Place(f"{of_holder}waiter {named.decode('latin-1')[:LONGEST_NAME]} {asked}", personal=True)
    if holder is not None:
        return Place(f"{of_holder}{asked}", personal=True)
    host = (request.scope.get("client") or ("",))[0]
    return Place(f"client {host} {request.agent[:LONGEST_NAME]} {asked}", personal=False)


def id_or_name(request: Request) -> UUID | str:
    """Return what a path says of a limit."""
    said: str = request.parameters["id_or_name"]
    try:
        return UUID(said)
    except ValueError:
        return said


@answers(operations.RENEW_LEASE)
async def renew_lease(request: Request, body: RenewLease) -> Reply:
    """Let a lease last longer; 410 where it has ended, or held nothing."""
    if await request.store.write(slot_line.renew, request.parameters["lease_id"], body.lease_duration, now()):
        return NOTHING
    raise Refusal(detail("This lease has ended: take slots again.", 410))


@answers(operations.DECREMENT_WITH_LEASE)
async def decrement_with_lease(request: Request, body: DecrementWithLease) -> Reply:
    """Give the slots of a lease back."""
    if await request.store.write(slot_line.end_lease, body.lease_id, now()):
        request.server.hub.announce("slot")
    return NOTHING
