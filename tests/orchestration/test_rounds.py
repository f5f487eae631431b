"""What the services do to the runs that nobody moves on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from lictor.orchestration import cancellation_cleanup, late_runs, pause_expirations, rounds
from lictor.orchestration.terms import terms_of
from lictor.server.services import SERVICES, Services
from lictor.settings import Settings
from tests.orchestration.house import House

SETTINGS = Settings({"PREFECT_HOME": "/nowhere"})
RUNNING, PENDING, COMPLETED, CANCELLED, CANCELLING = (
    {"type": kind} for kind in ("RUNNING", "PENDING", "COMPLETED", "CANCELLED", "CANCELLING")
)
DEPLOYMENT = str(uuid4())


def scheduled(house: House, seconds: float, name: str | None = None) -> dict[str, Any]:
    due = (house.now + timedelta(seconds=seconds)).isoformat()
    return {"type": "SCHEDULED", "name": name, "state_details": {"scheduled_time": due}}


def paused(house: House, seconds: float | None, **details: Any) -> dict[str, Any]:
    timeout = None if seconds is None else (house.now + timedelta(seconds=seconds)).isoformat()
    return {"type": "PAUSED", "state_details": {"pause_timeout": timeout, **details}}


async def names(house: House, runs: list[UUID]) -> list[str | None]:
    return [(await house.read_flow_run(run_id)).state_name for run_id in runs]


async def test_runs_are_late_once_their_time_is_past(everywhere: House) -> None:
    runs = [await everywhere.flow_run(scheduled(everywhere, seconds)) for seconds in (-16, -14, 100)]
    runs.append(await everywhere.flow_run(scheduled(everywhere, -100, "AwaitingRetry")))
    await late_runs.run_once(everywhere.store, SETTINGS, everywhere.now)
    assert await names(everywhere, runs) == ["Late", "Scheduled", "Scheduled", "AwaitingRetry"]
    late = await everywhere.read_flow_run(runs[0])
    assert late.next_scheduled_start_time == everywhere.now - timedelta(seconds=16)
    await late_runs.run_once(everywhere.store, SETTINGS, everywhere.after(120))
    assert await names(everywhere, runs) == ["Late", "Late", "Late", "AwaitingRetry"]
    assert len(await everywhere.history("flow_run", runs[0])) == 2


async def test_late_runs_are_found_slice_by_slice(everywhere: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "SLICE", 2)
    runs = [await everywhere.flow_run(scheduled(everywhere, -100)) for _ in range(5)]
    await late_runs.run_once(everywhere.store, SETTINGS, everywhere.now)
    assert await names(everywhere, runs) == ["Late"] * 5


async def test_pauses_end_when_they_have_run_out(everywhere: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause_expirations, "SLICE", 2)
    runs = []
    for seconds in (10, 1000, None, 20, 30):
        runs.append(await everywhere.flow_run(RUNNING, deployment_id=DEPLOYMENT))
        await everywhere.flow(runs[-1], paused(everywhere, seconds, pause_reschedule=seconds == 20))
    await pause_expirations.run_once(everywhere.store, SETTINGS, everywhere.after(60))
    assert await names(everywhere, runs) == ["Failed", "Paused", "Paused", "Failed", "Failed"]
    failed = await everywhere.read_flow_run(runs[0])
    assert failed.state is not None
    assert failed.state.message == "The pause ran out before the run was resumed."


@pytest.fixture
async def family(everywhere: House) -> dict[str, UUID]:
    """A running flow run with a task run, a finished one, a subflow of its own process and a deployed subflow."""
    parent = await everywhere.flow_run(RUNNING)
    runs = {
        "parent": parent,
        "task": await everywhere.task_run(parent, RUNNING),
        "done": await everywhere.task_run(parent),
    }
    await everywhere.task(runs["done"], COMPLETED)
    for name, fields in (("subflow", {}), ("deployed", {"deployment_id": DEPLOYMENT})):
        tracking = runs[f"{name}'s task"] = await everywhere.task_run(parent, RUNNING)
        runs[name] = await everywhere.flow_run(RUNNING, parent_task_run_id=str(tracking), **fields)
    return runs


async def types(house: House, family: dict[str, UUID]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, run_id in family.items():
        read = house.read_task_run if name.endswith("task") or name == "done" else house.read_flow_run
        found[name] = (await read(run_id)).state_type
    return found


async def test_a_cancellation_reaches_what_the_run_began(everywhere: House, family: dict[str, UUID]) -> None:
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.now)
    assert set((await types(everywhere, family)).values()) == {"RUNNING", "COMPLETED"}
    await everywhere.flow(family["parent"], CANCELLED)
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(1))
    assert await types(everywhere, family) == {
        "parent": "CANCELLED",
        "task": "CANCELLED",
        "done": "COMPLETED",
        "subflow's task": "CANCELLED",
        "subflow": "CANCELLED",
        "deployed's task": "CANCELLING",
        "deployed": "CANCELLING",
    }
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(301))
    assert (await types(everywhere, family))["deployed"] == "CANCELLED"
    assert (await types(everywhere, family))["deployed's task"] == "CANCELLED"


async def test_subflows_of_subflows_are_cancelled_too(everywhere: House, family: dict[str, UUID]) -> None:
    tracking = await everywhere.task_run(family["subflow"], RUNNING)
    deepest = await everywhere.flow_run(RUNNING, parent_task_run_id=str(tracking))
    await everywhere.flow(family["parent"], CANCELLED)
    for _ in range(2):
        await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(1))
    assert (await everywhere.read_flow_run(deepest)).state_type == "CANCELLED"


async def test_a_run_is_given_its_time_to_end(everywhere: House) -> None:
    run_id = await everywhere.flow_run(RUNNING)
    await everywhere.flow(run_id, CANCELLING)
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(299))
    assert (await everywhere.read_flow_run(run_id)).state_type == "CANCELLING"
    await cancellation_cleanup.run_once(everywhere.store, SETTINGS, everywhere.after(2))
    assert (await everywhere.read_flow_run(run_id)).state_type == "CANCELLED"


async def test_what_went_on_by_itself_is_left_alone(everywhere: House) -> None:
    run_id = await everywhere.flow_run(RUNNING)
    terms, write = terms_of(SETTINGS), everywhere.store.write
    assert not (await write(late_runs.mark_late, run_id, everywhere.now, terms)).written
    assert not (await write(pause_expirations.end_pause, run_id, everywhere.now, terms)).written
    assert not (await write(cancellation_cleanup.end_cancelling, run_id, everywhere.now, everywhere.now, terms)).written
    assert len(await everywhere.history("flow_run", run_id)) == 1


async def test_the_servers_loops_do_all_this(everywhere: House) -> None:
    late = await everywhere.flow_run(scheduled(everywhere, -100))
    over = await everywhere.flow_run(RUNNING)
    await everywhere.flow(over, paused(everywhere, -1))
    cancelled = await everywhere.flow_run(RUNNING)
    task_id = await everywhere.task_run(cancelled, RUNNING)
    await everywhere.flow(cancelled, CANCELLED)
    loops = {setting.name: "0.05" for setting in (service.loop_seconds for service in SERVICES)}
    passed = asyncio.Event()
    services = Services(everywhere.store, Settings({"PREFECT_HOME": "/nowhere", **loops}), passed.set)
    await services.start()
    async with asyncio.timeout(20):
        while True:
            await passed.wait()
            passed.clear()
            task = await everywhere.read_task_run(task_id)
            if (await names(everywhere, [late, over]), task.state_type) == (["Late", "Failed"], "CANCELLED"):
                break
    await services.stop()
