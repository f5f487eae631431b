"""Work pools, queues and workers on each database: what is handed out, who is ready, and what events tell."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.kit.clock import now
from lictor.kit.json import decode_any
from lictor.orchestration import scheduled_runs, work_queues, worker_health
from lictor.orchestration.queue_places import create_queue, queue_of
from lictor.orchestration.refusal import Absent, Conflict
from lictor.orchestration.work_pools import create_pool, delete_pool, heartbeat, update_pool
from lictor.settings import Settings
from lictor.store import event, work_pool, work_queue, worker
from lictor.store.transaction import Transaction
from lictor.wire.filters import EventFilter
from lictor.wire.operations.work_pool import GetScheduledFlowRuns
from lictor.wire.types.work_pool import WorkPoolCreate, WorkPoolUpdate
from lictor.wire.types.work_queue import WorkQueue, WorkQueueCreate, WorkQueueUpdate
from tests.orchestration.house import House

SETTINGS = Settings({"PREFECT_HOME": "/nowhere"})
POOL = "pool"


@pytest.fixture
async def house(everywhere: House) -> House:
    await everywhere.store.write(create_pool, WorkPoolCreate(name=POOL, type="process"), everywhere.now, "test")
    return everywhere


async def queue(house: House, name: str, **fields: Any) -> WorkQueue:
    return await house.store.write(create_queue, POOL, WorkQueueCreate(name=name, **fields), house.now, "test")


async def waiting(house: House, seconds: float, queue_name: str | None = None) -> UUID:
    due = (house.now + timedelta(seconds=seconds)).isoformat()
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due}}
    return await house.flow_run(state, work_pool_name=POOL, work_queue_name=queue_name)


async def handed(house: House, limit: int = 200, **body: Any) -> list[UUID]:
    given = GetScheduledFlowRuns(**body)
    found = await house.store.read(scheduled_runs.of_pool, POOL, given, limit, house.now)
    await scheduled_runs.note_poll(house.store, found.queues, house.now, "test")
    return [UUID(decode_any(text)["flow_run"]["id"]) for text in found.runs]


async def told(house: House) -> list[str]:
    """Return the names of all events of pools and queues, in order."""
    ever = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    sought = {"event": {"prefix": ["prefect.work-"]}, "occurred": ever, "order": "ASC"}
    texts = await house.store.read(event.page, msgspec.convert(sought, EventFilter), 200, 0)
    return [decode_any(text)["event"].removeprefix("prefect.work-") for text in texts]


async def statuses(house: House) -> tuple[str | None, ...]:
    """Return the status of the pool, of its queues and its workers."""

    def look() -> Transaction[tuple[str | None, ...]]:
        found = yield from work_pool.find(POOL)
        assert found is not None
        queues = yield from work_queue.of_pool(found[0].id)
        workers = yield from worker.listed(found[0].id, None, 10, 0)
        return (found[0].status, *(each.status for each in queues), *(each.status for each in workers))

    return await house.store.read(look)


async def test_runs_are_handed_out_by_priority_then_time_as_far_as_slots_are_free(house: House) -> None:
    await queue(house, "low", concurrency_limit=2)
    await queue(house, "high", priority=1)
    low = [await waiting(house, -seconds, "low") for seconds in (10, 30, 20)]
    plain, high, later = await waiting(house, -40), await waiting(house, -1, "high"), await waiting(house, 60, "high")
    assert await handed(house) == [high, later, plain, low[1], low[2]]
    assert await handed(house, scheduled_before=house.now) == [high, plain, low[1], low[2]]
    assert await handed(house, 2, scheduled_before=house.now) == [high, plain]
    assert await handed(house, work_queue_names=["low"]) == [low[1], low[2]]
    await house.flow(low[1], {"type": "PENDING"})
    assert await handed(house, work_queue_names=["low"]) == [low[2]]
    await house.store.write(update_pool, POOL, WorkPoolUpdate(concurrency_limit=2), house.now, "test")
    assert await handed(house) == [high]
    with pytest.raises(Absent, match="pool/none"):
        await handed(house, work_queue_names=["none"])
    await house.store.write(update_pool, POOL, WorkPoolUpdate(is_paused=True), house.now, "test")
    assert await handed(house) == []


async def test_a_run_that_its_process_tries_again_is_handed_to_nobody(house: House) -> None:
    run = await house.flow_run({"type": "SCHEDULED"}, work_pool_name=POOL, empirical_policy={"retries": 1})
    for state in ("PENDING", "RUNNING", "FAILED"):
        await house.flow(run, {"type": state})
    assert (await house.read_flow_run(run)).state_name == "AwaitingRetry"
    assert await handed(house) == []


async def test_workers_pools_and_queues_are_ready_while_they_are_used(house: House) -> None:
    assert await statuses(house) == ("NOT_READY", "NOT_READY")
    await house.store.write(heartbeat, POOL, "worker", 10, house.now, "test")
    await house.store.write(heartbeat, POOL, "usual", None, house.now, "test")
    await handed(house)
    assert await statuses(house) == ("READY", "READY", "ONLINE", "ONLINE")
    await worker_health.run_once(house.store, SETTINGS, house.after(31))
    assert await statuses(house) == ("READY", "READY", "OFFLINE", "ONLINE")
    both = [worker_health.run_once(house.store, SETTINGS, house.after(60)) for _ in range(2)]
    await asyncio.gather(*both)
    assert await statuses(house) == ("NOT_READY", "NOT_READY", "OFFLINE", "OFFLINE")
    counts = {name: (await told(house)).count(name) for name in ("pool.not-ready", "queue.not-ready", "pool.ready")}
    assert counts == {"pool.not-ready": 2, "queue.not-ready": 1, "pool.ready": 1}
    await house.store.write(heartbeat, POOL, "worker", None, house.now, "test")
    await handed(house)
    assert await statuses(house) == ("READY", "READY", "ONLINE", "OFFLINE")


async def test_a_paused_pool_and_queue_stay_paused_whoever_asks(house: House) -> None:
    await house.store.write(update_pool, POOL, WorkPoolUpdate(is_paused=True), house.now, "test")
    own = await house.store.write(queue_of, POOL, None, house.now, "test", make=False)
    await house.store.write(work_queues.update_queue, own.id, WorkQueueUpdate(is_paused=True), house.now, "test")
    await house.store.write(heartbeat, POOL, "worker", None, house.now, "test")
    await handed(house)
    assert await statuses(house) == ("PAUSED", "PAUSED", "ONLINE")
    await house.store.write(update_pool, POOL, WorkPoolUpdate(is_paused=False), house.now, "test")
    await house.store.write(work_queues.update_queue, own.id, WorkQueueUpdate(is_paused=False), house.now, "test")
    assert await statuses(house) == ("READY", "READY", "ONLINE")


async def test_a_queue_is_found_or_made(house: House) -> None:
    with pytest.raises(Absent):
        await house.store.write(queue_of, POOL, "new", house.now, "test", make=False)
    made = await house.store.write(queue_of, POOL, "new", house.now, "test", make=True)
    found = await house.store.write(queue_of, POOL, "new", house.now, "test", make=True)
    assert (made.id, made.priority) == (found.id, 2)
    agents = await house.store.write(queue_of, None, "x", house.now, "test", make=True)
    assert agents.work_pool_name == "default-agent-pool"
    with pytest.raises(Absent):
        await house.store.write(queue_of, "none", None, house.now, "test", make=True)


async def test_queues_made_at_once_get_priorities_of_their_own(house: House) -> None:
    made = await asyncio.gather(*[queue(house, f"q{number}") for number in range(5)])
    assert sorted(each.priority for each in made) == [2, 3, 4, 5, 6]
    same = await asyncio.gather(*[queue(house, "same") for _ in range(3)], return_exceptions=True)
    assert len([each for each in same if isinstance(each, Conflict)]) == 2


async def test_runs_outlive_their_queue_and_pool(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_queues, "SLICE", 2)
    own = await queue(house, "own")
    runs = [await waiting(house, 0, "own") for _ in range(5)]
    rename = WorkQueueUpdate(name="renamed")
    await house.store.write(work_queues.update_queue, own.id, rename, house.now, "test")
    await work_queues.rename_runs(house.store, own.id, "test")
    assert {(await house.read_flow_run(run)).work_queue_name for run in runs} == {"renamed"}
    await delete_pool(house.store, POOL, house.now, "test")
    for run in runs:
        found = await house.read_flow_run(run)
        assert (found.work_queue_id, found.work_queue_name, found.work_pool_id, found.work_pool_name) == (None,) * 4
    assert (await told(house))[-3:] == ["queue.deleted", "queue.deleted", "pool.deleted"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 8)), max_size=12))
def test_priorities_stay_different_and_in_order(moves: list[tuple[int, int]]) -> None:
    queues = [WorkQueue(id=UUID(int=n), created=None, updated=None, name=str(n), priority=n + 1) for n in range(6)]
    for number, priority in moves:
        moved = queues[number]
        others = [each for each in queues if each is not moved]
        before = [each.name for each in sorted(others, key=lambda each: each.priority)]
        moved.priority = priority
        saved = work_queues.make_room(sorted(others, key=lambda each: each.priority), moved, now(), "test")
        with suppress(StopIteration):  # each save is answered with its row
            next(saved)
            while True:
                saved.send([[b""]])
        assert moved.priority == priority
        assert len({each.priority for each in queues}) == len(queues)
        assert [each.name for each in sorted(others, key=lambda each: each.priority)] == before


async def test_the_events_of_a_run_name_its_queue_and_pool(house: House) -> None:
    run = await waiting(house, 0)
    await house.flow(run, {"type": "PENDING"})
    ever = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    sought = msgspec.convert({"event": {"prefix": ["prefect.flow-run."]}, "occurred": ever}, EventFilter)
    found = [decode_any(text) for text in await house.store.read(event.page, sought, 10, 0)]
    assert len(found) == 2
    for each in found:
        roles = {one["prefect.resource.role"]: one for one in each["related"]}
        assert roles["work-queue"]["prefect.resource.name"] == "default"
        assert (roles["work-pool"]["prefect.resource.name"], roles["work-pool"]["prefect.work-pool.type"]) == (
            POOL,
            "process",
        )
