"""The limits of deployments, step by step as the reference was recorded, and what leases do over time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from lictor.kit.json import encode
from lictor.orchestration.change_state import Changed, set_flow_run_state
from lictor.orchestration.change_states import set_flow_run_states
from lictor.orchestration.late_runs import mark_late
from lictor.rules.transition import USUAL
from lictor.store import concurrency_limit
from lictor.wire.types.deployment import ConcurrencyLimitStrategy, ConcurrencyOptions
from tests.orchestration.house import NEW, OLD, House, proposal
from tests.orchestration.record_deployments import OLDEST, Body, cases, told

RECORDED: dict[str, list[Any]] = json.loads((Path(__file__).parent / "deployments.json").read_text())
CASES = cases()
OTHERWISE = {name for name in CASES if name.startswith(("taken by force", "running at once"))}
"""There a run that holds no slot ends, and the reference frees that of another run; in Lictor a run gives its own back."""
PENDING, RUNNING, COMPLETED, SCHEDULED = ({"type": kind} for kind in ("PENDING", "RUNNING", "COMPLETED", "SCHEDULED"))


def test_every_case_is_recorded() -> None:
    assert RECORDED.keys() == CASES.keys()


class Deployment:
    """A deployment that may have a limit."""

    def __init__(self, house: House, strategy: str = "ENQUEUE", grace: int | None = None) -> None:
        self.house, self.id = house, uuid4()
        self.options = ConcurrencyOptions(
            collision_strategy=ConcurrencyLimitStrategy(strategy), grace_period_seconds=grace
        )

    async def limit(self, number: int) -> None:
        await self.house.limit(f"deployment:{self.id}", number, self.options)

    async def run(self) -> UUID:
        return await self.house.flow_run(SCHEDULED, deployment_id=str(self.id))

    async def propose(self, run_id: UUID, body: Body, force: bool = False) -> Changed:
        given, house = proposal(body, force), self.house
        return await house.store.write(set_flow_run_state, run_id, given, house.now, "test", agent=house.agent)

    async def taken(self) -> int:
        found = await self.house.store.read(concurrency_limit.of_deployment, self.id, None, self.house.now)
        assert found is not None
        return found.taken

    async def lease(self, run_id: UUID) -> str | None:
        state = (await self.house.read_flow_run(run_id)).state
        assert state is not None
        lease = state.state_details.deployment_concurrency_lease_id
        return None if lease is None else str(lease)


@pytest.mark.parametrize("name", CASES)
async def test_a_deployments_limit_holds_as_recorded(house: House, name: str) -> None:
    case = CASES[name]
    deployment = Deployment(house, case.strategy)
    await deployment.limit(case.limit)
    runs = {who: await deployment.run() for who in "ab"}
    house.agent, answers = case.agent, []
    for who, state, force in case.steps:
        before = await deployment.lease(runs[who])
        changed = await deployment.propose(runs[who], state, force)
        result = json.loads(encode(changed.result))
        answers.append([*told(201 if changed.written else 200, result, before), await deployment.taken()])
    if name in OTHERWISE:
        assert [answer[:-1] for answer in answers] == [answer[:-1] for answer in RECORDED[name]]
        assert answers[-1][-1] == 1
        assert RECORDED[name][-1][-1] == 0
    else:
        assert answers == RECORDED[name]


async def test_a_lease_that_runs_out_frees_its_slot(house: House) -> None:
    deployment = Deployment(house, grace=60)
    await deployment.limit(1)
    first, second, third = [await deployment.run() for _ in range(3)]
    await deployment.propose(first, PENDING)
    lease = await deployment.lease(first)
    house.after(61)
    assert await deployment.taken() == 0
    assert (await deployment.propose(first, RUNNING)).result.status == "ACCEPT"
    assert await deployment.lease(first) not in {None, lease}
    house.after(61)
    assert (await deployment.propose(second, PENDING)).result.status == "ACCEPT"
    house.after(61)
    assert (await deployment.propose(third, PENDING)).result.status == "ACCEPT"
    lost = (await deployment.propose(second, RUNNING)).result
    assert (lost.status, lost.state and lost.state.type) == ("REJECT", "CANCELLED")
    assert await deployment.taken() == 1


async def test_a_client_that_cannot_renew_its_lease_keeps_its_slot(house: House) -> None:
    deployment = Deployment(house, grace=60)
    await deployment.limit(1)
    run_id, other = await deployment.run(), await deployment.run()
    house.agent = OLD
    await deployment.propose(run_id, PENDING)
    await deployment.propose(run_id, RUNNING)
    house.after(100_000)
    assert (await deployment.propose(other, PENDING)).result.status == "REJECT"
    await deployment.propose(run_id, COMPLETED)
    assert await deployment.taken() == 0


async def test_a_run_that_retries_in_its_process_keeps_its_slot(house: House) -> None:
    deployment = Deployment(house)
    await deployment.limit(1)
    policy = {"empirical_policy": {"retries": 1}}
    run_id = await house.flow_run(SCHEDULED, deployment_id=str(deployment.id), **policy)
    for state in (PENDING, RUNNING):
        await deployment.propose(run_id, state)
    failed = (await deployment.propose(run_id, {"type": "FAILED"})).result
    assert failed.state is not None
    assert (failed.state.name, await deployment.taken()) == ("AwaitingRetry", 1)


@pytest.mark.parametrize(
    ("strategy", "taken", "becomes"),
    [("ENQUEUE", 1, "Late"), ("CANCEL_NEW", 1, "Cancelled"), ("CANCEL_NEW", 0, "Late")],
)
async def test_what_is_late_and_finds_no_slot_is_cancelled(
    house: House, strategy: str, taken: int, becomes: str
) -> None:
    deployment = Deployment(house, strategy)
    await deployment.limit(1)
    if taken:
        await deployment.propose(await deployment.run(), PENDING)
    run_id = await deployment.run()
    await house.store.write(mark_late, run_id, house.after(60), USUAL)
    assert (await house.read_flow_run(run_id)).state_name == becomes


async def test_a_deployment_without_a_limit_gives_no_lease(house: House) -> None:
    deployment = Deployment(house)
    run_id = await deployment.run()
    assert house.agent == NEW
    assert (await deployment.propose(run_id, PENDING)).result.status == "ACCEPT"
    assert await deployment.lease(run_id) is None


@pytest.mark.parametrize(("agent", "accepted", "taken"), [(NEW, 1, 1), (OLD, 1, 1), (OLDEST, 3, 0)])
async def test_many_runs_are_submitted_by_a_client_as_one_is(
    house: House, agent: str, accepted: int, taken: int
) -> None:
    deployment = Deployment(house)
    await deployment.limit(1)
    runs = [await deployment.run() for _ in range(3)]
    results = await set_flow_run_states(house.store, runs, proposal(PENDING), "test", USUAL, agent)
    assert [result.status for result in results].count("ACCEPT") == accepted
    assert await deployment.taken() == taken
