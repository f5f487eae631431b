"""What a database says of its size and growth, held against what lies in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lictor.kit.clock import to_micros
from lictor.kit.ids import uuid7
from lictor.store import event, log, statistics
from lictor.store.transaction import Ask, Store
from lictor.wire.types.log import LogCreate

from .samples import BY, START, a_state, add_flow, add_run, add_task_run, an_event

NOW = START + timedelta(days=30)
ages = some.lists(some.integers(0, 20), max_size=30).map(sorted)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@given(steps=ages, keys=some.sets(some.integers(1, 200), min_size=30, max_size=30), moment=some.integers(-1, 21))
def test_the_first_row_since_a_moment_is_found(steps: list[int], keys: set[int], moment: int) -> None:
    rows = dict(zip(sorted(keys), (to_micros(START) + step for step in steps), strict=False))
    search = statistics.first_since(statistics.EVENT, START + timedelta(microseconds=moment))
    answer: Any = None
    asked = 0
    try:
        while True:
            ask = search.send(answer)
            assert isinstance(ask, Ask)
            asked += 1
            if ask.values:
                found = min(key for key in rows if key >= ask.values[0])
                answer = [(found, rows[found])]
            else:
                answer = [(min(rows, default=1), max(rows, default=0))]
    except StopIteration as done:
        first = done.value
    since = to_micros(START) + moment
    assert {key for key in rows if key >= first} == {key for key, came_in in rows.items() if came_in >= since}
    assert asked <= 10


async def fill(store: Store) -> None:
    """Store a run with two task runs and an event and a line for each of ten days."""
    flow = await add_flow(store)
    for days in range(10, 0, -1):
        said: dict[str, Any] = {"created": ago(days), "updated": ago(days)}
        run = await add_run(store, flow.id, state=a_state("COMPLETED"), **said)
        for name in "ab":
            await add_task_run(store, run.id, name, state=a_state("COMPLETED"), **said)
        await store.write(event.add, [an_event(received=ago(days), occurred=START, id=uuid7())], BY)
        line = LogCreate(name="n", level=20, message="m", timestamp=START, flow_run_id=run.id)
        await store.write(log.add, [line], ago(days), BY)


async def test_rows_growth_and_what_will_go(store: Store) -> None:
    await fill(store)
    cutoffs = {"event": ago(3.5), "flow_run": ago(8.5)}
    found = await store.read(statistics.read, NOW, cutoffs, True)
    tables = {table.name: table for table in found.tables}
    twice = {"task_run", "task_run_state"}
    for name in ("event", "log", "flow_run", "flow_run_state", *twice):
        table, times = tables[name], 2 if name in twice else 1
        assert table.rows == 10 * times
        assert table.rows_a_day == times  # seven came in within seven days
        assert table.bytes is not None
        assert table.bytes > 0
        assert table.bytes_a_day == round(table.bytes / 10)
    assert found.bytes >= sum(table.bytes or 0 for table in found.tables) > 0
    assert found.bytes_a_day == sum(table.bytes_a_day or 0 for table in found.tables)
    going = {each.table: each.rows for each in found.removals if each.rows}
    assert going == {"event": 7, "flow_run": 2, "flow_run_state": 2}


async def test_an_empty_database(store: Store) -> None:
    found = await store.read(statistics.read, NOW, {"event": NOW}, False)
    assert {table.rows for table in found.tables if table.name not in ("lictor_schema",)} == {0}
    assert {table.rows_a_day for table in found.tables} == {0}
    assert found.bytes_a_day is None
    assert not found.removals


@pytest.mark.parametrize(
    ("table", "owner"),
    [
        ("event", "event"),
        ("flow_run_state", "flow_run"),
        ("task_run_cache", "task_run"),
        ("flow", None),
        ("logs", None),
    ],
)
def test_whose_rows_a_table_holds(table: str, owner: str | None) -> None:
    assert statistics.owner_of(table) == owner
