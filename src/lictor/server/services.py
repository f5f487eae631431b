"""The services that run beside the requests, each in a loop of its own: the table of them, and what runs it.

Several servers on one database run all of them at once: a service's `run_once` must do no harm when another does the
same at the same moment.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from random import uniform
from typing import Any, NamedTuple

from lictor.kit.clock import now
from lictor.orchestration import (
    cancellation_cleanup,
    catch_up,
    expired_claims,
    late_runs,
    lease_repossession,
    pause_expirations,
    retention,
    scheduler,
    silent_runs,
    worker_health,
)
from lictor.orchestration.hub import Hub
from lictor.settings import Settings, table
from lictor.settings.setting import Setting
from lictor.store.address import Postgres
from lictor.store.opening import open_store
from lictor.store.transaction import Closed, Store, StoreError

logger = logging.getLogger("lictor.server.services")

JITTER = 0.1
"""The share of its interval by which a pause is longer or shorter, so that servers started together drift apart."""
SOON = 1.0
"""Within so many seconds from the start comes the first pass of a service that does not wait for one."""
SHORTEST = 0.01


class Service(NamedTuple):
    """One row of the table.

    `wanted` tells whether it is on where the value of `enabled` does not tell by itself. A service that is `patient`
    makes its first pass one interval after the start, others within a second. One that comes `first` makes a pass
    before the server answers anybody.
    """

    name: str
    does: str
    enabled: Setting[Any]
    loop_seconds: Setting[float]
    run_once: Callable[[Store, Settings, datetime], Awaitable[None]]
    wanted: Callable[[Settings], bool] | None = None
    patient: bool = False
    first: bool = False

    def on(self, settings: Settings) -> bool:
        """Tell whether the settings want it to run."""
        return bool(settings[self.enabled]) if self.wanted is None else self.wanted(settings)

    def first_pause(self, seconds: float) -> float:
        """Return the seconds from the start to its first pass."""
        least, most = (seconds, seconds * (1 + JITTER)) if self.patient else (0, min(seconds, SOON))
        return uniform(least, most)  # noqa: S311 - no secret


SERVICES: tuple[Service, ...] = (
    Service(
        "scheduler",
        "Plans the runs of schedules ahead.",
        table.SERVER_SERVICES_SCHEDULER_ENABLED,
        table.SERVER_SERVICES_SCHEDULER_LOOP_SECONDS,
        scheduler.run_once,
    ),
    Service(
        "recent-schedules",
        "Plans the runs of deployments and schedules that have just changed.",
        table.SERVER_SERVICES_SCHEDULER_ENABLED,
        table.SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS,
        scheduler.run_recent,
    ),
    Service(
        "missed-runs",
        "Makes runs that were missed in an outage, and leaves others out, as schedules' catch-up policies say.",
        table.SERVER_SERVICES_SCHEDULER_ENABLED,
        table.SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS,
        catch_up.run_once,
        first=True,
    ),
    Service(
        "late-runs",
        "Marks scheduled flow runs late that did not start in time.",
        table.SERVER_SERVICES_LATE_RUNS_ENABLED,
        table.SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS,
        late_runs.run_once,
    ),
    Service(
        "pause-expirations",
        "Fails flow runs whose pause ran out before they were resumed.",
        table.SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED,
        table.SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS,
        pause_expirations.run_once,
    ),
    Service(
        "cancellation-cleanup",
        "Cancels the task runs and subflows of cancelled flow runs, and runs whose cancellation nobody ends.",
        table.SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED,
        table.SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS,
        cancellation_cleanup.run_once,
    ),
    Service(
        "worker-health",
        "Marks workers offline that fell silent, and work pools and queues not ready that nobody serves.",
        table.SERVER_SERVICES_FOREMAN_ENABLED,
        table.SERVER_SERVICES_FOREMAN_LOOP_SECONDS,
        worker_health.run_once,
    ),
    Service(
        "expired-claims",
        "Lets flow runs wait for a worker again that a worker claimed and nobody started.",
        table.SERVER_SERVICES_EXPIRED_CLAIMS_ENABLED,
        table.SERVER_SERVICES_EXPIRED_CLAIMS_LOOP_SECONDS,
        expired_claims.run_once,
    ),
    Service(
        "silent-runs",
        "Marks flow runs crashed that gave signs of life and fell silent.",
        table.SERVER_SERVICES_SILENT_RUNS_ENABLED,
        table.SERVER_SERVICES_SILENT_RUNS_LOOP_SECONDS,
        silent_runs.run_once,
    ),
    Service(
        "repossessor",
        "Takes back the slots of leases that ran out.",
        table.SERVER_SERVICES_REPOSSESSOR_ENABLED,
        table.SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS,
        lease_repossession.run_once,
    ),
    Service(
        "old-events",
        "Removes events that are older than server.events.retention_period.",
        table.SERVER_SERVICES_DB_VACUUM_ENABLED,
        table.SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS,
        retention.remove_events,
        partial(retention.wanted, "events"),
        patient=True,
    ),
    Service(
        "old-runs",
        "Removes runs that ended longer ago than server.services.db_vacuum.retention_period.",
        table.SERVER_SERVICES_DB_VACUUM_ENABLED,
        table.SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS,
        retention.remove_runs,
        partial(retention.wanted, "flow_runs"),
        patient=True,
    ),
    Service(
        "old-logs",
        "Removes log lines that are older than server.retention.logs.",
        table.SERVER_RETENTION_LOGS,
        table.SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS,
        retention.remove_logs,
        patient=True,
    ),
    Service(
        "orphans",
        "Removes task runs and log lines whose run is gone.",
        table.SERVER_SERVICES_DB_VACUUM_ENABLED,
        table.SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS,
        retention.remove_orphans,
        partial(retention.wanted, "orphans"),
        patient=True,
    ),
)
"""All of them."""


class Services:
    """The loops of one server process."""

    def __init__(
        self, store: Store, settings: Settings, after: Callable[[], None], services: Sequence[Service] = SERVICES
    ) -> None:
        """`after` is called when a service may have committed something, an error in its pass or not."""
        self.store, self.settings, self.after, self.services = store, settings, after, services
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin the loop of every service that is on, after a pass of those that come first."""
        for service in self.services:
            if service.first and service.on(self.settings):
                await self.pass_of(service)
        self.tasks = [
            asyncio.create_task(self.loop(service), name=f"service {service.name}")
            for service in self.services
            if service.on(self.settings)
        ]

    async def stop(self) -> None:
        """End all loops at once, in the middle of a pass too: what is not committed by then is left to the next."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def pass_of_each(self) -> None:
        """Make one pass of every service that is on, one after the other."""
        for service in self.services:
            if service.on(self.settings):
                await self.pass_of(service)

    async def loop(self, service: Service) -> None:
        """Make pass after pass."""
        seconds = max(self.settings[service.loop_seconds], SHORTEST)
        await asyncio.sleep(service.first_pause(seconds))
        while True:
            await self.pass_of(service)
            await asyncio.sleep(seconds * uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret

    async def pass_of(self, service: Service) -> None:
        """Make one pass; an error is logged, and the next pass tries again."""
        try:
            await service.run_once(self.store, self.settings, now())
        except Closed:
            pass  # the server ends
        except StoreError as error:  # foreseen: the message says what is wrong
            logger.error("The service %s tries again at its next pass: %s", service.name, error)
        except Exception:
            logger.exception("The service %s failed; it tries again at its next pass.", service.name)
        self.after()


async def run_alone(settings: Settings, place: str | Postgres, ready: Callable[[], None]) -> None:
    """Run the services that are on, and no server, until SIGTERM or SIGINT."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    store = await open_store(place, settings)
    services = Services(store, settings, partial(Hub(store.announce).announce, "event"))
    await services.start()
    ready()
    await ended.wait()
    await services.stop()
    await store.close()
