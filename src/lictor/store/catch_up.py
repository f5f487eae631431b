"""The catch-up policies of schedules, kept by the schedules' slugs, in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from lictor.kit.clock import from_micros, to_micros
from lictor.store.dialect import ids
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, one
from lictor.wire.types.catch_up import CatchUp, CatchUpPolicy
from lictor.wire.types.flow_run import FlowRun

SQL = queries("catch_up")
decode_run = msgspec.json.Decoder(FlowRun).decode


class Due(NamedTuple):
    """A run of a schedule that is due and waits for a worker."""

    deployment_id: UUID
    slug: str
    policy: CatchUpPolicy
    run_id: UUID
    due: datetime


def of(deployment_ids: Iterable[UUID]) -> Transaction[dict[UUID, dict[str, CatchUp]]]:
    """Return the policies of deployments' schedules, by the schedules' slugs."""
    found: dict[UUID, dict[str, CatchUp]] = {}
    for deployment_id, slug, policy, settled in (yield SQL["read"](deployments=ids(deployment_ids))):
        known = found.setdefault(UUID(bytes=deployment_id), {})
        known[slug] = CatchUp(slug=slug, policy=CatchUpPolicy(policy), settled=from_micros(settled))
    return found


def of_one(deployment_id: UUID) -> Transaction[dict[str, CatchUp]]:
    """Return the policies of a deployment's schedules, by the schedules' slugs."""
    return (yield from of([deployment_id])).get(deployment_id, {})


def put(deployment_id: UUID, policies: Sequence[CatchUp]) -> Transaction[None]:
    """Give schedules of a deployment policies."""
    yield SQL["put"].each(
        [
            {
                "deployment_id": deployment_id.bytes,
                "slug": each.slug,
                "policy": each.policy,
                "settled": to_micros(each.settled),
            }
            for each in policies
        ]
    )


def delete(deployment_id: UUID, slug: str) -> Transaction[None]:
    """Take the policy of a schedule away."""
    yield SQL["delete"](deployment_id=deployment_id.bytes, slug=slug)


def delete_all(deployment_id: UUID) -> Transaction[None]:
    """Take the policies of a deployment's schedules away."""
    yield SQL["delete_all"](deployment_id=deployment_id.bytes)


def settle(deployment_id: UUID, slug: str, settled: datetime) -> Transaction[bool]:
    """Note that a schedule's times up to one are settled; tell whether they were not before."""
    return bool((yield SQL["settle"](deployment_id=deployment_id.bytes, slug=slug, settled=to_micros(settled))))


def unsettled(now: datetime, behind: UUID | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of deployments behind one, None for the first, whose schedules may have missed times."""
    after = b"" if behind is None else behind.bytes
    return (yield from many(identifier, SQL["unsettled"](now=to_micros(now), behind=after, most=limit)))


def leaving_out(behind: UUID | None, limit: int) -> Transaction[list[UUID]]:
    """Return the ids of deployments behind one, None for the first, with policies that leave runs out."""
    return (yield from many(identifier, SQL["leaving_out"](behind=b"" if behind is None else behind.bytes, most=limit)))


def waiting(deployment_ids: Iterable[UUID], now: datetime, limit: int) -> Transaction[list[Due]]:
    """Return the runs that such policies of deployments are about, and that are due and wait for a worker.

    Of more than `limit` they are those that are due last.
    """
    found = []
    for deployment_id, slug, policy, run_id, due, body in (
        yield SQL["waiting"](deployments=ids(deployment_ids), now=to_micros(now), most=limit)
    ):
        run = decode_run(body)
        if run.auto_scheduled and not run.run_count:
            run_key, of_key = UUID(bytes=run_id), UUID(bytes=deployment_id)
            found.append(Due(of_key, slug, CatchUpPolicy(policy), run_key, from_micros(due)))
    return found


def last_planned(deployment_id: UUID, beginning: str) -> Transaction[datetime | None]:
    """Return when the last of a deployment's runs is due that are scheduled and whose keys begin so, None for none."""
    ask = SQL["last_planned"](deployment_id=deployment_id.bytes, beginning=beginning, length=len(beginning))
    found: int | None = yield from one(lambda due: due, ask)
    return None if found is None else from_micros(found)


def identifier(found: bytes) -> UUID:
    """Read an id."""
    return UUID(bytes=found)
