"""Removes what the settings do not keep any longer, in steps between which others write.

A pass may be cut off anywhere, and may run on several servers at once: what one removed the other does not find.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from lictor.settings import Settings, SettingsError, table
from lictor.store import retention
from lictor.store.retention import Found, Removed
from lictor.store.transaction import Store, Transaction

logger = logging.getLogger("lictor.server.retention")

KINDS = frozenset({"events", "flow_runs", "orphans"})
GRACE = timedelta(days=1)
"""What names a run that is not there is kept for so long: the run may still come in."""
REST = 2
"""A step is followed by a rest so many times as long, and longer where others keep the database busy."""
SHORTEST_PAUSE = 0.001
TURNS: WeakKeyDictionary[Store, asyncio.Lock] = WeakKeyDictionary()
SPARE_SHARE, SPARE_PAGES = 10, 4096
"""A tenth of a file's pages, or so many if that is more, stay free in it for what comes."""

Find = Callable[[Any, datetime, int], Transaction[Found]]
Remove = Callable[[Any, float], Transaction[Removed]]


def kinds(settings: Settings) -> frozenset[str]:
    """Return which kinds of old rows are removed; with flow runs goes what names runs that are gone."""
    said = settings[table.SERVER_SERVICES_DB_VACUUM_ENABLED]
    if isinstance(said, bool):
        return KINDS if said else frozenset()
    if unknown := sorted(set(said) - KINDS):
        raise SettingsError(
            f"{table.SERVER_SERVICES_DB_VACUUM_ENABLED.name} names '{unknown[0]}': "
            "give true, false, or some of events,flow_runs,orphans."
        )
    return frozenset(said) | ({"orphans"} if "flow_runs" in said else set())


def wanted(kind: str, settings: Settings) -> bool:
    """Tell whether a kind of old rows is removed."""
    return kind in kinds(settings)


class Cutoff(NamedTuple):
    """Before when rows of a table count as too old, and whether they are removed."""

    before: datetime
    on: bool


def cutoffs(settings: Settings, now: datetime) -> dict[str, Cutoff]:
    """Return what is too old by table, as it is now."""
    logs = settings[table.SERVER_RETENTION_LOGS]
    runs = Cutoff(now - settings[table.SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD], wanted("flow_runs", settings))
    return {
        "event": Cutoff(now - settings[table.SERVER_EVENTS_RETENTION_PERIOD], wanted("events", settings)),
        "flow_run": runs,
        "task_run": runs,
        "log": runs if logs is None else Cutoff(now - logs, True),
    }


async def remove_events(store: Store, settings: Settings, now: datetime) -> None:
    """Remove events that are too old, those of some names sooner."""
    period = settings[table.SERVER_EVENTS_RETENTION_PERIOD]
    removed = await sweep(store, settings, EVENTS, now - period, 0)
    overrides = settings[table.SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES]
    for name, sooner in overrides.items():
        if sooner < period:
            find = partial(retention.events_named, name)
            removed += await sweep(store, settings, (find, EVENTS[1]), now - sooner, 0)
    await finish(store, "events", removed)


async def remove_logs(store: Store, settings: Settings, now: datetime) -> None:
    """Remove log lines that are too old, whatever run they belong to."""
    period = settings[table.SERVER_RETENTION_LOGS]
    if period is not None:
        await finish(store, "blocks of log lines", await sweep(store, settings, LOGS, now - period, 0))


async def remove_runs(store: Store, settings: Settings, now: datetime) -> None:
    """Remove flow runs and their subflows' runs, and task runs without a flow run, that ended too long ago."""
    before = now - settings[table.SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD]
    removed = await sweep(store, settings, FLOW_RUNS, before, 0)
    await finish(store, "flow runs", removed)
    await finish(store, "task runs", await sweep(store, settings, TASK_RUNS, before, (0, 0)))


async def remove_orphans(store: Store, settings: Settings, now: datetime) -> None:
    """Remove task runs, log lines and artifacts whose run is gone."""
    removed = 0
    for orphans in ORPHANS:
        removed += await sweep(store, settings, orphans, now - GRACE, b"")
    await finish(store, "runs that are gone", removed)


EVENTS: tuple[Find, Remove] = (
    partial(retention.received, retention.EVENTS),
    partial(retention.remove, retention.DELETE_EVENT),
)
LOGS: tuple[Find, Remove] = (
    partial(retention.received, retention.LOGS),
    partial(retention.remove, retention.DELETE_LOG),
)
FLOW_RUNS: tuple[Find, Remove] = (retention.flow_runs, retention.remove_flow_runs)
TASK_RUNS: tuple[Find, Remove] = (retention.task_runs_alone, retention.remove_task_runs)
ORPHANS: tuple[tuple[Find, Remove], ...] = (
    (partial(retention.missing, retention.RUNS_OF_TASK_RUNS), retention.remove_task_runs_of),
    (partial(retention.missing, retention.RUNS_OF_LOGS), retention.remove_logs_of_run),
    (partial(retention.missing, retention.TASK_RUNS_OF_LOGS), retention.remove_logs_of_task_run),
    (partial(retention.missing, retention.RUNS_OF_ARTIFACTS), retention.remove_artifacts_of),
)
"""What finds rows, and what removes them; what else names runs gets its row here."""


async def sweep(store: Store, settings: Settings, way: tuple[Find, Remove], before: datetime, cursor: Any) -> int:
    """Find and remove rows until none is left; return how many keys were found."""
    find, remove = way
    most = settings[table.SERVER_SERVICES_DB_VACUUM_BATCH_SIZE]
    total, more = 0, True
    while more:
        keys, cursor, more = await store.read(find, cursor, before, most)
        total += len(keys)
        while keys:
            keys = keys[await step(store, remove, keys) :]
    return total


async def step(store: Store, remove: Remove, keys: Any) -> int:
    """Remove some rows, then leave the database to others for longer than that took; return how many are dealt with.

    One step is made at a time, whatever services are on: together they take at most a third of the database's time.
    """
    async with TURNS.setdefault(store, asyncio.Lock()):
        began = monotonic()
        removed = await store.write(remove, keys, store.step_seconds)
        await asyncio.sleep(max(REST * (monotonic() - began), SHORTEST_PAUSE))
    return removed.keys


async def finish(store: Store, what: str, removed: int) -> None:
    """Say what was removed, and give back what space the file does not need."""
    if removed:
        logger.info("Retention removed %d %s.", removed, what)
    space = await store.read(retention.space)
    spare = max(space.all // SPARE_SHARE, SPARE_PAGES)
    left = space.free - spare if space.returns else 0
    while left > 0:
        left -= await step(store, retention.give_back, left)
