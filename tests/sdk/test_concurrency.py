"""Slots of limits in flows, tasks and plain code: taken, waited for, kept and given back."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from lictor import flow, task
from lictor.client.client import Client
from lictor.client.errors import HTTPStatusError, ServerUnreachable
from lictor.concurrency.asyncio import concurrency as aconcurrency
from lictor.concurrency.asyncio import rate_limit as arate_limit
from lictor.concurrency.sync import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    concurrency,
    rate_limit,
)
from lictor.engine import repeating, slots
from lictor.events.filters import EventFilter, EventResourceFilter
from lictor.wire.operations import concurrency_limit as rows
from lictor.wire.operations import event
from lictor.wire.types.concurrency_limit import (
    DecrementWithLease,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    RenewLease,
)
from tests.sdk.conftest import Api, eventually

PATIENCE = 60.0


@pytest.fixture
def limits(api: Api) -> Limits:
    return Limits(api.client)


class Limits:
    """Limits of names that nobody else uses."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def add(self, slots: int, decay: float = 0.0) -> str:
        name = f"limit-{uuid4()}"
        self.client(
            rows.CREATE_GLOBAL(GlobalConcurrencyLimitCreate(name=name, limit=slots, slot_decay_per_second=decay))
        )
        return name

    def taken(self, name: str) -> int:
        return self.client(rows.READ_GLOBAL(id_or_name=name)).active_slots

    def holders(self, name: str) -> Any:
        return self.client(rows.READ_HOLDERS(id_or_name=name))


def test_slots_are_held_inside_of_the_block(limits: Limits) -> None:
    name, other = limits.add(2), limits.add(3)
    with concurrency([name, other], occupy=2):
        assert (limits.taken(name), limits.taken(other)) == (2, 2)
    with pytest.raises(ZeroDivisionError), concurrency(name):
        raise ZeroDivisionError
    assert (limits.taken(name), limits.taken(other)) == (0, 0)


async def test_slots_are_held_inside_of_an_async_block(limits: Limits) -> None:
    name = limits.add(1)
    async with aconcurrency(name):
        assert limits.taken(name) == 1
        with pytest.raises(TimeoutError):
            async with aconcurrency(name, timeout_seconds=0.1):
                pass
    assert limits.taken(name) == 0
    async with aconcurrency([]):
        pass


def test_no_more_hold_slots_than_there_are(limits: Limits) -> None:
    name, lock, running, most = limits.add(2), threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal running, most
        with concurrency(name):
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.02)
            with lock:
                running -= 1
        return number

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(work, range(12))) == list(range(12))
    assert (most, limits.taken(name)) == (2, 0)


async def test_async_code_waits_in_turn(limits: Limits) -> None:
    name, running, done = limits.add(1), 0, []

    async def work(number: int) -> None:
        nonlocal running
        async with aconcurrency(name):
            running += 1
            assert running == 1
            await asyncio.sleep(0.01)
            running -= 1
            done.append(number)

    await asyncio.gather(*[work(number) for number in range(10)])
    assert done == list(range(10))
    assert limits.taken(name) == 0


async def test_who_is_cancelled_while_it_waits_leaves_no_slot_taken(limits: Limits) -> None:
    name = limits.add(1)

    async def wait() -> None:
        async with aconcurrency(name):
            raise AssertionError

    async with aconcurrency(name):
        waiting = [asyncio.create_task(wait()) for _ in range(2)]
        await asyncio.to_thread(eventually, lambda: limits.holders(name), lambda found: bool(found.waiting))
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.to_thread(eventually, lambda: limits.taken(name), lambda taken: taken == 0)


def test_waiting_has_an_end(limits: Limits) -> None:
    name = limits.add(1)
    with concurrency(name):
        with pytest.raises(AcquireConcurrencySlotTimeoutError, match=name), concurrency(name, timeout_seconds=0.2):
            pass
        with pytest.raises(ConcurrencySlotAcquisitionError, match="no slot is free"), concurrency(name, max_retries=1):
            pass
    assert limits.taken(name) == 0


def test_what_the_server_refuses_is_told(limits: Limits) -> None:
    name = limits.add(1)
    with pytest.raises(ConcurrencySlotAcquisitionError, match="2 are more"), concurrency(name, occupy=2):
        pass
    with pytest.raises(ConcurrencySlotAcquisitionError, match="slot_decay_per_second"):
        rate_limit(name)


def test_a_limit_that_is_not_there_holds_nobody_up_unless_strict(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with concurrency("none"):
        pass
    rate_limit("none")
    assert "There is no concurrency limit none" in caplog.text
    with (
        pytest.raises(ConcurrencySlotAcquisitionError, match="no concurrency limit none"),
        concurrency("none", strict=True),
    ):
        pass
    with pytest.raises(ConcurrencySlotAcquisitionError):
        rate_limit("none", strict=True)


async def test_a_rate_is_kept(limits: Limits) -> None:
    name = limits.add(2, decay=20)
    began = time.monotonic()
    for _ in range(6):
        rate_limit(name)
        await arate_limit([name])
    assert time.monotonic() - began >= 10 / 20 * 0.9
    with pytest.raises(TimeoutError):
        rate_limit(limits_full(limits), timeout_seconds=0.1)


def limits_full(limits: Limits) -> str:
    name = limits.add(1, decay=0.001)
    rate_limit(name)
    return name


def test_the_run_that_goes_on_here_holds_the_slots(api: Api, limits: Limits) -> None:
    name, found = limits.add(5), []

    @task
    def work() -> None:
        with concurrency(name):
            found.extend(limits.holders(name).holders)

    @flow
    def several() -> None:
        with concurrency(name):
            work()

    state = several(return_state=True)
    assert state.is_completed()
    (run,) = api.task_runs(state, 1)
    assert [(slot.holder.type, slot.holder.id) for slot in found] == [
        ("flow_run", state.state_details.flow_run_id),
        ("task_run", run.id),
    ]
    eventually(lambda: limits.taken(name), lambda taken: taken == 0)


def test_events_tell_of_slots(api: Api, limits: Limits) -> None:
    name, other = limits.add(2), limits.add(2)
    made = {each: limits.client(rows.READ_GLOBAL(id_or_name=each)).id for each in (name, other)}

    @flow
    def holds() -> None:
        with concurrency([name, other], occupy=2):
            pass

    state = holds(return_state=True)
    resource = f"prefect.concurrency-limit.{made[name]}"
    wanted = EventFilter(resource=EventResourceFilter(id=[resource]))
    found = eventually(
        lambda: limits.client(event.FILTER(event.ReadEvents(filter=wanted))).events, lambda events: len(events) == 2
    )
    released, acquired = sorted(found, key=lambda one: one.event, reverse=True)
    assert (acquired.event, released.event) == (
        "prefect.concurrency-limit.acquired",
        "prefect.concurrency-limit.released",
    )
    assert released.follows == acquired.id
    assert acquired.resource["slots-acquired"] == "2"
    related = {one["prefect.resource.id"] for one in acquired.related}
    assert f"prefect.concurrency-limit.{made[other]}" in related
    assert f"prefect.flow-run.{state.state_details.flow_run_id}" in related


class Flaky:
    """A client whose renewals fail as they are told, before the others go on."""

    def __init__(self, client: Client, *errors: Exception) -> None:
        self.client, self.errors, self.tried = client, list(errors), threading.Event()

    def __call__(self, call: Any, **options: Any) -> Any:
        if call.operation is rows.RENEW_LEASE:
            if self.errors:
                raise self.errors.pop(0)
            self.tried.set()
        return self.client(call, **options)


def renewed_often(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> list[Flaky]:
    """Let leases be renewed at once, and the first renewals fail."""
    flaky: list[Flaky] = []
    start = repeating.start

    def often(repeat: Any, client: Client) -> Any:
        flaky.append(Flaky(client, *errors))
        return start(repeat._replace(seconds=0.02), flaky[-1])  # type: ignore[arg-type]

    monkeypatch.setattr(repeating, "start", often)
    return flaky


@pytest.mark.parametrize("strict", [False, True])
def test_lost_renewals_end_nothing(limits: Limits, monkeypatch: pytest.MonkeyPatch, strict: bool) -> None:
    name = limits.add(1)
    lost = (ServerUnreachable("http://here", "away"), HTTPStatusError("POST", "/renew", 503, "busy"))
    flaky = renewed_often(monkeypatch, *lost)
    with concurrency(name, strict=strict):
        assert flaky[0].tried.wait(PATIENCE)
        assert limits.taken(name) == 1
    assert not flaky[0].errors


def lose(limits: Limits, name: str) -> None:
    """End the lease of who holds a slot."""
    (slot,) = limits.holders(name).holders
    limits.client(rows.DECREMENT_WITH_LEASE(DecrementWithLease(lease_id=slot.lease_id)))


@pytest.mark.parametrize("in_main", [True, False])
def test_a_lease_that_is_gone_ends_what_is_strict(
    limits: Limits, monkeypatch: pytest.MonkeyPatch, in_main: bool
) -> None:
    name = limits.add(1)
    renewed_often(monkeypatch)

    def strict() -> None:
        with concurrency(name, strict=True):
            lose(limits, name)
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool, pytest.raises(ConcurrencySlotAcquisitionError, match="has ended"):
        strict() if in_main else pool.submit(strict).result()


async def test_a_lease_that_is_gone_ends_what_is_strict_on_the_loop(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = limits.add(1)
    renewed_often(monkeypatch)

    async def work() -> None:
        async with aconcurrency(name, strict=True):
            lose(limits, name)
            await asyncio.sleep(PATIENCE)

    with pytest.raises(ConcurrencySlotAcquisitionError, match="has ended"):
        await work()
    await asyncio.sleep(0)  # nobody is cancelled any more


def test_a_lease_that_is_gone_does_not_end_others(
    limits: Limits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = limits.add(1)
    renewed_often(monkeypatch)
    with concurrency(name):
        lose(limits, name)
        end = time.monotonic() + PATIENCE
        while "going on without" not in caplog.text:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_a_question_that_nobody_wants_the_answer_of_gives_its_slots_back(api: Api, limits: Limits) -> None:
    name = limits.add(1)
    question = slots.Question(slots.Wanted((name,)), "a waiter")
    question.abandon()
    given = question()
    assert limits.taken(name) == 0
    assert given.lease is not None
    with pytest.raises(HTTPStatusError):
        limits.client(rows.RENEW_LEASE(RenewLease(), lease_id=given.lease))


def test_a_limit_that_is_switched_off_holds_nobody_up(limits: Limits) -> None:
    name = limits.add(0)
    limits.client(rows.UPDATE_GLOBAL(GlobalConcurrencyLimitUpdate(active=False), id_or_name=name))
    with concurrency(name, strict=True):
        assert limits.taken(name) == 0
