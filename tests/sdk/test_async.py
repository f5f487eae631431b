"""Async flows and tasks run by the same engines, on the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lictor import Completed, flow, get_run_logger, task
from tests.sdk.conftest import Api


@task
async def later(x: int) -> int:
    await asyncio.sleep(0)
    return x + 1


@task
def now(x: int) -> int:
    return x + 1


@flow
async def inner(x: int) -> int:
    return await later(x)


@flow
def sync_inner(x: int) -> int:
    return now(x)


async def ended_async(run: Any, *args: Any) -> Any:
    return await run(*args, return_state=True)


async def test_sync_and_async_mix(api: Api) -> None:
    @flow
    async def outer(x: int) -> list[Any]:
        one = await later(x)
        several = await asyncio.gather(*[later(number) for number in range(5)])
        future = later.submit(now.submit(one))
        mapped = later.map([1, 2])
        return [now(one), several, await future, future.result(), mapped.result(), await inner(1), sync_inner(1)]

    state = await ended_async(outer, "1")
    assert state.result() == [3, [1, 2, 3, 4, 5], 4, 4, [2, 3], 2, 2]
    runs = api.task_runs(state, 13)
    assert {run.state_name for run in runs} == {"Completed"}
    assert api.flow_run(state).state_name == "Completed"


async def test_errors_and_states_decide_as_in_threads(api: Api) -> None:
    calls: list[int] = []

    @task(retries=1)
    async def flaky() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("not yet")
        return 3

    @flow
    async def fails() -> None:
        assert await flaky() == 3
        raise LookupError("lost")

    @flow
    async def skips() -> Any:
        return Completed(name="Skipped")

    with pytest.raises(LookupError, match="lost"):
        await fails()
    state = await ended_async(skips)
    assert api.flow_run(state).state_name == "Skipped"


async def test_flows_side_by_side_keep_their_runs_apart(api: Api) -> None:
    meet = asyncio.Barrier(5)

    @flow
    async def one(number: int) -> int:
        await meet.wait()
        get_run_logger().info("number %d", number)
        return await later(number)

    states = await asyncio.gather(*[ended_async(one, number) for number in range(5)])
    for number, state in enumerate(states):
        assert state.result() == number + 1
        assert len(api.task_runs(state, 1)) == 1
        lines = [line.message for line in api.logs(state)]
        assert f"number {number}" in lines
        assert len([line for line in lines if line.startswith("number")]) == 1


async def test_a_cancelled_flow_is_a_crash(api: Api) -> None:
    begun = asyncio.Event()
    seen: list[Any] = []

    @flow
    async def endless() -> None:
        from lictor.engine.context import FLOW

        context = FLOW.get()
        assert context is not None
        seen.append(context.run.id)
        begun.set()
        await asyncio.sleep(60)

    running = asyncio.create_task(endless())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert api.flow_run_states(seen[0]) == ["Pending", "Running", "Crashed"]


async def test_an_async_flow_waits_without_holding_up_the_loop(api: Api) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    @task
    def blocked() -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)

    @flow
    async def submits() -> None:
        blocked.submit()
        loop.call_soon(release.set)

    await asyncio.wait_for(submits(), 10)
