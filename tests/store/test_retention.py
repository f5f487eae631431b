"""What retention removes and what it keeps, how long writers wait for it, and how it finds its rows."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest
from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any, encode
from lictor.orchestration import retention
from lictor.settings import Settings, SettingsError, table
from lictor.store import artifact, event, log, task_run
from lictor.store.migrate import migrate
from lictor.store.queries import queries
from lictor.store.retention import Removed, Run, remove_flow_runs, space
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Store, Transaction, Unavailable
from lictor.wire.filters import EventFilter
from lictor.wire.types.artifact import Artifact
from lictor.wire.types.log import LogCreate

from .samples import BY, START, a_state, a_task_run, add_flow, add_run, add_task_run, an_event, look, rows

Pass = Callable[[Store, Settings, datetime], Awaitable[None]]
NOW = START + timedelta(days=400)
PERIOD, BATCH = table.SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD, table.SERVER_SERVICES_DB_VACUUM_BATCH_SIZE
OVERRIDES = table.SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES
ENABLED, LOGS = table.SERVER_SERVICES_DB_VACUUM_ENABLED, table.SERVER_RETENTION_LOGS


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


async def once(store: Store, work: Pass, **settings: str) -> None:
    """Make one pass, with small batches unless told otherwise."""
    await work(store, Settings({BATCH.name: "3", **settings}), NOW)


async def kept(store: Store, what: str, of: str) -> set[Any]:
    return {value for (value,) in await look(store, f"select {what} from {of}")}


async def count(store: Store, of: str) -> int:
    return len(await look(store, f"select 1 from {of}"))


async def add_lines(store: Store, run_id: UUID | None, task_run_id: UUID | None, when: datetime) -> None:
    line = LogCreate(name="n", level=20, message="m", timestamp=START, flow_run_id=run_id, task_run_id=task_run_id)
    await store.write(log.add, [line], when, BY)


@pytest.mark.parametrize(
    ("name", "received", "occurred", "stays"),
    [
        ("fresh", 6.9, 6.9, True),
        ("old", 7.1, 7.1, False),
        ("late", 1, 300, True),  # it waited at its client
        ("ahead", 8, -1000, False),  # its client's clock is wrong
        ("short", 1.9, 1.9, True),
        ("short", 2.1, 2.1, False),
        ("short", 1, 300, True),
        ("long", 8, 8, False),  # never longer than all
    ],
)
async def test_which_events_stay(store: Store, name: str, received: float, occurred: float, stays: bool) -> None:
    for _ in range(7):
        await store.write(event.add, [an_event(name, occurred=ago(occurred), received=ago(received))], BY)
    await once(store, retention.remove_events, **{OVERRIDES.name: '{"short": "P2D", "long": "P90D"}'})
    assert await count(store, "event") == (7 if stays else 0)


async def test_old_events_go_and_new_ones_stay_where_they_are(store: Store) -> None:
    for day in range(20, 0, -1):
        await store.write(event.add, [an_event(f"day.{day}", received=ago(day), occurred=ago(day))], BY)
    await once(store, retention.remove_events)
    assert await kept(store, "name", "event") == {f"day.{day}" for day in range(1, 8)}
    cursor = await store.read(event.end)
    await store.write(event.add, [an_event("new", received=NOW, occurred=NOW)], BY)
    ever = {"occurred": {"since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}}
    page = await store.read(event.after, cursor, msgspec.convert(ever, EventFilter), 10)
    assert [decode_any(text)["event"] for text in page.bodies] == ["new"]


@pytest.mark.parametrize(("days", "stay"), [("P5D", {1, 2, 3, 4, 5}), ("", set(range(1, 9)))])
async def test_which_log_lines_stay(store: Store, days: str, stay: set[int]) -> None:
    run_id = uuid7()
    for day in range(8, 0, -1):
        await add_lines(store, run_id, None, ago(day))
    await once(store, retention.remove_logs, **({LOGS.name: days} if days else {}))
    assert {9 - position for position in await kept(store, "position", "log")} == stay


FLOW_RUNS: list[tuple[str, str | None, dict[str, Any], bool]] = [
    ("completed", "COMPLETED", {}, False),
    ("failed", "FAILED", {}, False),
    ("crashed", "CRASHED", {}, False),
    ("cancelled", "CANCELLED", {}, False),
    ("running", "RUNNING", {}, True),
    ("scheduled", "SCHEDULED", {}, True),
    ("without a state", None, {}, True),
    ("changed lately", "COMPLETED", {"updated": ago(89)}, True),
    ("with a clock that is behind", "COMPLETED", {"updated": ago(1), "end_time": ago(9000)}, True),
    ("with a clock that is ahead", "COMPLETED", {"end_time": ago(-9000)}, False),
    ("made lately", "COMPLETED", {"created": ago(89), "updated": ago(89)}, True),
    ("whose parent is gone", "COMPLETED", {"parent_task_run_id": uuid7()}, False),
]


async def add_all(store: Store, *runs: tuple[str, str | None, dict[str, Any], bool]) -> dict[str, UUID]:
    """Store flow runs with all that belongs to a run."""
    flow = await add_flow(store)
    made: dict[str, UUID] = {}
    for name, kind, fields, _ in runs:
        old = {"created": ago(100), "updated": ago(91)}
        state = None if kind is None else a_state(kind)
        run = await add_run(store, flow.id, name, state=state, **{**old, **fields})
        made[name] = run.id
        for each in ("one", "two", "three", "four"):
            task = await add_task_run(store, run.id, f"{each} of {name}", state=a_state("COMPLETED"))
            await add_lines(store, run.id, task.id, ago(91))
        await add_lines(store, run.id, None, ago(91))
    return made


async def test_which_flow_runs_stay(store: Store) -> None:
    await add_all(store, *sorted(FLOW_RUNS, key=lambda row: row[0] == "made lately"))
    await once(store, retention.remove_runs, **{PERIOD.name: "P90D"})
    stay = {name for name, _, _, stays in FLOW_RUNS if stays}
    assert await kept(store, "name", "flow_run") == stay
    ids = await kept(store, "id", "flow_run")
    with_a_state = len(ids) - 1
    assert await count(store, "flow_run_state") == with_a_state
    assert await kept(store, "flow_run_id", "task_run") == await kept(store, "flow_run_id", "log") == ids
    assert await count(store, "task_run") == await count(store, "task_run_state") == 4 * len(ids)
    assert await kept(store, "run_id", "task_run_state") == await kept(store, "id", "task_run")


async def test_subflow_runs_go_with_their_parents(store: Store) -> None:
    made = await add_all(store, ("old", "COMPLETED", {}, False), ("alive", "RUNNING", {}, True))
    flow = await add_flow(store)
    for name, parent in made.items():
        tracking = await add_task_run(store, parent, f"stands for {name}")
        await add_run(
            store,
            flow.id,
            f"below {name}",
            state=a_state("COMPLETED"),
            created=ago(100),
            updated=ago(91),
            parent_task_run_id=tracking.id,
        )
    for _ in range(2):  # what lies below may take a pass more
        await once(store, retention.remove_runs)
    assert await kept(store, "name", "flow_run") == {"alive", "below alive"}


async def test_a_run_that_changed_since_it_was_found_stays(store: Store) -> None:
    made = await add_all(store, ("retried", "FAILED", {}, True))
    run = Run(made["retried"].bytes, 0)
    assert (await store.write(remove_flow_runs, [run], 1)).keys == 1
    assert await count(store, "flow_run") == 1
    assert await count(store, "task_run") == 4


@pytest.mark.parametrize(
    ("state", "fields", "stays"),
    [
        ("COMPLETED", {}, False),
        ("RUNNING", {}, True),
        ("COMPLETED", {"updated": ago(89)}, True),
        ("COMPLETED", {"created": ago(1), "updated": ago(1)}, True),
    ],
)
async def test_which_task_runs_without_a_flow_run_stay(
    store: Store, state: str, fields: dict[str, Any], stays: bool
) -> None:
    for name in "abcdefg":
        said = {"created": ago(100), "updated": ago(91), **fields}
        run = await add_task_run(store, None, name, state=a_state(state), **said)
        for _ in range(12):
            await add_lines(store, None, run.id, ago(91))
    await once(store, retention.remove_runs)
    for of, number in (("task_run", 7), ("task_run_state", 7), ("log", 84)):
        assert await count(store, of) == (number if stays else 0)


@pytest.mark.parametrize(("days", "stays"), [(2, False), (0.5, True)])
async def test_which_orphans_stay(store: Store, days: float, stays: bool) -> None:
    made = await add_all(store, ("there", "RUNNING", {}, True))
    alone = await add_task_run(store, None, "alone")
    await add_lines(store, None, alone.id, ago(days))
    await add_lines(store, None, None, ago(days))
    mine = Artifact(created=ago(days), updated=ago(days), key="there", flow_run_id=made["there"])
    await store.write(artifact.insert, mine, BY)
    before = {of: await kept(store, "position", of) for of in ("log",)} | {
        "task_run": await kept(store, "number", "task_run")
    }
    for _ in range(5):
        gone = uuid7()
        for name in ("a", "b"):
            task = await add_task_run(store, gone, name, state=a_state("COMPLETED"), created=ago(days))
            await add_lines(store, gone, task.id, ago(days))
        await add_lines(store, gone, None, ago(days))
        await add_lines(store, None, uuid7(), ago(days))
        for key in ("there", str(gone)):
            orphan = Artifact(created=ago(days), updated=ago(days), key=key, flow_run_id=gone)
            await store.write(artifact.insert, orphan, BY)
    everything = {"log": await kept(store, "position", "log"), "task_run": await kept(store, "number", "task_run")}
    await once(store, retention.remove_orphans)
    left = {"log": await kept(store, "position", "log"), "task_run": await kept(store, "number", "task_run")}
    assert left == (everything if stays else before)
    assert await kept(store, "id", "flow_run") == {made["there"].bytes}
    assert await count(store, "artifact") == (11 if stays else 1)
    latest = (await store.read(artifact.latest, "there")).latest_id
    assert (latest == mine.id) is not stays


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, {"events"}),
        ("true", {"events", "flow_runs", "orphans"}),
        ("false", set()),
        ("", set()),
        ("flow_runs", {"flow_runs", "orphans"}),
        ("events,orphans", {"events", "orphans"}),
    ],
)
def test_which_kinds_are_removed(said: str | None, meant: set[str]) -> None:
    settings = Settings({} if said is None else {ENABLED.name: said})
    assert {kind for kind in retention.KINDS if retention.wanted(kind, settings)} == meant


def test_a_kind_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match=f"{ENABLED.name} names 'flows'.*events,flow_runs,orphans"):
        retention.kinds(Settings({ENABLED.name: "flows,events"}))


async def fill(store: Store, events: int, task_runs: int, blocks: int) -> None:
    """Store old events, and one old flow run with many task runs and log lines."""
    for _ in range(events // 200):
        old = [an_event(f"name.{at % 5}", f"thing.{at}", ago(99), payload={"x": "y" * 500}) for at in range(200)]
        await store.write(event.add, old, BY)
    flow = await add_flow(store)
    said: dict[str, Any] = {"created": ago(100), "updated": ago(99)}
    run = await add_run(
        store, flow.id, state=a_state("COMPLETED"), parameters={"x": Raw(encode("y" * 3_000_000))}, **said
    )

    def many() -> Transaction[None]:
        for at in range(task_runs):
            yield from task_run.insert(a_task_run(run.id, str(at), a_state("COMPLETED"), tags=["a"], **said), BY)

    await store.write(many)
    lines = [LogCreate(name="n", level=20, message="m" * 100, timestamp=START, flow_run_id=run.id)] * 200
    for _ in range(blocks):
        await store.write(log.add, lines, ago(99), BY)


class Watched:
    """A store that notes how long each step of a removal took."""

    def __init__(self, sqlite: SQLiteStore) -> None:
        self.read, self.store, self.step_seconds = sqlite.read, sqlite, sqlite.step_seconds
        self.steps: list[float] = []

    async def write(self, *asked: Any) -> Any:
        answer = await self.store.write(*asked)
        if isinstance(answer, Removed):
            self.steps.append(answer.seconds)
        return answer


async def test_no_writer_waits_long(sqlite: SQLiteStore) -> None:
    await fill(sqlite, events=10_000, task_runs=3_000, blocks=50)
    waits: list[float] = []
    watched = Watched(sqlite)

    async def write_beside() -> None:
        while True:
            began = monotonic()
            await sqlite.write(event.add, [an_event("new", received=NOW, occurred=NOW)], BY)
            waits.append(monotonic() - began)
            await asyncio.sleep(0.001)

    async with asyncio.timeout(60):
        writer = asyncio.create_task(write_beside())
        for work in (retention.remove_events, retention.remove_runs):
            await work(watched, Settings({BATCH.name: "100000"}), NOW)  # type: ignore[arg-type]
        writer.cancel()
    assert await count(sqlite, "flow_run") == await count(sqlite, "event where name <> 'new'") == 0
    for seconds in (watched.steps, waits):
        assert len(seconds) > 5  # the faster the machine, the fewer steps
        assert median(seconds) < 0.05  # a single one may have waited for the processor


def size(path: str) -> int:
    return Path(path).stat().st_size


async def test_a_new_file_gives_space_back(sqlite: SQLiteStore, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SPARE_PAGES", 100)
    await fill(sqlite, events=8_000, task_runs=0, blocks=0)
    await sqlite.close()
    full = size(path)
    again = await SQLiteStore.open(path)
    await once(again, retention.remove_events, **{BATCH.name: "200"})
    pages = await again.read(space)
    assert pages.returns
    assert 0 < pages.free <= full / 4096 / 10
    await again.close()
    assert size(path) < full * 0.6
    assert rows(path, "pragma integrity_check") == [("ok",)]


PLANS = {
    "events": "SEARCH event USING INTEGER PRIMARY KEY",
    "events_named": "SEARCH event USING INDEX event_name (name=? AND occurred<?)",
    "delete_event": "SEARCH event USING INTEGER PRIMARY KEY",
    "logs": "SEARCH log USING INTEGER PRIMARY KEY",
    "delete_log": "SEARCH log USING INTEGER PRIMARY KEY",
    "flow_runs": "SEARCH flow_run USING INTEGER PRIMARY KEY",
    "runs_of_task_runs": "SEARCH task_run USING COVERING INDEX task_run_flow_run (flow_run_id>?)",
    "runs_of_logs": "SEARCH log USING COVERING INDEX log_flow_run (flow_run_id>?)",
    "task_runs_of": "SEARCH task_run USING INDEX task_run_flow_run (flow_run_id=?)",
    "task_runs_alone": "SEARCH task_run USING INDEX task_run_alone (flow_run_id=? AND created>?)",
    "task_runs_of_logs": "SEARCH log USING INDEX log_alone (task_run_id>?)",
    "logs_of_task_run": "SEARCH log USING INDEX log_alone (task_run_id=?)",
    "runs_of_artifacts": "SEARCH artifact USING COVERING INDEX artifact_flow_run (flow_run_id>?)",
    "artifacts_of": "SEARCH artifact USING INDEX artifact_flow_run (flow_run_id=?)",
    "logs_of_run": "SEARCH log USING INDEX log_flow_run (flow_run_id=?)",
}


@pytest.mark.parametrize("name", PLANS)
def test_rows_are_found_by_an_index(path: str, name: str) -> None:
    migrate(path)
    query = queries("retention")[name]
    with closing(sqlite3.connect(path)) as db:
        steps = db.execute(f"explain query plan {query.numbered}", [None] * len(query.parameters)).fetchall()
    plan = [text for *_, text in steps]
    assert any(text.startswith(PLANS[name]) for text in plan), plan
    assert not any(text.startswith("SCAN") and "named" not in text and "first" not in text for text in plan), plan
    assert not any("TEMP B-TREE" in text for text in plan), plan


class Failing:
    """A store whose writes begin to fail after some."""

    def __init__(self, store: Store, writes: int) -> None:
        self.read, self.store, self.step_seconds, self.writes = store.read, store, 0.0, writes

    async def write(self, *asked: Any) -> Any:
        self.writes -= 1
        if self.writes < 0:
            raise Unavailable("it is gone.")
        return await self.store.write(*asked)


class Made(NamedTuple):
    """A run that a test made: whether it is old and ended, and the run that started it."""

    removable: bool
    parent: UUID | None


async def make_tree(store: Store, chance: Random) -> dict[UUID, Made]:
    """Store flow runs, some of them started by others, with task runs and log lines."""
    flow = await add_flow(store)
    made: dict[UUID, Made] = {}
    tracking: dict[UUID, UUID] = {}
    for number in range(25):
        parent = chance.choice([None, *made])
        removable = chance.random() < 0.7
        said = {"created": ago(200 - number), "updated": ago(100 if removable else chance.choice([100, 10]))}
        kind = "COMPLETED" if removable or said["updated"] == ago(10) else "RUNNING"
        above = None if parent is None else tracking[parent]
        run = await add_run(store, flow.id, str(number), state=a_state(kind), parent_task_run_id=above, **said)
        made[run.id] = Made(removable, parent)
        for name in range(chance.randrange(1, 5)):
            task = await add_task_run(store, run.id, f"{number} {name}", state=a_state("COMPLETED"), **said)
            tracking[run.id] = task.id
            await add_lines(store, run.id, task.id, ago(100))
    return made


def staying(made: dict[UUID, Made]) -> set[bytes]:
    """Return the ids of the runs that stay: those that are not old, and what they started, and so on."""
    stay: set[UUID] = set()
    for run_id, run in made.items():  # whoever started another was made before it
        if not run.removable or run.parent in stay:
            stay.add(run_id)
    return {run_id.bytes for run_id in stay}


@pytest.mark.parametrize("seed", range(4))
async def test_passes_that_are_cut_off_anywhere_come_to_the_same_end(store: Store, seed: int) -> None:
    chance = Random(seed)
    made = await make_tree(store, chance)
    stay = staying(made)
    settings = Settings({BATCH.name: str(chance.randrange(1, 6))})
    quiet = 0
    while quiet < 8:
        failing = Failing(store, chance.randrange(12))
        before = await kept(store, "number", "task_run"), await kept(store, "id", "flow_run")
        with suppress(Unavailable):
            await retention.remove_runs(failing, settings, NOW)  # type: ignore[arg-type]
        after = await kept(store, "number", "task_run"), await kept(store, "id", "flow_run")
        quiet = quiet + 1 if after == before else 0
        assert after[1] >= stay
    assert await kept(store, "id", "flow_run") == stay
    assert await kept(store, "flow_run_id", "task_run") == await kept(store, "flow_run_id", "log") == stay
    assert await kept(store, "run_id", "flow_run_state") == stay
    assert await kept(store, "run_id", "task_run_state") == await kept(store, "id", "task_run")


OF_RUNS = {"run_id", "flow_run_id", "task_run_id", "holder_id"}
"""Columns that name the run that a row belongs to."""


def test_every_table_that_names_runs_is_emptied_with_them(path: str) -> None:
    migrate(path)
    removing = " ".join(query.text for of in ("flow_run", "task_run") for query in queries(of).values())
    found = set()
    for (table_name,) in rows(path, "select name from sqlite_master where type = 'table'"):
        columns = {column for _, column, *_ in rows(path, f"pragma table_info({table_name})")}
        if columns & OF_RUNS and not table_name.endswith(("_tag", "deferred_run")):  # triggers see to those
            found.add(table_name)
            if table_name == "artifact":  # stays when a person deletes its run, and goes with orphans
                continue
            assert f"delete from {table_name} where" in removing.replace("\n", " "), table_name
    assert {"flow_run_state", "task_run", "task_run_state", "log", "flow_run_input", "concurrency_slot"} <= found
