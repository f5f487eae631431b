"""Whatever is proposed to whichever run in whatever order, by force or not: histories and slots stay sound."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lictor.kit.json import decode_any, encode
from lictor.orchestration import slot_line
from lictor.orchestration.slot_line import Given
from lictor.rules import flow_run as flow_rules
from lictor.rules import task_run as task_rules
from lictor.store import concurrency_limit, task_run
from lictor.wire.types.concurrency_limit import ConcurrencyLeaseHolder
from lictor.wire.types.state import OrchestrationResult
from tests.orchestration.house import House
from tests.rules.record import states

LIMITS = {"one": 1, "two": 2, "none": 0}
TASKS = (["one"], ["one", "two"], ["two", "free"], ["two"], ["none"])
STATES = ["running", "pending", "completed", *sorted(states())]
OFTEN = st.sampled_from(STATES[:3]) | st.sampled_from(STATES)
FORCE = st.sampled_from([False, False, False, False, True])
STEPS = st.lists(st.tuples(st.integers(0, len(TASKS) - 1), OFTEN, FORCE), min_size=5, max_size=25)
EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Told(NamedTuple):
    """What came of a proposal, and whether a state was written."""

    result: OrchestrationResult
    history: list[Any]


async def told(house: House, kind: str, run_id: UUID, name: str, force: bool) -> Told:
    """Propose a state; a history only grows, by one at most, and a run is in the last state of it."""
    house.after(0.001)
    before = await house.history(kind, run_id)  # type: ignore[arg-type]
    propose, read = (house.flow, house.read_flow_run) if kind == "flow_run" else (house.task, house.read_task_run)
    result = await propose(run_id, states()[name], force)
    after, run = await house.history(kind, run_id), await read(run_id)  # type: ignore[arg-type]
    assert after[: len(before)] == before
    assert len(after) - len(before) in (0, 1)
    assert (result.status in {"WAIT", "ABORT"}) <= (len(after) == len(before))
    assert run.state is not None
    assert (run.state_id, run.state_type, run.state_name) == (run.state.id, run.state.type, run.state.name)
    assert decode_any(encode(run.state)) == after[-1]
    assert result.state is not None
    assert result.state.id == run.state.id
    return Told(result, after if len(after) > len(before) else [])


@EXAMPLES
@given(STEPS)
def test_the_slots_of_tags_are_conserved(steps: list[tuple[int, str, bool]]) -> None:
    """A slot is held by those who started without force, until they leave: never by more than the limit says."""

    async def play(house: House) -> None:
        for tag, limit in LIMITS.items():
            await house.limit(f"tag:{tag}", limit)
        parent = await house.flow_run({"type": "RUNNING"})
        runs = [await house.task_run(parent, tags=tags) for tags in TASKS]
        holding: dict[int, bool] = dict.fromkeys(range(len(runs)), False)
        for number, name, force in steps:
            result, written = await told(house, "task_run", runs[number], name, force)
            if written and written[-1]["type"] not in task_rules.HOLDING:
                holding[number] = False
            elif written and result.status == "ACCEPT" and written[-1]["type"] == "RUNNING" and not force:
                holding[number] = True
            for tag, limit in LIMITS.items():
                held = await house.holders(tag)
                assert len(held) <= limit
                assert set(held) == {runs[one] for one, tags in enumerate(TASKS) if tag in tags and holding[one]}
        for run_id in runs:
            await house.store.write(task_run.delete, run_id)
        assert [await house.holders(tag) for tag in LIMITS] == [[]] * len(LIMITS)

    run(play)


@EXAMPLES
@given(STEPS)
def test_the_slots_of_a_deployment_are_conserved(steps: list[tuple[int, str, bool]]) -> None:
    """A slot is held by those who were submitted without force, until they end or are put off."""

    async def play(house: House) -> None:
        deployment = uuid4()
        await house.limit(f"deployment:{deployment}", 1)
        body = {"type": "SCHEDULED"}
        runs = [await house.flow_run(body, deployment_id=str(deployment)) for _ in TASKS]
        holding: set[int] = set()
        for number, name, force in steps:
            left = (await house.read_flow_run(runs[number])).state_type
            result, written = await told(house, "flow_run", runs[number], name, force)
            if written and written[-1]["type"] == "PENDING" and left not in flow_rules.HOLDING and not force:
                holding.add(number)
            elif written and written[-1]["type"] not in flow_rules.HOLDING and left in flow_rules.HOLDING:
                retried = result.status == "REJECT" and written[-1]["name"] == "AwaitingRetry"
                holding -= set() if retried else {number}
            slots = await house.store.read(concurrency_limit.of_deployment, deployment, None, house.now)
            assert slots is not None
            assert slots.taken == len(holding) <= 1

    run(play)


@EXAMPLES
@given(st.lists(st.tuples(OFTEN, FORCE), min_size=1, max_size=15))
def test_a_subflow_is_mirrored_on_its_task_run(steps: list[tuple[str, bool]]) -> None:
    async def play(house: House) -> None:
        parent = await house.flow_run({"type": "RUNNING"})
        tracking = await house.task_run(parent)
        child = await house.flow_run(parent_task_run_id=str(tracking))
        for name, force in steps:
            _, written = await told(house, "flow_run", child, name, force)
            image, seen = await house.read_task_run(tracking), await house.read_flow_run(child)
            assert (image.state_type, image.state_name) == (seen.state_type, seen.state_name)
            history = await house.history("task_run", tracking)
            assert len(history) == 1 + len(await house.history("flow_run", child))
            assert not written or history[-1]["state_details"]["child_flow_run_id"] == str(child)

    run(play)


@pytest.mark.parametrize("skew", [0.0, -0.5, -3600.0])
async def test_a_history_is_in_order_whatever_the_clocks_say(house: House, skew: float) -> None:
    run_id, task_id = await house.flow_run({"type": "PENDING"}), await house.task_run()
    for kind in ("RUNNING", "PAUSED", "RUNNING", "COMPLETED"):
        house.after(skew)
        await house.flow(run_id, {"type": kind}, force=True)
        await house.task(task_id, {"type": kind}, force=True)
    for kind, one in (("flow_run", run_id), ("task_run", task_id)):
        history = await house.history(kind, one)  # type: ignore[arg-type]
        assert [state["type"] for state in history] == ["PENDING", "RUNNING", "PAUSED", "RUNNING", "COMPLETED"]
        assert len({state["timestamp"] for state in history}) == len(history)


async def test_many_at_once_take_no_more_than_there_is(everywhere: House) -> None:
    await everywhere.limit("tag:few", 7)
    await everywhere.limit("tag:fewer", 3)
    runs = [await everywhere.task_run(tags=["few", "fewer"] if number % 2 else ["few"]) for number in range(30)]
    results = await asyncio.gather(*[everywhere.task(run_id, {"type": "RUNNING"}) for run_id in runs])
    taken = {run_id for run_id, result in zip(runs, results, strict=True) if result.status == "ACCEPT"}
    assert {result.status for result in results} == {"ACCEPT", "WAIT"}
    assert len(taken) == 7
    assert set(await everywhere.holders("few")) == taken
    assert set(await everywhere.holders("fewer")) == taken & set(runs[1::2])
    assert len(await everywhere.holders("fewer")) <= 3


async def test_of_many_at_once_as_many_are_submitted_as_a_deployment_takes(everywhere: House) -> None:
    deployment = uuid4()
    await everywhere.limit(f"deployment:{deployment}", 4)
    runs = [await everywhere.flow_run({"type": "SCHEDULED"}, deployment_id=str(deployment)) for _ in range(20)]
    results = await asyncio.gather(*[everywhere.flow(run_id, {"type": "PENDING"}) for run_id in runs])
    assert sorted(result.status for result in results) == ["ACCEPT"] * 4 + ["REJECT"] * 16


async def test_a_lease_that_runs_out_is_free_for_others(everywhere: House) -> None:
    await everywhere.limit("tag:one", 1)
    taken = await everywhere.take("tag:one", seconds=60)
    assert isinstance(taken, Given)
    run_id = await everywhere.task_run(tags=["one"])
    everywhere.after(59)
    assert (await everywhere.task(run_id, {"type": "RUNNING"})).status == "WAIT"
    everywhere.after(1)
    assert (await everywhere.task(run_id, {"type": "RUNNING"})).status == "ACCEPT"
    assert not await everywhere.store.write(slot_line.renew, taken.lease_id, 60, everywhere.now)


async def test_a_run_that_ends_keeps_what_else_it_holds(everywhere: House) -> None:
    """What a flow takes slots of by itself it gives back by itself: a pause within does not do it for it."""
    await everywhere.limit("tag:one", 1)
    run_id = await everywhere.flow_run({"type": "RUNNING"}, deployment_id=str(uuid4()))
    holder = ConcurrencyLeaseHolder(type="flow_run", id=run_id)
    await everywhere.take("tag:one", holder=holder)
    await everywhere.flow(run_id, {"type": "PAUSED"})
    waiting = await everywhere.task_run(tags=["one"])
    assert (await everywhere.task(waiting, {"type": "RUNNING"})).status == "WAIT"


async def test_of_ten_that_submit_a_run_at_once_one_does(everywhere: House) -> None:
    runs = [await everywhere.flow_run({"type": "SCHEDULED"}) for _ in range(20)]
    proposals = [run_id for run_id in runs for _ in range(10)]
    results = await asyncio.gather(*[everywhere.flow(run_id, {"type": "PENDING"}) for run_id in proposals])
    for run_id in runs:
        told = [result.status for one, result in zip(proposals, results, strict=True) if one == run_id]
        assert sorted(told) == ["ABORT"] * 9 + ["ACCEPT"]
        history, run = await everywhere.history("flow_run", run_id), await everywhere.read_flow_run(run_id)
        assert [state["type"] for state in history] == ["SCHEDULED", "PENDING"]
        assert decode_any(encode(run.state)) == history[-1]


async def test_of_ten_that_start_a_run_at_once_with_one_transition_one_does(everywhere: House) -> None:
    run_id = await everywhere.flow_run({"type": "PENDING"})
    body = {"type": "RUNNING", "state_details": {"transition_id": str(uuid4())}}
    results = await asyncio.gather(*[everywhere.flow(run_id, body) for _ in range(10)])
    assert sorted(result.status for result in results) == ["ACCEPT"] + ["REJECT"] * 9
    assert len({result.state.id for result in results if result.state}) == 1
    assert len(await everywhere.history("flow_run", run_id)) == 2


async def test_a_task_completes_from_the_cache_of_another(everywhere: House) -> None:
    details = {"state_details": {"cache_key": "k"}}
    for number in (1, 2):
        await everywhere.task(await everywhere.task_run(), {"type": "COMPLETED", "data": number, **details})
        everywhere.after(1)
    source, run_id = await everywhere.task_run(), await everywhere.task_run()
    expired = {"cache_key": "k", "cache_expiration": everywhere.now.isoformat()}
    await everywhere.task(source, {"type": "COMPLETED", "data": 3, "state_details": expired})
    everywhere.after(1)
    state = (await everywhere.task(run_id, {"type": "RUNNING", **details})).state
    assert state is not None
    assert (state.name, bytes(state.data)) == ("Cached", b"2")


def run(play: Any) -> None:
    async def whole() -> None:
        with TemporaryDirectory() as folder:
            async with House.at(Path(folder)) as house:
                await play(house)

    asyncio.run(whole())
