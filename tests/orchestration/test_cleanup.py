"""What workers are to clean up: handed to one at a time, again when its time is over, given up in the end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from lictor.kit.ids import uuid7
from lictor.orchestration import cancellation_cleanup
from lictor.orchestration.work_pools import create_pool
from lictor.rules.claims import HELD
from lictor.settings import Settings
from lictor.store import cleanup
from lictor.store.cleanup import Lease, Outcome
from lictor.wire.types.work_pool import WorkPoolCreate
from lictor.wire.types.worker_channel import CANCELLING_TIMEOUT, Cleanup, Operation
from tests.orchestration.house import House

SETTINGS = Settings({"PREFECT_HOME": "/nowhere"})
LEASE = Lease(timedelta(seconds=30), 2)
KINDS = [CANCELLING_TIMEOUT]
QUEUES = [uuid7(), uuid7()]


class Pool:
    """A pool whose workers are to clean up."""

    def __init__(self, house: House) -> None:
        self.house, self.id = house, uuid7()

    async def add(self, queue: UUID = QUEUES[0]) -> None:
        await self.house.store.write(cleanup.add, self.id, queue, CANCELLING_TIMEOUT, {}, self.house.now)

    async def reserve(self, token: str, *queues: UUID) -> Cleanup | None:
        return await self.house.store.write(cleanup.reserve, self.id, KINDS, queues, token, self.house.now, LEASE)

    async def say(self, message_id: UUID, token: str, operation: str) -> Outcome:
        said = msgspec.convert(operation, Operation)
        return await self.house.store.write(cleanup.operate, self.id, message_id, token, said, self.house.now, LEASE)


async def test_one_worker_has_it_until_its_time_is_over(everywhere: House) -> None:
    pool = Pool(everywhere)
    await pool.add()
    first = await pool.reserve("a")
    assert first is not None
    assert await pool.reserve("b") is None
    everywhere.after(20)
    assert (await pool.say(first.message_id, "a", "renew")).until == everywhere.now + LEASE.duration
    everywhere.after(20)
    assert await pool.reserve("b") is None
    everywhere.after(11)
    again = await pool.reserve("b")
    assert again is not None
    assert (again.message_id, again.delivery_count) == (first.message_id, 2)
    assert (await pool.say(first.message_id, "a", "ack")).status == "invalid_token"
    assert (await pool.say(first.message_id, "b", "ack")).status == "accepted"
    assert (await pool.say(first.message_id, "b", "ack")).status == "not_found"


async def test_what_comes_too_late_does_not_count(everywhere: House) -> None:
    pool = Pool(everywhere)
    await pool.add()
    for token, status in (("a", "expired"), ("b", "dead_lettered")):
        given = await pool.reserve(token)
        assert given is not None
        everywhere.after(31)
        assert (await pool.say(given.message_id, token, "ack")).status == status
    assert await pool.reserve("c") is None


async def test_what_was_handed_out_too_often_is_given_up(everywhere: House) -> None:
    pool = Pool(everywhere)
    await pool.add()
    for token in ("a", "b"):
        assert await pool.reserve(token) is not None
        everywhere.after(31)
    await pool.add()
    left = await pool.reserve("c")
    assert left is not None
    assert left.delivery_count == 1
    assert await pool.reserve("d") is None


async def test_a_worker_gets_what_is_of_its_queues_first(everywhere: House) -> None:
    pool, other = Pool(everywhere), Pool(everywhere)
    for queue in QUEUES:
        await pool.add(queue)
    await other.add(QUEUES[1])
    given = [await pool.reserve(token, QUEUES[1]) for token in ("a", "b", "c")]
    assert [each and each.work_queue_id for each in given] == [QUEUES[1], QUEUES[0], None]
    assert given[0] is not None
    assert (await other.say(given[0].message_id, "a", "ack")).status == "unauthorized"


async def test_nobody_is_asked_for_ever(everywhere: House) -> None:
    pool = Pool(everywhere)
    await pool.add()
    everywhere.after(8 * 86_400)
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.now)
    assert await pool.reserve("a") is None


@pytest.mark.parametrize("kind", ["process", "ecs:push"])
async def test_only_pools_with_workers_clean_up(everywhere: House, kind: str) -> None:
    body = WorkPoolCreate(name=f"of {kind}", type=kind)
    made = await everywhere.store.write(create_pool, body, everywhere.now, "test")
    run = await everywhere.flow_run({"type": "RUNNING"}, work_pool_name=body.name)
    await everywhere.flow(run, {"type": "CANCELLING"})
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(301))
    given = await everywhere.store.write(cleanup.reserve, made.id, KINDS, [], "a", everywhere.now, LEASE)
    assert (given is None) == kind.endswith(":push")
    assert given is None or given.target == {"flow_run_id": str(run), "infrastructure_pid": None}


@pytest.mark.parametrize(
    ("claim", "who"),
    [
        ({"message": f"{HELD}worker 'w1'."}, "worker 'w1', at host:1"),
        ({}, "nobody known, at host:1"),
    ],
)
async def test_a_run_that_nobody_ends_is_cancelled_and_says_who_did_not_answer(
    everywhere: House, claim: dict[str, str], who: str
) -> None:
    run = await everywhere.flow_run({"type": "SCHEDULED"})
    await everywhere.place(run)
    for state in ({"type": "PENDING", **claim}, {"type": "RUNNING"}, {"type": "CANCELLING"}):
        await everywhere.flow(run, state)
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(301))
    found = (await everywhere.read_flow_run(run)).state
    assert found is not None
    assert found.type == "CANCELLED"
    said = f"Who ran it ({who}) did not say within 301 seconds that its process ended; it counts as cancelled, but may"
    assert (found.message or "").startswith(said)
