"""Log lines lie in blocks; a page of them is what comparing and sorting all lines one by one would give."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lictor.kit.clock import in_utc, to_micros
from lictor.kit.json import decode_any
from lictor.store import log
from lictor.store.cursor import START
from lictor.store.migrate import apply, connect, create, migrations
from lictor.store.sqlite import SQLiteStore
from lictor.wire.operations.log import ReadLogs
from lictor.wire.types.log import LogCreate, LogSort

from .samples import BY, at, look

RUNS = [None, *(UUID(int=number + (7 << 76) + (8 << 60)) for number in (1, 2))]
seconds = st.integers(0, 40)
line = st.tuples(seconds, st.sampled_from([10, 20, 30]), st.sampled_from(RUNS), st.sampled_from(RUNS))
batch = st.lists(line, min_size=1, max_size=30)
ids = st.lists(st.sampled_from(RUNS[1:]).map(str), max_size=2)


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any] | None]:
    return st.none() | st.fixed_dictionaries({}, optional=fields)


moment = seconds.map(lambda number: at(number).isoformat())
sought = st.none() | st.fixed_dictionaries(
    {"operator": st.sampled_from(["and_", "or_"])},
    optional={
        "level": maybe(ge_=st.integers(5, 35), le_=st.integers(5, 35)),
        "timestamp": maybe(after_=moment, before_=moment),
        "flow_run_id": maybe(any_=ids),
        "task_run_id": maybe(any_=ids, is_null_=st.booleans()),
    },
)


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "ge_": lambda value, bound: value >= bound,
    "le_": lambda value, bound: value <= bound,
    "after_": lambda value, bound: value >= datetime.fromisoformat(bound),
    "before_": lambda value, bound: value <= datetime.fromisoformat(bound),
    "any_": lambda value, some: str(value) in some,
    "is_null_": lambda value, null: (value is None) == null,
}


def says(part: Any) -> bool:
    """Tell whether a part of a filter says anything."""
    return part is not None and any(value is not None for value in part.values())


def matches(line: LogCreate, wanted: dict[str, Any] | None) -> bool:
    """Compare one line with a filter."""
    wanted = dict(wanted or {})
    every = wanted.pop("operator", "and_") == "and_"
    found: list[bool] = []
    for name, part in wanted.items():
        if not says(part):
            continue
        value = {"timestamp": in_utc(line.timestamp)}.get(name, getattr(line, name))
        found.append(all(TESTS[operator](value, bound) for operator, bound in part.items() if bound is not None))
    return (all if every else any)(found) if found else True


@settings(max_examples=150, deadline=None)
@given(
    batches=st.lists(batch, max_size=40),
    wanted=sought,
    offset=st.integers(0, 60),
    limit=st.none() | st.integers(0, 60),
    sort=st.sampled_from(LogSort),
)
async def test_a_page_is_what_sorting_every_line_would_give(
    tmp_path_factory: Any, batches: list[Any], wanted: Any, offset: int, limit: int | None, sort: LogSort
) -> None:
    folder: Path = tmp_path_factory.mktemp("log")
    store = await SQLiteStore.open(str(folder / "lictor.db"))
    lines = []
    for number, lot in enumerate(batches):
        made = [
            LogCreate(
                name="l", level=level, message=f"{number}.{place}", timestamp=at(time), flow_run_id=f, task_run_id=t
            )
            for place, (time, level, f, t) in enumerate(lot)
        ]
        lines += made
        await store.write(log.add, made, at(99), BY)
    asked = msgspec.convert({"logs": wanted, "offset": offset, "limit": limit, "sort": sort}, ReadLogs)
    found = [decode_any(text) for text in await store.read(log.texts, asked)]
    everything = msgspec.structs.replace(asked, offset=0, limit=None)
    every = [decode_any(text) for text in await store.read(log.texts, everything)]
    streamed = (await store.read(log.after, START, asked.logs, 10_000)).bodies
    await store.close()
    expected = [line for line in lines if matches(line, wanted)]
    assert sorted(one["message"] for one in every) == sorted(line.message for line in expected)
    assert sorted(decode_any(text)["message"] for text in streamed) == sorted(line.message for line in expected)
    times = [datetime.fromisoformat(one["timestamp"]) for one in every]
    assert times == sorted(times, reverse=sort == LogSort.TIMESTAMP_DESC)
    assert found == every[offset : None if limit is None else offset + limit]


async def test_many_lines_of_one_request_are_cut_into_blocks(tmp_path: Path) -> None:
    store = await SQLiteStore.open(str(tmp_path / "lictor.db"))
    lines = [
        LogCreate(name="l", level=20, message=str(n), timestamp=at(0) + timedelta(seconds=n)) for n in range(1_001)
    ]
    await store.write(log.add, lines, at(9), BY)
    assert await look(store, "select count(*) from log") == [(-(-1_001 // log.LARGEST_BLOCK),)]
    page = await store.read(log.texts, ReadLogs(offset=500, limit=3))
    backwards = await store.read(log.texts, ReadLogs(offset=500, limit=3, sort=LogSort.TIMESTAMP_DESC))
    await store.close()
    assert [decode_any(text)["message"] for text in page] == ["500", "501", "502"]
    assert [decode_any(text)["message"] for text in backwards] == ["500", "499", "498"]


async def test_a_batch_that_is_sent_again_is_stored_once(tmp_path: Path) -> None:
    store = await SQLiteStore.open(str(tmp_path / "lictor.db"))
    lines = [
        LogCreate(name="l", level=20, message=str(n), timestamp=at(n % 7), flow_run_id=RUNS[n % 3]) for n in range(999)
    ]
    key, other = UUID(int=7 << 76), UUID(int=8 << 76)
    first, again = log.Batch(key, again=False), log.Batch(key, again=True)
    await store.write(log.add, lines[:500], at(9), BY, first)
    for batch in (again, log.Batch(other, again=True)):  # the second never arrived before
        await store.write(log.add, lines[:500] if batch is again else lines[500:], at(9), BY, batch)
        await store.write(log.add, lines[:500] if batch is again else lines[500:], at(9), BY, batch)
    found = [decode_any(text) for text in await store.read(log.texts, ReadLogs(limit=None))]
    await store.close()
    assert sorted(int(one["message"]) for one in found) == list(range(999))
    assert len({one["id"] for one in found}) == 999
    assert {UUID(one["id"]).version for one in found} == {7}


async def test_lines_of_an_older_schema_are_kept(tmp_path: Path) -> None:
    path, run = str(tmp_path / "lictor.db"), UUID(int=1)
    create(path)
    with closing(connect(path, "rw")) as db:
        number, text = migrations()[0]
        apply(db, number, text)
        for place in range(3):
            line = {
                "id": str(UUID(int=10 + place)),
                "created": "2026-01-01T00:00:00Z",
                "updated": "2026-01-01T00:00:00Z",
                "name": "l",
                "level": 10 * place,
                "message": f'ä "{place}" \n',
                "timestamp": at(place).isoformat(),
                "flow_run_id": str(run),
                "task_run_id": None,
            }
            db.execute(
                "insert into log (flow_run_id, task_run_id, level, timestamp, body, written_by) values (?, ?, ?, ?, ?, ?)",
                (run.bytes, None, 10 * place, to_micros(at(place)), json.dumps(line), "somebody"),
            )
    store = await SQLiteStore.open(path)
    found = [decode_any(text) for text in await store.read(log.texts, ReadLogs())]
    await store.write(log.add, [LogCreate(name="l", level=20, message="new", timestamp=at(9))], at(9), BY)
    newest = await look(store, "select max(position) from log")
    await store.close()
    assert [one["message"] for one in found] == [f'ä "{place}" \n' for place in range(3)]
    assert [one["id"] for one in found] == [str(UUID(int=10 + place)) for place in range(3)]
    assert [one["level"] for one in found] == [0, 10, 20]
    assert {one["flow_run_id"] for one in found} == {str(run)}
    assert newest == [(4,)]
