"""Runs that were claimed and not started, and runs that fell silent, on each database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lictor.kit.ids import uuid7
from lictor.orchestration import expired_claims, silent_runs
from lictor.orchestration.change_state import set_flow_run_state
from lictor.orchestration.record_events import record
from lictor.orchestration.slot_line import renew
from lictor.orchestration.work_pools import create_pool
from lictor.rules.claims import HELD
from lictor.rules.transition import USUAL
from lictor.settings import Settings
from lictor.store import flow_run, sign_of_life
from lictor.wire.types.event import Event
from lictor.wire.types.work_pool import WorkPoolCreate
from tests.orchestration.house import House, proposal

SETTINGS = Settings(
    {
        "PREFECT_HOME": "/nowhere",
        "PREFECT_SERVER_SERVICES_EXPIRED_CLAIMS_TIMEOUT_SECONDS": "60",
        "PREFECT_SERVER_SERVICES_EXPIRED_CLAIMS_MAX_EXPIRATIONS": "2",
    }
)
SCHEDULED, PENDING, RUNNING, PAUSED = ({"type": kind} for kind in ("SCHEDULED", "PENDING", "RUNNING", "PAUSED"))
POOL = "pool"


@pytest.fixture
async def pool(everywhere: House) -> House:
    await everywhere.store.write(create_pool, WorkPoolCreate(name=POOL, type="process"), everywhere.now, "test")
    return everywhere


async def state(house: House, run_id: UUID) -> tuple[str | None, str | None]:
    run = await house.read_flow_run(run_id)
    return run.state_name, run.state.message if run.state else None


async def expire(house: House, seconds: float) -> None:
    await expired_claims.run_once(house.store, SETTINGS, house.after(seconds))


async def test_a_claim_that_nobody_confirms_expires_a_bounded_number_of_times(pool: House) -> None:
    run = await pool.flow_run(SCHEDULED, work_pool_name=POOL)
    due = (await pool.read_flow_run(run)).next_scheduled_start_time
    for _ in range(2):
        assert (await pool.flow(run, PENDING)).status == "ACCEPT"
        await expire(pool, 59)
        assert (await state(pool, run))[0] == "Pending"
        await expire(pool, 2)
        assert (await state(pool, run))[0] == "ClaimExpired"
        assert (await pool.read_flow_run(run)).next_scheduled_start_time == due
    assert (await pool.flow(run, PENDING)).status == "ACCEPT"
    await expire(pool, 61)
    name, reason = await state(pool, run)
    assert name == "Crashed"
    assert "3 times" in (reason or "")


async def test_what_was_started_or_was_no_claim_is_never_touched(pool: House) -> None:
    plain = await pool.flow_run(SCHEDULED)
    created = await pool.flow_run(PENDING, work_pool_name=POOL)
    started, running = [await pool.flow_run(SCHEDULED, work_pool_name=POOL) for _ in range(2)]
    for run in (plain, started, running):
        await pool.flow(run, PENDING)
    await pool.place(started)
    await pool.flow(running, RUNNING)
    await expire(pool, 10_000)
    assert [(await state(pool, run))[0] for run in (plain, created, started, running)] == [
        "Pending",
        "Pending",
        "Pending",
        "Running",
    ]


async def claim(house: House, run: UUID) -> UUID:
    """Claim a run as Lictor's workers do; return the id of the claim."""
    answer = await house.flow(run, {"type": "PENDING", "message": f"{HELD}worker 'a'."})
    assert answer.status == "ACCEPT"
    assert answer.state is not None
    return answer.state.id


async def start(house: House, run: UUID, claimed: UUID) -> str:
    """Let the process that was started for a claim begin its run; return the verdict."""
    changed = await house.store.write(set_flow_run_state, run, proposal(RUNNING), house.now, "test", USUAL, "", claimed)
    return changed.result.status


@pytest.mark.parametrize("pooled", [True, False])
async def test_of_two_who_claim_a_run_one_after_the_other_only_the_last_begins_it(pool: House, pooled: bool) -> None:
    more = {"work_pool_name": POOL} if pooled else {}
    run = await pool.flow_run(SCHEDULED, deployment_id=uuid7(), **more)
    first = await claim(pool, run)
    await pool.place(run)
    await expire(pool, 59)
    await pool.place(run)
    await expire(pool, 59)
    assert (await state(pool, run))[0] == "Pending"
    await expire(pool, 2)
    assert (await state(pool, run))[0] == "ClaimExpired"
    assert (await pool.read_flow_run(run)).infrastructure_pid is None
    assert await start(pool, run, first) == "ABORT"
    second = await claim(pool, run)
    assert await start(pool, run, first) == "ABORT"
    assert await start(pool, run, second) == "ACCEPT"
    assert await start(pool, run, first) == "ABORT"
    assert (await state(pool, run))[0] == "Running"


async def test_a_claim_gives_the_slot_of_its_deployment_back(pool: House) -> None:
    deployment = uuid7()
    await pool.limit(f"deployment:{deployment}", 1)
    first, second = [await pool.flow_run(SCHEDULED, work_pool_name=POOL, deployment_id=deployment) for _ in range(2)]
    assert (await pool.flow(first, PENDING)).status == "ACCEPT"
    assert (await pool.flow(second, PENDING)).status == "REJECT"
    await expire(pool, 61)
    assert (await pool.flow(second, PENDING)).status == "ACCEPT"


async def beat(house: House, *runs: UUID, told: datetime | None = None) -> None:
    """Send a heartbeat of runs."""
    sent: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "occurred": told or house.now,
            "event": "prefect.flow-run.heartbeat",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
        }
        for run in runs
    ]
    await house.store.write(record, msgspec.convert(sent, list[Event]), house.now, "test")


async def passes(house: House, seconds: float, step: float = 10) -> None:
    """Let the service pass, as often as it does."""
    until = house.now + timedelta(seconds=seconds)
    while house.now < until:
        await silent_runs.run_once(house.store, SETTINGS, house.after(step))


async def names(house: House, *runs: UUID) -> list[str | None]:
    return [(await state(house, run))[0] for run in runs]


async def test_a_run_that_falls_silent_crashes_and_others_do_not(everywhere: House) -> None:
    silent, lively, without, paused = [await everywhere.flow_run(RUNNING) for _ in range(4)]
    await everywhere.flow(paused, PAUSED)
    for _ in range(3):
        await beat(everywhere, silent, lively, paused)
        await passes(everywhere, 30)
    for _ in range(2):
        await beat(everywhere, lively)
        await passes(everywhere, 30)
    assert await names(everywhere, silent) == ["Running"]
    await beat(everywhere, lively)
    await passes(everywhere, 30)
    assert await names(everywhere, silent, lively, without, paused) == ["Crashed", "Running", "Running", "Paused"]
    assert (await state(everywhere, silent))[1] == (
        "The run gave no sign of life for 100 seconds, 3 times as long as from one to the next before "
        "(30 seconds): its process is gone, or cannot reach the server."
    )


async def test_a_suspended_machine_and_a_moved_clock_kill_nothing(everywhere: House) -> None:
    run = await everywhere.flow_run(RUNNING)
    for _ in range(3):
        await beat(everywhere, run)
        await passes(everywhere, 30)
    for asleep in (8 * 3600, -3600, 8 * 3600):
        everywhere.after(asleep)
        await passes(everywhere, 60)
        assert await names(everywhere, run) == ["Running"]
        await beat(everywhere, run)
        await passes(everywhere, 30)
    assert await names(everywhere, run) == ["Running"]


async def test_beats_that_come_late_together_or_again_shorten_no_interval(everywhere: House) -> None:
    run = await everywhere.flow_run(RUNNING)
    first = everywhere.now
    await passes(everywhere, 60)
    for number in (0, 1, 2, 2, 1):
        await beat(everywhere, run, told=first + timedelta(seconds=60 * number))
    (sign,) = await everywhere.store.read(sign_of_life.of_run, run)
    assert sign.gap == sign.gap_before == timedelta(seconds=60)
    await passes(everywhere, 180)
    assert await names(everywhere, run) == ["Running"]
    await passes(everywhere, 10)
    assert await names(everywhere, run) == ["Crashed"]


async def test_a_run_whose_machine_slept_runs_again_with_its_next_beat(everywhere: House) -> None:
    run = await everywhere.flow_run(RUNNING)
    for _ in range(3):
        await beat(everywhere, run)
        await passes(everywhere, 30)
    await passes(everywhere, 300)
    assert await names(everywhere, run) == ["Crashed"]
    count = (await everywhere.read_flow_run(run)).run_count
    await beat(everywhere, run)
    again = await everywhere.read_flow_run(run)
    assert (again.state_name, again.run_count, again.end_time) == ("Running", count, None)
    await everywhere.flow(run, {"type": "CRASHED", "message": "by hand"})
    everywhere.after(1)
    await beat(everywhere, run)
    assert await names(everywhere, run) == ["Crashed"]


async def test_renewals_of_a_lease_are_signs_of_life(everywhere: House) -> None:
    deployment = uuid7()
    await everywhere.limit(f"deployment:{deployment}", 1)
    run = await everywhere.flow_run(SCHEDULED, deployment_id=deployment)
    await everywhere.flow(run, PENDING)
    accepted = await everywhere.flow(run, RUNNING)
    assert accepted.state is not None
    lease = accepted.state.state_details.deployment_concurrency_lease_id
    assert lease is not None
    for _ in range(3):
        assert await everywhere.store.write(renew, lease, 300.0, everywhere.now)
        await passes(everywhere, 200)
    await passes(everywhere, 390)
    assert await names(everywhere, run) == ["Running"]
    await passes(everywhere, 30)
    assert await names(everywhere, run) == ["Crashed"]


async def test_signs_of_ended_and_deleted_runs_are_forgotten(everywhere: House) -> None:
    ended, gone = [await everywhere.flow_run(RUNNING) for _ in range(2)]
    await beat(everywhere, ended, gone)
    await everywhere.flow(ended, {"type": "COMPLETED"})
    await everywhere.store.write(flow_run.delete, gone)
    assert await everywhere.store.read(sign_of_life.of_run, gone) == []
    await passes(everywhere, 10)
    assert await everywhere.store.read(sign_of_life.of_run, ended)
    await passes(everywhere, 3600, step=1800)
    assert await everywhere.store.read(sign_of_life.of_run, ended) == []
