"""What is made, and what is left out, of the runs that schedules missed, on each database."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lictor.kit.json import decode_any, encode
from lictor.orchestration import catch_up, deployments, late_runs, scheduler
from lictor.orchestration.refusal import Unfit
from lictor.settings import Settings
from lictor.store import catch_up as kept
from lictor.store.queries import query
from lictor.store.transaction import Transaction, many
from lictor.wire.types.catch_up import CatchUp, CatchUpGiven, CatchUpPolicy
from lictor.wire.types.deployment import DeploymentCreate, DeploymentScheduleCreate, DeploymentScheduleUpdate
from tests.orchestration.house import House
from tests.orchestration.test_scheduler import KEYRING, SETTINGS, due, planned

RUN_ALL, NEWEST_ONLY, SKIP = CatchUpPolicy
HOUR = timedelta(hours=1)


def hourly(slug: str = "hourly", **fields: Any) -> dict[str, Any]:
    return {"schedule": {"cron": "0 * * * *"}, "slug": slug, **fields}


async def apply(house: House, *schedules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Apply the deployment, as a client does that knows nothing of policies."""
    given = {"name": "deployed", "flow_id": str(await house.flow_made()), "schedules": schedules, **fields}
    body = msgspec.json.decode(encode(given), type=DeploymentCreate)
    made: dict[str, Any] = decode_any(
        (await house.store.write(deployments.put_deployment, KEYRING, body, house.now, "test"))[0]
    )
    return made


async def give(house: House, made: dict[str, Any], policy: CatchUpPolicy | None, slug: str = "hourly") -> list[CatchUp]:
    body = [CatchUpGiven(slug=slug, policy=policy)]
    return await house.store.write(catch_up.update_policies, UUID(made["id"]), body, house.now)


async def policies(house: House, made: dict[str, Any]) -> dict[str, CatchUp]:
    return await house.store.read(kept.of_one, UUID(made["id"]))


async def at_noon(house: House, policy: CatchUpPolicy, **fields: Any) -> dict[str, Any]:
    """Make a deployment with an hourly schedule, whose runs are planned until 13:00 or later; it is 11:59 then."""
    house.now = house.now.replace(hour=11, minute=59, second=0, microsecond=0)
    made = await apply(house, hourly(**fields))
    await give(house, made, policy)
    await scheduler.run_once(house.store, SETTINGS, house.now)
    return made


async def settle(house: House, settings: Settings = SETTINGS) -> list[dict[str, Any]]:
    """Make the passes that a server makes that comes back, and return the runs whose time is past."""
    await catch_up.run_once(house.store, settings, house.now)
    await scheduler.run_once(house.store, settings, house.now)
    await late_runs.run_once(house.store, settings, house.now)
    return [run for run in await planned(house) if datetime.fromisoformat(run["expected_start_time"]) < house.now]


def at(runs: list[dict[str, Any]], state: str) -> list[int]:
    return [datetime.fromisoformat(run["expected_start_time"]).hour for run in runs if run["state_name"] == state]


@pytest.mark.parametrize(
    ("policy", "late", "left_out"),
    [
        (None, [12, 13, 14], []),
        (RUN_ALL, [12, 13, 14, 15, 16, 17], []),
        (NEWEST_ONLY, [17], [12, 13, 14]),
        (SKIP, [], [12, 13, 14]),
    ],
)
async def test_what_is_run_after_an_outage(
    everywhere: House, policy: CatchUpPolicy | None, late: list[int], left_out: list[int]
) -> None:
    made = await at_noon(everywhere, policy or RUN_ALL)
    if policy is None:
        await give(everywhere, made, None)
    everywhere.after(5.5 * 3600)
    runs = await settle(everywhere)
    assert (at(runs, "Late"), at(runs, "Skipped")) == (late, left_out)
    again = await settle(everywhere)
    assert again == runs
    upcoming = [run for run in await planned(everywhere) if run not in runs]
    assert [each.hour for each in due(upcoming)] == [18, 19, 20]


async def test_a_run_that_is_made_up_for_says_so_and_is_as_any_other(everywhere: House) -> None:
    made = await at_noon(everywhere, RUN_ALL, parameters={"x": 1})
    everywhere.after(5.5 * 3600)
    run = (await settle(everywhere))[-1]
    assert run["auto_scheduled"] is True
    assert run["parameters"] == {"x": 1}
    assert run["created_by"]["display_value"] == "hourly"
    key = f"scheduled {made['id']} {made['schedules'][0]['id']} "
    assert run["idempotency_key"] == key + run["expected_start_time"].replace("T", " ").replace("Z", "+00:00")
    first, _ = await everywhere.history("flow_run", UUID(run["id"]))
    assert "run-all" in first["message"]


async def test_a_run_that_is_left_out_says_why(everywhere: House) -> None:
    await at_noon(everywhere, NEWEST_ONLY)
    everywhere.after(1.5 * 3600)
    first, newest = await settle(everywhere)
    assert (first["state_type"], first["state_name"]) == ("CANCELLED", "Skipped")
    assert "newer run" in first["state"]["message"]
    assert newest["state_name"] == "Late"


async def test_what_a_worker_has_is_not_left_out(everywhere: House) -> None:
    await at_noon(everywhere, SKIP)
    everywhere.after(90)
    run = UUID((await settle(everywhere))[0]["id"])
    await everywhere.flow(run, {"type": "PENDING"})
    everywhere.after(5 * 3600)
    assert at(await settle(everywhere), "Pending") == [12]
    await everywhere.flow(run, {"type": "RUNNING"})
    await everywhere.flow(run, {"type": "SCHEDULED", "name": "AwaitingRetry"})
    everywhere.after(600)
    assert at(await settle(everywhere), "AwaitingRetry") == [12]


async def test_runs_that_people_make_are_not_left_out(everywhere: House) -> None:
    made = await at_noon(everywhere, SKIP)
    await everywhere.flow_run({"type": "SCHEDULED"}, deployment_id=made["id"])
    everywhere.after(1800)
    await settle(everywhere)
    assert Counter(run["state_name"] for run in await planned(everywhere)) == {"Scheduled": 3, "Late": 1, "Skipped": 1}


async def test_with_skip_a_run_waits_for_the_grace(everywhere: House) -> None:
    await at_noon(everywhere, SKIP)
    everywhere.after(60 + 5 * 60)
    assert at(await settle(everywhere), "Late") == [12]
    everywhere.after(1)
    assert at(await settle(everywhere), "Skipped") == [12]


def told() -> Transaction[list[dict[str, Any]]]:
    """Return the payloads of the events about what was left out."""
    ask = query("told", "select body from event where name = 'prefect.deployment.runs-left-out' order by id")
    return [decode_any(body)["payload"] for body in (yield from many(str, ask()))]


async def test_there_is_a_most_that_is_made_up_for_and_it_is_told(
    everywhere: House, caplog: pytest.LogCaptureFixture
) -> None:
    few = Settings({"PREFECT_SERVER_SERVICES_SCHEDULER_CATCH_UP_MAX_RUNS": "4", "PREFECT_HOME": "/nowhere"})
    await at_noon(everywhere, RUN_ALL)
    everywhere.after(30 * 24 * 3600)
    with caplog.at_level(logging.WARNING):
        runs = await settle(everywhere, few)
    assert at(runs, "Late") == [12, 13, 14, 8, 9, 10, 11]
    assert "at least 1 are left out and 4 made up for" in caplog.text
    await settle(everywhere, few)
    (payload,) = await everywhere.store.read(told)
    assert (payload["schedule"], payload["policy"], payload["made_up_for"]) == ("hourly", "run-all", 4)
    assert (payload["left_out"], payload["at_least"]) == (1, True)


@pytest.mark.parametrize(("policy", "left_out", "made"), [(NEWEST_ONLY, 2, 1), (SKIP, 3, 0)])
async def test_what_a_policy_leaves_out_is_told_once(
    everywhere: House, policy: CatchUpPolicy, left_out: int, made: int
) -> None:
    await at_noon(everywhere, policy)
    everywhere.after(5.5 * 3600)
    await asyncio.gather(settle(everywhere), settle(everywhere))
    (payload,) = await everywhere.store.read(told)
    assert (payload["left_out"], payload["at_least"], payload["made_up_for"]) == (left_out, False, made)


async def test_servers_that_come_back_together_make_each_run_once(everywhere: House) -> None:
    few = Settings({"PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE": "2", "PREFECT_HOME": "/nowhere"})
    await at_noon(everywhere, RUN_ALL)
    everywhere.after(12 * 3600)
    await asyncio.gather(*(settle(everywhere, few) for _ in range(4)))
    runs = await settle(everywhere, few)
    assert at(runs, "Late") == list(range(12, 24))


@pytest.mark.parametrize("seed", range(4))
async def test_a_pass_that_is_broken_off_is_gone_on_with_even_by_new_schedules(everywhere: House, seed: int) -> None:
    """Whatever was stored by then; who serves flows applies the deployment again when the server is back."""
    random = Random(seed)
    one = Settings({"PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE": "1", "PREFECT_HOME": "/nowhere"})
    await at_noon(everywhere, RUN_ALL)
    for _ in range(3):
        everywhere.after(random.uniform(1, 6) * 3600)
        broken = asyncio.create_task(settle(everywhere, one))
        await asyncio.wait([broken], timeout=random.uniform(0, 0.05))
        broken.cancel()
        await asyncio.wait([broken])
        await apply(everywhere, hourly())
    runs = await settle(everywhere, one)
    times = [run["expected_start_time"] for run in runs]
    assert len(times) == len(set(times))
    first = everywhere.now.replace(minute=0, second=0, microsecond=0)
    assert len(times) == round((first - datetime.fromisoformat(times[0])) / HOUR) + 1


async def test_a_policy_stays_when_the_deployment_is_applied_again(everywhere: House) -> None:
    made = await at_noon(everywhere, NEWEST_ONLY)
    everywhere.after(600)
    await apply(everywhere, hourly("other"))
    assert list(await policies(everywhere, made)) == ["hourly"]
    await apply(everywhere, hourly(), hourly("other"))
    assert (await policies(everywhere, made))["hourly"].policy == NEWEST_ONLY
    await give(everywhere, made, None)
    assert await policies(everywhere, made) == {}


async def test_what_was_missed_before_it_was_applied_again_is_made_up_for(everywhere: House) -> None:
    """Who serves flows applies the deployment when the server is back, maybe before the scheduler comes by."""
    await at_noon(everywhere, RUN_ALL)
    everywhere.after(5.5 * 3600)
    await apply(everywhere, hourly())
    assert at(await settle(everywhere), "Late") == [12, 13, 14, 15, 16, 17]


@pytest.mark.parametrize(
    "change", ["schedule", "new", "paused", "inactive", "another policy", "deleted and made again"]
)
async def test_what_was_not_to_run_is_not_made_up_for(everywhere: House, change: str) -> None:
    """A schedule catches up with nothing from before it was made, changed or switched on."""
    made = await at_noon(everywhere, SKIP if change == "another policy" else RUN_ALL)
    deployment_id, schedule_id = UUID(made["id"]), UUID(made["schedules"][0]["id"])
    which, write = (deployment_id, schedule_id), everywhere.store.write

    async def update(**fields: Any) -> None:
        body = msgspec.json.decode(encode(fields), type=DeploymentScheduleUpdate)
        await write(deployments.update_schedule, *which, body, everywhere.now, "test")

    if change == "paused":
        await write(deployments.pause, deployment_id, True, everywhere.now, "test")
    if change == "inactive":
        await update(active=False)
    if change == "deleted and made again":
        await write(deployments.delete_schedule, *which, everywhere.now)
    before = {run["id"] for run in await planned(everywhere)}
    everywhere.after(5.5 * 3600)
    match change:
        case "schedule":
            await apply(everywhere, hourly() | {"schedule": {"cron": "0 */1 * * *"}})
        case "new":
            await apply(everywhere, hourly("other"))
            await give(everywhere, made, RUN_ALL, "other")
        case "paused":
            assert before == set()
            await write(deployments.pause, deployment_id, False, everywhere.now, "test")
        case "inactive":
            await update(active=True)
        case "another policy":
            await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
            await give(everywhere, made, RUN_ALL)
        case "deleted and made again":
            body = [msgspec.json.decode(encode(hourly()), type=DeploymentScheduleCreate)]
            await write(deployments.create_schedules, deployment_id, body, everywhere.now, "test")
    runs = await settle(everywhere)
    assert {run["id"] for run in runs} <= before


async def test_other_schedules_go_on_to_catch_up_where_one_is_deleted(everywhere: House) -> None:
    await at_noon(everywhere, RUN_ALL)
    made = await apply(everywhere, hourly(), hourly("other"))
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    other = next(UUID(each["id"]) for each in made["schedules"] if each["slug"] == "other")
    await everywhere.store.write(deployments.delete_schedule, UUID(made["id"]), other, everywhere.now)
    everywhere.after(2.5 * 3600)
    assert at(await settle(everywhere), "Late") == [12, 13, 14]


async def test_a_policy_goes_with_its_schedule_to_another_slug(everywhere: House) -> None:
    made = await at_noon(everywhere, NEWEST_ONLY)
    schedule_id = UUID(made["schedules"][0]["id"])
    body = DeploymentScheduleUpdate(slug="often")
    await everywhere.store.write(
        deployments.update_schedule, UUID(made["id"]), schedule_id, body, everywhere.now, "test"
    )
    assert list(await policies(everywhere, made)) == ["often"]
    await apply(everywhere, hourly("seldom", replaces="often"))
    assert list(await policies(everywhere, made)) == ["seldom"]
    everywhere.after(5.5 * 3600)
    assert at(await settle(everywhere), "Late") == [17]


async def test_a_policy_goes_with_its_deployment(everywhere: House) -> None:
    made = await at_noon(everywhere, NEWEST_ONLY)
    await everywhere.store.write(deployments.delete_deployment, UUID(made["id"]), everywhere.now, "test")
    assert await policies(everywhere, made) == {}


async def test_a_policy_that_is_given_late_leaves_what_is_planned_alone(everywhere: House) -> None:
    """Runs that were planned before are not made again under the ids of new schedules."""
    everywhere.now = everywhere.now.replace(hour=11, minute=59, second=0, microsecond=0)
    made = await apply(everywhere, hourly())
    await scheduler.run_once(everywhere.store, SETTINGS, everywhere.now)
    (given,) = await give(everywhere, made, RUN_ALL)
    assert given.settled.hour == 14
    everywhere.after(3600 + 120)
    await apply(everywhere, hourly())
    assert at(await settle(everywhere), "Late") == [12, 13]


async def test_a_policy_is_one_of_a_schedule_with_a_slug(everywhere: House) -> None:
    made = await apply(everywhere, hourly(), {"schedule": {"cron": "0 * * * *"}})
    with pytest.raises(Unfit, match="no schedule 'daily'; it has 'hourly'"):
        await give(everywhere, made, RUN_ALL, "daily")
