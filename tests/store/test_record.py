"""Task runs that clients report: in any order, in batches of any size, more than once."""

from __future__ import annotations

import asyncio
import tempfile
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any
from lictor.store import state, task_run
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Ask, Each, Store
from lictor.wire.types.task_run import TaskRun

from .samples import BY, at, look, reported, rows

FLOW_RUN = uuid7()
RECEIVED = at(1000)
LIVES = [
    reported(run_id, flow_run_id, kind, seconds, name=name, run_count=step, tags=["a", name][: step + 1])
    for run_id, flow_run_id, name in [(uuid7(), FLOW_RUN, "one"), (uuid7(), FLOW_RUN, "two"), (uuid7(), None, "one")]
    for step, (kind, seconds) in enumerate([("PENDING", 1), ("RUNNING", 2), ("COMPLETED", 3), ("RUNNING", 3)])
]
ORDERS = st.permutations(range(len(LIVES)))
REPEATED = st.lists(st.sampled_from(range(len(LIVES))), max_size=8)
CUTS = st.lists(st.integers(1, 18), max_size=6)


def copy(run: TaskRun) -> TaskRun:
    return msgspec.json.decode(msgspec.json.encode(run), type=TaskRun)


def sliced(order: list[int], cuts: list[int]) -> list[list[TaskRun]]:
    edges = [0, *sorted(set(cuts)), len(order)]
    return [[copy(LIVES[number]) for number in order[start:end]] for start, end in pairwise(edges)]


def contents(path: str) -> list[Any]:
    runs = rows(path, "select * from task_run order by id")
    columns = [name for (name,) in rows(path, "select name from pragma_table_info('task_run')")]
    kept = [dict(zip(columns, row, strict=True)) for row in runs]
    for row in kept:
        del row["number"], row["version"]
    tags = rows(path, "select * from task_run_tag order by 1, 2")
    return [kept, tags, rows(path, "select * from task_run_state order by id")]


class Memory:
    """The result of the reports in their own order, to compare others with."""

    expected: list[Any] | None = None


@settings(max_examples=40, deadline=None)
@given(ORDERS, REPEATED, CUTS)
def test_any_order_with_any_repetition_gives_the_same_rows(order: list[int], again: list[int], cuts: list[int]) -> None:
    if Memory.expected is None:
        Memory.expected = asyncio.run(recorded([[copy(one)] for one in LIVES]))
        assert [len(table) for table in Memory.expected] == [3, 6, len(LIVES)]
    assert asyncio.run(recorded(sliced([*order, *again], cuts))) == Memory.expected


async def recorded(groups: list[list[TaskRun]]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "lictor.db")
        store = await SQLiteStore.open(path)
        for group in groups:
            await store.write(task_run.record, group, RECEIVED, BY)
        await store.close()
        return contents(path)


async def read(store: Store, run_id: UUID) -> Any:
    return decode_any(await store.point(task_run.text, run_id, RECEIVED))


async def test_the_newest_state_is_the_runs(store: Store) -> None:
    run_id = uuid7()
    await store.write(task_run.record, [reported(run_id, FLOW_RUN, "COMPLETED", 3, run_count=2)], at(10), BY)
    await store.write(task_run.record, [reported(run_id, FLOW_RUN, "RUNNING", 2, run_count=1)], at(20), BY)
    found = await read(store, run_id)
    assert (found["state"]["type"], found["run_count"]) == ("COMPLETED", 2)
    assert found["created"] == found["updated"] == "2026-03-01T12:00:10Z"
    await store.write(task_run.record, [reported(run_id, FLOW_RUN, "FAILED", 4)], at(30), BY)
    found = await read(store, run_id)
    assert (found["created"], found["updated"]) == ("2026-03-01T12:00:10Z", "2026-03-01T12:00:30Z")
    history = [decode_any(text)["type"] for text in await store.read(state.texts, "task_run", run_id)]
    assert history == ["RUNNING", "COMPLETED", "FAILED"]


@pytest.mark.parametrize("flow_run_id", [FLOW_RUN, None], ids=["of a flow run", "of none"])
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
async def test_the_same_keys_with_another_id_are_the_same_run(
    store: Store, flow_run_id: UUID | None, together: bool
) -> None:
    first, second = reported(uuid7(), flow_run_id, "PENDING", 1), reported(uuid7(), flow_run_id, "RUNNING", 2)
    kept = first.id
    for batch in [[second, first]] if together else [[first], [second]]:
        await store.write(task_run.record, batch, RECEIVED, BY)
    assert await look(store, "select id, state_type from task_run") == [(kept.bytes, "RUNNING")]
    assert await look(store, "select distinct run_id from task_run_state") == [(kept.bytes,)]
    assert (await read(store, kept))["id"] == str(kept)
    assert await store.point(task_run.find, flow_run_id, "key", "add") == kept


async def test_keys_are_told_apart_however_they_are_cut(store: Store) -> None:
    pairs = [("a", "bc"), ("ab", "c"), ("1:a", "b"), ("", "abc")]
    number = count()
    for task_key, dynamic_key in pairs:
        run = reported(uuid7(), FLOW_RUN, "PENDING", next(number))
        run.task_key, run.dynamic_key = task_key, dynamic_key
        await store.write(task_run.record, [run], RECEIVED, BY)
    found = {await store.point(task_run.find, FLOW_RUN, *pair) for pair in pairs}
    assert None not in found
    assert len(found) == len(pairs)
    assert await store.point(task_run.find, uuid7(), "a", "bc") is None


def test_a_batch_costs_few_statements() -> None:
    work = task_run.record(
        [reported(uuid7(), FLOW_RUN, kind, 1, name=str(n)) for n in range(99) for kind in ("PENDING",)], RECEIVED, BY
    )
    asked: list[Ask | Each | Any] = [work.send(None)]  # type: ignore[arg-type]
    try:
        while True:
            asked.append(work.send(()))
    except StopIteration:
        assert [type(one) for one in asked] == [Ask, Ask, Each, Each]
