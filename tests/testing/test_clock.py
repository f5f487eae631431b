"""The clock of a test: what waits for a time happens at once when it is moved."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lictor import flow, get_client, pause_flow_run, resume_flow_run, task
from lictor.client.client import Client
from lictor.engine.errors import PausedTooLong, RunError
from lictor.kit import clock as system
from lictor.testing import Clock, Harness, lictor_test_harness
from lictor.wire.operations import catch_up, concurrency_limit, deployment, flow_run, log, task_run
from lictor.wire.operations import flow as flows
from lictor.wire.types.catch_up import CatchUpGiven, CatchUpPolicy
from lictor.wire.types.concurrency_limit import ConcurrencyLimitCreate
from lictor.wire.types.deployment import DeploymentCreate
from lictor.wire.types.flow import FlowCreate
from lictor.wire.types.flow_run import FlowRun, FlowRunCreate
from lictor.wire.types.state import SetState, StateCreate, StateDetails, StateType

PATIENCE = 60.0


@pytest.fixture
def harness() -> Iterator[Harness]:
    with lictor_test_harness(skip_waits=False) as one:
        yield one


@pytest.fixture
def clock(harness: Harness) -> Clock:
    return harness.clock


@pytest.fixture
def client(harness: Harness) -> Iterator[Client]:
    with get_client(sync_client=True) as one:
        yield one


def scheduled(client: Client, after: timedelta) -> FlowRun:
    """Make a flow run that is to start some time from now."""
    of = client(flows.CREATE(FlowCreate(name="later")))
    details = StateDetails(scheduled_time=system.now() + after)
    state = StateCreate(type=StateType.SCHEDULED, state_details=details)
    return client(flow_run.CREATE(FlowRunCreate(flow_id=of.id, state=state)))


def until(client: Client, name: str) -> FlowRun:
    """Wait for the first flow run to be in a state of a name."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        runs = client(flow_run.FILTER(flow_run.ReadFlowRuns()))
        if runs and runs[0].state_name == name:
            return runs[0]
        time.sleep(0.01)
    raise AssertionError(f"no run is {name}: {runs}")


class Beside(threading.Thread):
    """Runs something in another thread."""

    def __init__(self, run: Any) -> None:
        super().__init__(daemon=True)
        self.do = run
        self.value: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.value = self.do()
        except BaseException as error:
            self.error = error

    def end(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error
        return self.value


def test_a_run_is_late_once_its_time_is_past(clock: Clock, client: Client) -> None:
    run = scheduled(client, timedelta(hours=1))
    clock.move(minutes=59)
    assert client(flow_run.READ(id=run.id)).state_name == "Scheduled"
    clock.move(minutes=2)
    late = client(flow_run.READ(id=run.id))
    assert late.state_name == "Late"
    assert late.state is not None
    assert late.state.timestamp > datetime.now(UTC) + timedelta(minutes=60)


@pytest.mark.parametrize(
    ("policy", "waiting"),
    [(None, 3), (CatchUpPolicy.RUN_ALL, 9), (CatchUpPolicy.NEWEST_ONLY, 1), (CatchUpPolicy.SKIP, 0)],
)
def test_what_a_schedule_missed_while_the_clock_moved(
    clock: Clock, client: Client, policy: CatchUpPolicy | None, waiting: int
) -> None:
    due = clock.now() + timedelta(minutes=30)
    schedule = {"interval": 3600, "anchor_date": due.isoformat()}
    given = [{"schedule": schedule, "slug": "hourly"}]
    of = client(flows.CREATE(FlowCreate(name="hourly")))
    body = DeploymentCreate.model_validate({"name": "missed", "flow_id": of.id, "schedules": given})
    made = client(deployment.CREATE(body))
    if policy is not None:
        client(catch_up.UPDATE([CatchUpGiven(slug="hourly", policy=policy)], id=made.id))
    clock.move(seconds=1)
    clock.move(hours=8, minutes=45)
    runs = client(flow_run.FILTER(flow_run.ReadFlowRuns()))
    late = [
        run
        for run in runs
        if run.state_name in ("Late", "Scheduled") and (run.expected_start_time or clock.now()) < clock.now()
    ]
    assert len(late) == waiting
    assert policy != CatchUpPolicy.NEWEST_ONLY or late[0].expected_start_time == due + timedelta(hours=8)


def test_the_clock_shows_what_it_was_moved_to_and_goes_back_at_the_end() -> None:
    with lictor_test_harness() as harness:
        goal = harness.clock.now() + timedelta(days=400)
        assert goal <= harness.clock.move_to(goal) < goal + timedelta(seconds=PATIENCE)
        assert harness.clock.move(timedelta(seconds=5), days=1) >= goal + timedelta(days=1, seconds=5)
        with pytest.raises(ValueError, match="does not run backwards"):
            harness.clock.move(hours=-1)
        with lictor_test_harness() as inner:
            assert inner.clock.now() > goal
            inner.clock.move(days=1000)
        assert harness.clock.now() < goal + timedelta(days=2)
    assert abs(system.now() - datetime.now(UTC)) < timedelta(seconds=PATIENCE)


def test_waits_for_a_time_are_skipped_and_the_time_passes() -> None:
    tries: list[datetime] = []

    @task(retries=2, retry_delay_seconds=[60, 600])
    def inner() -> None:
        tries.append(system.now())
        if len(tries) < 3:
            raise ValueError("not yet")

    @flow(retries=1, retry_delay_seconds=3600)
    def outer() -> int:
        inner()
        if len(tries) < 4:
            tries.append(system.now())
            raise ValueError("again")
        return len(tries)

    with lictor_test_harness() as harness, get_client(sync_client=True) as client:
        began = harness.clock.now()
        assert outer() == 5
        assert harness.clock.now() - began >= timedelta(seconds=60 + 600 + 3600)
        (run,) = client(flow_run.FILTER(flow_run.ReadFlowRuns()))
        assert run.run_count == 2
        assert run.end_time is not None
        assert run.start_time is not None
        assert run.end_time - run.start_time >= timedelta(hours=1)
        lines = client(log.FILTER(log.ReadLogs()))
        assert lines == sorted(lines, key=lambda line: line.timestamp)
        assert lines[-1].timestamp - lines[0].timestamp >= timedelta(hours=1)
    assert tries[1] - tries[0] >= timedelta(seconds=60)
    assert tries[2] - tries[1] >= timedelta(seconds=600)


def test_a_retry_comes_when_its_time_does(clock: Clock, client: Client) -> None:
    tries: list[int] = []

    @flow(retries=1, retry_delay_seconds=7200)
    def failing() -> int:
        tries.append(1)
        if len(tries) < 2:
            raise ValueError("not yet")
        return len(tries)

    beside = Beside(failing)
    until(client, "AwaitingRetry")
    clock.move(hours=1, minutes=59)
    assert until(client, "AwaitingRetry").run_count == 1
    assert beside.is_alive()
    clock.move(minutes=2)
    assert beside.end() == 2


async def test_an_async_retry_comes_when_its_time_does(clock: Clock) -> None:
    tries = asyncio.Queue[int]()

    @task(retries=1, retry_delay_seconds=7200)
    async def failing() -> int:
        tries.put_nowait(1)
        if tries.qsize() < 2:
            raise ValueError("not yet")
        return tries.qsize()

    @flow
    async def outer() -> int:
        return await failing()

    run = asyncio.create_task(outer())
    async with get_client() as client:
        found: list[Any] = []
        while not found or found[0].state_name != "AwaitingRetry":
            found = await client(task_run.FILTER(task_run.ReadTaskRuns()))
            await asyncio.sleep(0.01)
    clock.move(hours=2)
    assert await asyncio.wait_for(run, PATIENCE) == 2


def test_a_pause_runs_out(clock: Clock, client: Client) -> None:
    @flow
    def pausing() -> None:
        pause_flow_run(timeout=3600)

    beside = Beside(lambda: pausing(return_state=True))
    until(client, "Paused")
    clock.move(minutes=61)
    assert until(client, "Failed")
    with pytest.raises((RunError, PausedTooLong)):
        beside.end().result()


def test_a_pause_is_not_skipped_and_ends_when_the_run_is_resumed() -> None:
    @flow
    def pausing() -> str:
        pause_flow_run(timeout=3600)
        return "resumed"

    with lictor_test_harness() as harness, get_client(sync_client=True) as client:
        beside = Beside(pausing)
        run = until(client, "Paused")
        harness.clock.move(minutes=30)
        resume_flow_run(run.id)
        assert beside.end() == "resumed"


def test_a_cancelled_run_ends_at_once() -> None:
    @flow
    def long() -> None:
        while True:
            time.sleep(0.001)

    with lictor_test_harness(), get_client(sync_client=True) as client:
        beside = Beside(lambda: long(return_state=True))
        run = until(client, "Running")
        client(flow_run.SET_STATE(SetState(state=StateCreate(type=StateType.CANCELLING)), id=run.id))
        assert beside.end().name == "Cancelled"
        assert until(client, "Cancelled").id == run.id


def test_a_slot_is_taken_as_soon_as_it_is_free() -> None:
    at_once: list[int] = []
    most: list[int] = []

    @task(tags=["narrow"])
    def narrow() -> None:
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0.02)
        at_once.pop()

    @flow
    def crowd() -> None:
        for future in [narrow.submit() for _ in range(5)]:
            future.result()

    with lictor_test_harness() as harness, get_client(sync_client=True) as client:
        client(concurrency_limit.CREATE(ConcurrencyLimitCreate(tag="narrow", concurrency_limit=1)))
        began = harness.clock.now()
        crowd()
        assert most == [1] * 5
        assert harness.clock.now() - began < timedelta(seconds=PATIENCE)


def test_a_slot_is_held_while_time_passes_at_once() -> None:
    tries: list[str] = []
    begun = threading.Event()

    @task(tags=["held"], retries=2, retry_delay_seconds=3600)
    def retried(name: str) -> None:
        tries.append(name)
        begun.set()
        time.sleep(0.2)  # the other one looks whether the slot is free
        if tries.count(name) < 3:
            raise ValueError("not yet")

    @flow
    def crowd(clock: Clock) -> None:
        futures = [retried.submit(name) for name in "ab"]
        assert begun.wait(PATIENCE)
        clock.move(hours=2)
        for future in futures:
            future.result()

    with lictor_test_harness() as harness, get_client(sync_client=True) as client:
        client(concurrency_limit.CREATE(ConcurrencyLimitCreate(tag="held", concurrency_limit=1)))
        crowd(harness.clock)
        assert tries in (["a"] * 3 + ["b"] * 3, ["b"] * 3 + ["a"] * 3), "the slot is held until the retries are over"


def test_a_run_times_out_in_any_thread_when_its_time_has_passed(clock: Clock) -> None:
    @task(timeout_seconds=600)
    def long() -> None:
        clock.sleep(599)
        clock.sleep(2)
        while True:
            time.sleep(0.001)

    @flow
    def outer() -> tuple[str | None, ...]:
        future = long.submit()
        future.wait()
        here: Any = long(return_state=True)
        return future.state.name, here.name

    assert outer() == ("TimedOut", "TimedOut")


async def test_an_async_run_times_out_when_its_time_has_passed(clock: Clock) -> None:
    @flow(timeout_seconds=600)
    async def long() -> None:
        clock.move(seconds=601)
        await asyncio.Event().wait()

    state: Any = await asyncio.wait_for(long(return_state=True), PATIENCE)
    assert state.name == "TimedOut"


def test_skipped_waits_end_nothing_that_must_be_done_within_a_time() -> None:
    @task(retries=1, retry_delay_seconds=3600)
    def retried(tries: list[int]) -> int:
        tries.append(1)
        if len(tries) < 2:
            raise ValueError("not yet")
        return 1

    @flow(timeout_seconds=600)
    def limited() -> int:
        return retried([])

    with lictor_test_harness():
        assert limited() == 1


def test_those_who_sleep_wake_when_it_is_time(clock: Clock) -> None:
    several = [Beside(lambda: system.sleep(3600)) for _ in range(3)]
    longer = Beside(lambda: system.sleep(7200))
    clock.move(hours=1)
    for each in several:
        each.end()
    assert longer.is_alive()
    clock.move(hours=1)
    longer.end()
