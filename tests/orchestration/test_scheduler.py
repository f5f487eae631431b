"""Which runs the scheduler plans, on each database."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lictor.kit.json import decode_any, encode
from lictor.orchestration import deployments, late_runs, scheduler
from lictor.settings import Settings
from lictor.store import flow_run
from lictor.store.keyring import Keyring
from lictor.store.queries import query
from lictor.store.transaction import Transaction
from lictor.wire.operations.deployment import PlanRuns
from lictor.wire.operations.flow_run import ReadFlowRuns
from lictor.wire.types.deployment import DeploymentCreate, DeploymentScheduleUpdate, DeploymentUpdate
from lictor.wire.types.flow_run import FlowRunSort
from tests.orchestration.house import House

SETTINGS = Settings({"PREFECT_HOME": "/nowhere"})
KEYRING = Keyring(SETTINGS)
HOURLY: dict[str, Any] = {"schedule": {"interval": 3600, "anchor_date": "2025-01-01T00:00:00Z"}}


async def deployed(house: House, *schedules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    given = {"name": "deployed", "flow_id": str(await house.flow_made()), "schedules": schedules, **fields}
    body = msgspec.json.decode(encode(given), type=DeploymentCreate)
    made: dict[str, Any] = decode_any(
        (await house.store.write(deployments.put_deployment, KEYRING, body, house.now, "test"))[0]
    )
    return made


async def planned(house: House) -> list[dict[str, Any]]:
    body = ReadFlowRuns(sort=FlowRunSort.EXPECTED_START_TIME_ASC)
    return [decode_any(text) for text in await house.store.read(flow_run.texts, body, house.now)]


def due(runs: list[dict[str, Any]]) -> list[datetime]:
    return [datetime.fromisoformat(run["next_scheduled_start_time"]) for run in runs]


async def test_a_planned_run_says_what_it_comes_from(everywhere: House) -> None:
    made = await deployed(
        everywhere,
        HOURLY | {"slug": "hourly", "parameters": {"y": 3}},
        parameters={"x": 1, "y": 2},
        tags=["a"],
        version="7",
        labels={"team": "blue"},
    )
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    runs = await planned(everywhere)
    assert len(runs) == 3
    first, schedule = runs[0], made["schedules"][0]["id"]
    moment = first["next_scheduled_start_time"].replace("T", " ").replace("Z", "+00:00")
    assert first["idempotency_key"] == f"scheduled {made['id']} {schedule} {moment}"
    assert first["auto_scheduled"] is True
    assert first["tags"] == ["auto-scheduled", "a"]
    assert first["parameters"] == {"x": 1, "y": 3}
    assert first["deployment_version"] == "7"
    assert first["created_by"] == {"id": schedule, "type": "SCHEDULE", "display_value": "hourly"}
    assert first["labels"] == {
        "team": "blue",
        "prefect.flow.id": made["flow_id"],
        "prefect.deployment.id": made["id"],
    }
    assert (first["state"]["name"], first["state"]["message"]) == ("Scheduled", "Flow run scheduled")
    assert [state["type"] for state in await everywhere.history("flow_run", UUID(first["id"]))] == ["SCHEDULED"]


async def test_runs_are_planned_as_far_ahead_as_the_settings_say(everywhere: House) -> None:
    made = await deployed(
        everywhere,
        {"schedule": {"interval": 60}},
        {"schedule": {"interval": 60}, "max_scheduled_runs": 5},
        {"schedule": {"cron": "0 0 1 1 *"}},
        {"schedule": {"cron": "* * * * *"}, "active": False},
        {"schedule": {"rrule": "FREQ=DAILY;COUNT=1"}},
    )
    counts = dict.fromkeys((each["id"] for each in made["schedules"]), 0)
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    for run in await planned(everywhere):
        counts[run["created_by"]["id"]] += 1
        assert everywhere.now <= due([run])[0] <= everywhere.now + timedelta(days=100)
    yearly = counts.pop(next(each["id"] for each in made["schedules"] if "0 0 1 1" in str(each["schedule"])))
    assert yearly <= 1
    assert sorted(counts.values()) == [0, 0, 5, 61]


async def test_each_pass_adds_what_is_missing_and_nothing_twice(everywhere: House) -> None:
    await deployed(everywhere, HOURLY)
    passes = [scheduler.run_once, scheduler.run_recent, scheduler.run_once]
    await asyncio.gather(*(run(everywhere.store, SETTINGS, everywhere.now) for run in passes))
    before = await planned(everywhere)
    assert len(before) == 3
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.after(3600))
    after = await planned(everywhere)
    assert [run["id"] for run in after[:3]] == [run["id"] for run in before]
    assert due(after) == [due(before)[0] + number * timedelta(hours=1) for number in range(4)]


async def test_many_deployments_are_planned_in_batches(everywhere: House) -> None:
    few = {"PREFECT_SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE": "2"}
    few["PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE"] = "4"
    for number in range(5):
        await deployed(everywhere, HOURLY, name=f"deployed-{number}")
    await scheduler.run_once(everywhere.store, Settings(few), everywhere.now)
    assert len(await planned(everywhere)) == 15


async def test_what_has_just_changed_is_planned_soon(everywhere: House) -> None:
    made = await deployed(everywhere, HOURLY)
    await scheduler.run_recent(everywhere.store, SETTINGS, everywhere.after(60))
    assert await planned(everywhere) == []
    update = msgspec.json.decode(b'{"schedule": {"interval": 7200}}', type=DeploymentScheduleUpdate)
    which = UUID(made["id"]), UUID(made["schedules"][0]["id"])
    await everywhere.store.write(deployments.update_schedule, *which, update, everywhere.now, "test")
    await scheduler.run_recent(everywhere.store, SETTINGS, everywhere.after(5))
    first, second, _ = due(await planned(everywhere))
    assert second - first == timedelta(hours=2)


async def test_paused_deployments_are_left_alone_unless_asked_for(everywhere: House) -> None:
    made = await deployed(everywhere, HOURLY, paused=True)
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    assert await planned(everywhere) == []
    asked = PlanRuns(start_time=everywhere.now + timedelta(days=2), min_runs=5)
    await scheduler.plan_of(everywhere.store, SETTINGS, UUID(made["id"]), asked, everywhere.now, "test")
    runs = await planned(everywhere)
    assert len(runs) == 5
    assert due(runs)[0] >= everywhere.now + timedelta(days=2)


@pytest.mark.parametrize("change", ["pause", "delete", "update", "schedules"])
async def test_nothing_is_added_for_what_changed_meanwhile(everywhere: House, change: str) -> None:
    made = await deployed(everywhere, HOURLY)
    which = UUID(made["id"])
    reach = scheduler.reach_of(SETTINGS, everywhere.now)
    sources = await everywhere.store.read(scheduler.read_sources, [which], everywhere.now)
    runs = list(scheduler.runs_of(sources[0], reach, everywhere.now))
    at = everywhere.after(1)
    match change:
        case "pause":
            await everywhere.store.write(deployments.pause, which, True, at, "test")
        case "delete":
            await everywhere.store.write(deployments.delete_deployment, which, at, "test")
        case "update":
            await everywhere.store.write(deployments.update_deployment, which, DeploymentUpdate(), at, "test")
        case "schedules":
            schedule = UUID(made["schedules"][0]["id"])
            await everywhere.store.write(deployments.delete_schedule, which, schedule, at)
    assert await everywhere.store.write(scheduler.add, runs, "test", at) == 0
    assert await planned(everywhere) == []


def spoil() -> Transaction[None]:
    """Write into the database what no request could."""
    yield query("spoil", "update deployment_schedule set body = replace(body, '1 * * * *', '61 * * * *')")()


async def test_a_schedule_that_cannot_be_read_holds_no_other_up(
    everywhere: House, caplog: pytest.LogCaptureFixture
) -> None:
    await deployed(everywhere, HOURLY)
    await deployed(everywhere, {"schedule": {"cron": "1 * * * *"}}, name="broken")
    await everywhere.store.write(spoil)
    with caplog.at_level(logging.ERROR):
        await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    assert "'61' is no minute" in caplog.text
    assert len(await planned(everywhere)) == 3


async def test_planned_runs_become_late(everywhere: House) -> None:
    await deployed(everywhere, HOURLY)
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    await late_runs.run_once(everywhere.store, SETTINGS, everywhere.after(2 * 3600))
    assert [run["state_name"] for run in await planned(everywhere)] == ["Late", "Late", "Scheduled"]
