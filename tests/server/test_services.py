"""The loops beside the requests: what keeps them going, and what ends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from lictor.server.services import JITTER, SERVICES, Service, Services
from lictor.settings import Settings, table
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import DiskFull, Store

ENABLED = table.SERVER_SERVICES_LATE_RUNS_ENABLED
SECONDS = table.SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS
QUICK = {SECONDS.name: "0.01"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    opened = await SQLiteStore.open(str(tmp_path / "lictor.db"))
    yield opened
    await opened.close()


def a_service(
    run_once: Callable[[Store, Settings, datetime], Awaitable[None]], *, patient: bool = False, first: bool = False
) -> Service:
    return Service("some", "Does something.", ENABLED, SECONDS, run_once, patient=patient, first=first)


class Passes:
    """Counts passes, each of which may fail."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.done = list(errors), 0
        self.enough = asyncio.Event()

    async def run_once(self, store: Store, settings: Settings, now: datetime) -> None:
        self.done += 1
        if self.errors:
            raise self.errors.pop(0)
        self.enough.set()


async def test_an_error_is_logged_and_the_loop_goes_on(store: SQLiteStore, caplog: pytest.LogCaptureFixture) -> None:
    passes, announced = Passes(DiskFull("the disk is full."), ValueError("a mistake of ours")), []
    services = Services(store, Settings(QUICK), lambda: announced.append(1), [a_service(passes.run_once)])
    with caplog.at_level(logging.ERROR, "lictor.server.services"):
        await services.start()
        await asyncio.wait_for(passes.enough.wait(), 10)
    await services.stop()
    foreseen, unforeseen = caplog.records
    assert "the disk is full" in foreseen.message
    assert foreseen.exc_info is None
    assert "a mistake of ours" in str(unforeseen.exc_info)
    assert len(announced) >= 2


async def test_stopping_ends_a_pass_in_its_middle(store: SQLiteStore) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(store: Store, settings: Settings, now: datetime) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    services = Services(store, Settings(QUICK), lambda: None, [a_service(endless)])
    await services.start()
    await asyncio.wait_for(begun.wait(), 10)
    await asyncio.wait_for(services.stop(), 1)
    assert ended.is_set()


async def test_what_comes_first_is_done_when_the_server_begins_to_answer(store: SQLiteStore) -> None:
    first, other = Passes(ValueError("a mistake of ours")), Passes()
    rows = [a_service(other.run_once), a_service(first.run_once, first=True)]
    services = Services(store, Settings(QUICK), lambda: None, rows)
    await services.start()
    assert (first.done, other.done) == (1, 0)
    await asyncio.wait_for(first.enough.wait(), 10)
    await services.stop()


async def test_what_is_turned_off_does_not_run(store: SQLiteStore) -> None:
    off, on = Passes(), Passes()
    other = Service("on", "Does something.", table.SERVER_SERVICES_REPOSSESSOR_ENABLED, SECONDS, on.run_once)
    settings = Settings({**QUICK, ENABLED.name: "false"})
    services = Services(store, settings, lambda: None, [a_service(off.run_once), other])
    await services.start()
    await asyncio.wait_for(on.enough.wait(), 10)
    await services.stop()
    assert off.done == 0


@pytest.mark.parametrize(
    ("patient", "seconds", "least", "most"),
    [(True, 3600, 3600, 3600 * (1 + JITTER)), (False, 3600, 0, 1), (False, 0.5, 0, 0.5)],
)
def test_when_the_first_pass_comes(patient: bool, seconds: float, least: float, most: float) -> None:
    service = a_service(Passes.run_once, patient=patient)  # type: ignore[arg-type]
    pauses = [service.first_pause(seconds) for _ in range(100)]
    assert least <= min(pauses) < max(pauses) <= most


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_service_says_what_it_does(service: Service) -> None:
    assert service.does.endswith(".")
    assert service.loop_seconds.kind.read("3") == 3


def test_names_are_unique() -> None:
    assert len({service.name for service in SERVICES}) == len(SERVICES)
