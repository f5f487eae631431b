"""What the functions of each resource keep, answer and remove."""

from __future__ import annotations

from typing import Any
from uuid import RFC_4122, UUID

import msgspec
import pytest
from msgspec import Raw

from lictor.kit.clock import in_utc
from lictor.kit.ids import uuid7
from lictor.kit.json import decode_any, encode
from lictor.store import event, flow, flow_run, log, state, task_run
from lictor.store.cursor import START
from lictor.store.dialect import LARGEST, duration, whole
from lictor.store.run_row import stored_run
from lictor.store.transaction import Duplicate, LostRace, NotFound, Store, Transaction
from lictor.wire.filters import EventFilter
from lictor.wire.operations.flow import ReadFlows
from lictor.wire.operations.flow_run import CountFlowRuns, ReadFlowRuns
from lictor.wire.operations.log import ReadLogs
from lictor.wire.operations.task_run import CountTaskRuns, ReadTaskRuns
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.log import Log, LogCreate

from .samples import (
    BY,
    a_flow,
    a_run,
    a_state,
    a_task_run,
    add_flow,
    add_run,
    add_task_run,
    an_event,
    at,
    look,
    names,
)

TRICKY = 'quote \' " \\ back, brace } ] ,"estimated_run_time": \u2028 \x00 ä 🎉 {live} :now ?1 %'


async def test_a_flow_is_made_once_by_its_exact_name(store: Store) -> None:
    text, new = await store.write(flow.get_or_create, a_flow("a", tags=["x"], labels={"n": 1}), BY)
    assert new
    assert await store.write(flow.get_or_create, a_flow("a"), BY) == (text, False)
    other, new = await store.write(flow.get_or_create, a_flow("A"), BY)
    assert new
    assert await store.point(flow.text_by_name, "A") == other
    assert decode_any(text)["labels"] == {"n": 1}


async def test_a_changed_flow_is_read_back_and_its_writer_recorded(store: Store) -> None:
    made = await add_flow(store)
    found = await store.point(flow.load, made.id)
    assert found == made
    found.tags, found.updated = ["new"], at(5)
    await store.write(flow.save, found, "another")
    assert msgspec.json.decode(await store.point(flow.text, made.id), type=Flow) == found
    assert await look(store, "select tags, written_by from flow") == [('["new"]', "another")]
    assert "another" not in await store.point(flow.text, made.id)


@pytest.mark.parametrize(
    ("read", "arguments"),
    [
        (flow.text, ()),
        (flow.load, ()),
        (flow_run.text, (at(0),)),
        (flow_run.load, ()),
        (task_run.text, (at(0),)),
        (task_run.load, ()),
    ],
)
async def test_what_is_not_there_is_not_found(store: Store, read: Any, arguments: Any) -> None:
    with pytest.raises(NotFound):
        await store.point(read, uuid7(), *arguments)


@pytest.mark.parametrize("remove", [flow.delete, flow_run.delete, task_run.delete])
async def test_what_is_not_there_cannot_be_deleted(store: Store, remove: Any) -> None:
    with pytest.raises(NotFound):
        await store.write(remove, uuid7())


@pytest.mark.parametrize("kind", ["flow_run", "task_run"])
async def test_a_run_is_answered_as_it_was_put_in(store: Store, kind: str) -> None:
    home = await add_flow(store)
    fields: dict[str, Any] = {"tags": [TRICKY, "b", "b"], "labels": {TRICKY: 1.5}, "run_count": 10**30}
    fields |= {"state": a_state(message=TRICKY, data=Raw(encode({"a": [TRICKY, 1e300]}))), "total_run_time": 1e300}
    run: Any
    loaded: Any
    if kind == "flow_run":
        run = a_run(home.id, TRICKY, parameters=Raw(encode({TRICKY: None})), idempotency_key=TRICKY, **fields)
        await store.write(flow_run.insert, run, BY)
        text = await store.point(flow_run.text, run.id, at(0))
        loaded = (await store.point(flow_run.load, run.id))[0]
    else:
        run = a_task_run(None, TRICKY, task_version=TRICKY, **fields)
        await store.write(task_run.insert, run, BY)
        text = await store.point(task_run.text, run.id, at(0))
        loaded = (await store.point(task_run.load, run.id))[0]
    expected = decode_any(encode(run))
    assert decode_any(encode(loaded)) == expected
    assert {**decode_any(text), "estimated_run_time": 0.0} == expected
    assert [decode_any(one) for one in await store.read(state.texts, kind, run.id)] == [expected["state"]]  # type: ignore[arg-type]
    assert decode_any(await store.point(state.text, kind, run.state.id)) == expected["state"]  # type: ignore[arg-type]


ESTIMATES = [
    ({}, (0, 0)),
    ({"expected_start_time": at(90)}, (0, 10)),
    ({"expected_start_time": at(110)}, (0, 0)),
    ({"expected_start_time": at(10), "start_time": at(12.5)}, (0, 2.5)),
    ({"expected_start_time": at(10), "start_time": at(7)}, (0, 0)),
    ({"state": a_state("RUNNING", at(40)), "total_run_time": 1.25}, (61.25, 0)),
    ({"state": a_state("RUNNING", at(200)), "total_run_time": 1.25}, (1.25, 0)),
    ({"state": a_state("COMPLETED", at(40)), "total_run_time": 3.000001}, (3.000001, 0)),
    ({"state": a_state("SCHEDULED", at(0)), "expected_start_time": at(99)}, (0, 1)),
    ({"state": a_state("CANCELLED", at(0)), "expected_start_time": at(99)}, (0, 0)),
]


@pytest.mark.parametrize(("fields", "expected"), ESTIMATES)
async def test_estimates_are_worked_out_when_a_run_is_read(store: Store, fields: Any, expected: Any) -> None:
    made = await add_run(store, uuid7(), **fields)
    task = await add_task_run(store, made.id, **fields)
    texts = [
        await store.point(flow_run.text, made.id, at(100)),
        await store.point(task_run.text, task.id, at(100)),
        *(await store.read(flow_run.texts, ReadFlowRuns(), at(100))),
        *(await store.read(task_run.texts, ReadTaskRuns(), at(100))),
    ]
    for text in texts:
        found = decode_any(text)
        assert (found["estimated_run_time"], found["estimated_start_time_delta"]) == pytest.approx(expected)
    assert {tuple(decode_any(text))[-2:] for text in texts} == {("estimated_run_time", "estimated_start_time_delta")}


def test_what_is_stored_of_a_run_lacks_its_estimates() -> None:
    run = a_run(uuid7(), estimated_run_time=3.0)
    assert msgspec.json.decode(stored_run(run) + "}", type=FlowRun) == run


async def test_a_move_writes_run_history_and_event_together_or_not_at_all(store: Store) -> None:
    made = await add_run(store, uuid7(), state=a_state("PENDING"), tags=["a"])
    run, stored = await store.point(flow_run.load, made.id)
    run.state, run.start_time, run.tags = a_state("RUNNING", at(1)), at(1), ["b"]
    run.state_type, run.state_name = run.state.type, run.state.name
    told = an_event()
    await store.write(flow_run.move, run, stored, "mover", event.ask(told, "mover"))
    again, _ = await store.point(flow_run.load, made.id)
    assert again == run
    assert await look(store, "select state_type, state_timestamp, start_or_expected, written_by from flow_run") == [
        ("RUNNING", 1772366401000000, 1772366401000000, "mover")
    ]
    assert await look(store, "select tag from flow_run_tag") == [("b",)]
    assert [decode_any(text)["type"] for text in await store.read(state.texts, "flow_run", run.id)] == [
        "PENDING",
        "RUNNING",
    ]
    run.state = a_state("COMPLETED", at(2))
    with pytest.raises(LostRace):
        await store.write(flow_run.move, run, stored, BY, event.ask(an_event(), BY))
    assert await look(store, "select count(*) from event") == [(1,)]
    assert (await store.point(flow_run.load, made.id))[0] == again


async def test_only_what_changed_is_written(store: Store) -> None:
    made = await add_task_run(store, None, state=a_state("PENDING"))
    run, stored = await store.point(task_run.load, made.id)
    run.name = "renamed"
    (asked,) = list(task_run.save(run, stored, BY))
    assert asked.guard.query.text.startswith("update task_run set name = :name, body = :body")  # type: ignore[union-attr]


async def test_keys_are_unique(store: Store) -> None:
    first, second = await add_flow(store, "first"), await add_flow(store, "second")
    made = await add_run(store, first.id, idempotency_key="k")
    with pytest.raises(Duplicate):
        await add_run(store, first.id, idempotency_key="k")
    await add_run(store, second.id, idempotency_key="k")
    await add_run(store, first.id)
    await add_run(store, first.id)
    assert await store.point(flow_run.find, first.id, "k") == made.id
    assert await store.point(flow_run.find, first.id, "other") is None
    for home in (made.id, None):
        task = await add_task_run(store, home)
        with pytest.raises(Duplicate):
            await add_task_run(store, home)
        assert await store.point(task_run.find, home, "key", "task") == task.id
        assert await store.point(task_run.exists, task.id)
    assert not await store.point(task_run.exists, made.id)


SORTED = {
    "ID_DESC": ["3", "2", "1", "0"],
    "START_TIME_ASC": ["3", "1", "2", "0"],
    "START_TIME_DESC": ["0", "2", "1", "3"],
    "EXPECTED_START_TIME_ASC": ["3", "0", "2", "1"],
    "EXPECTED_START_TIME_DESC": ["1", "2", "0", "3"],
    "NAME_ASC": ["0", "1", "2", "3"],
    "NAME_DESC": ["3", "2", "1", "0"],
    "NEXT_SCHEDULED_START_TIME_ASC": ["0", "1", "3", "2"],
    "END_TIME_DESC": ["1", "3", "0", "2"],
    "DURATION_DESC": ["2", "0", "1", "3"],
    "DURATION_ASC": ["3", "1", "0", "2"],
}
MOMENTS = [  # expected, start, next, end, duration
    (1, 9, None, 2, 3),
    (4, 2, 5, 6, 2),
    (3, None, 8, None, 4),
    (None, None, 7, 5, 1),
]


def moments(number: int) -> dict[str, Any]:
    fields = ("expected_start_time", "start_time", "next_scheduled_start_time", "end_time")
    times = {name: None if value is None else at(value) for name, value in zip(fields, MOMENTS[number], strict=False)}
    return {**times, "total_run_time": float(MOMENTS[number][4] or 0)}


@pytest.mark.parametrize("sort", SORTED)
async def test_runs_are_listed_in_every_order(store: Store, sort: str) -> None:
    home = uuid7()
    for number in range(4):
        await add_run(store, home, str(number), **moments(number))
        await add_task_run(store, home, str(number), **moments(number))
    kinds: list[Any] = [
        (ReadFlowRuns, flow_run.texts, flow_run.count),
        (ReadTaskRuns, task_run.texts, task_run.count),
    ]
    for body, work, counted in kinds:
        try:
            asked: Any = msgspec.convert({"sort": sort, "limit": 2, "offset": 1}, body)
        except msgspec.ValidationError:
            continue
        assert names(await store.read(work, asked, at(0))) == SORTED[sort][1:3]
        asked.limit, asked.offset = None, 10**30
        assert await store.read(work, asked, at(0)) == []
        asked.offset = 0
        assert names(await store.read(work, asked, at(0))) == SORTED[sort]
        assert await store.read(counted, asked) == 4


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("NAME_ASC", ["B", "a", "c"]),
        ("NAME_DESC", ["c", "a", "B"]),
        ("CREATED_DESC", ["c", "B", "a"]),
        ("UPDATED_DESC", ["a", "B", "c"]),
    ],
)
async def test_flows_are_listed_in_every_order(store: Store, sort: str, expected: list[str]) -> None:
    for number, name in enumerate(["a", "B", "c"]):
        await add_flow(store, name, created=at(number), updated=at(-number))
    asked = msgspec.convert({"sort": sort}, ReadFlows)
    assert names(await store.read(flow.texts, asked)) == expected
    assert await store.read(flow.count, asked) == 3


async def test_deleting_a_flow_deletes_all_that_is_of_its_runs_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.store.flow.SLICE", 2)
    for name in ("gone", "kept"):
        home = await add_flow(store, name)
        for number in range(2):
            run = await add_run(store, home.id, f"{name} {number}", state=a_state(), tags=[name])
            for task in range(3):
                one = await add_task_run(store, run.id, f"{name} {task}", state=a_state(), tags=[name])
                line = LogCreate(
                    name="l", level=20, message=name, timestamp=at(0), flow_run_id=run.id, task_run_id=one.id
                )
                await store.write(log.add, [line] * 2, at(0), BY)
    gone = decode_any(await store.point(flow.text_by_name, "gone"))
    before = await counts(store)
    slices = 0
    while await store.write(flow.delete_some_runs, UUID(gone["id"])):
        slices += 1
    await store.write(flow.delete, UUID(gone["id"]))
    assert slices > 10
    assert await counts(store) == {table: number // 2 for table, number in before.items()}
    assert before["log"] == 12
    assert set(names(await store.read(flow_run.texts, ReadFlowRuns(), at(0)))) == {"kept 0", "kept 1"}
    await store.write(flow.delete, UUID(decode_any(await store.point(flow.text_by_name, "kept"))["id"]))
    assert set((await counts(store)).values()) == {0}


async def counts(store: Store) -> dict[str, int]:
    tables = ("flow", "flow_run", "flow_run_tag", "flow_run_state", "task_run", "task_run_tag", "task_run_state", "log")
    return {table: (await look(store, f"select count(*) from {table}"))[0][0] for table in tables}


async def test_deleting_a_run_deletes_what_is_of_it(store: Store) -> None:
    run = await add_run(store, uuid7(), state=a_state())
    task = await add_task_run(store, run.id, "one", state=a_state())
    other = await add_task_run(store, run.id, "two", state=a_state())
    await store.write(task_run.delete, task.id)
    assert await store.read(task_run.count, CountTaskRuns()) == 1
    assert await store.read(state.texts, "task_run", task.id) == []
    assert len(await store.read(state.texts, "task_run", other.id)) == 1
    await store.write(flow_run.delete, run.id)
    assert await store.read(flow_run.count, CountFlowRuns()) == 0
    assert await store.read(task_run.count, CountTaskRuns()) == 0
    assert await store.read(state.texts, "flow_run", run.id) == []


async def test_states_are_listed_oldest_first(store: Store) -> None:
    run = await add_run(store, uuid7(), state=a_state("PENDING", at(2)))
    for kind, seconds in (("RUNNING", 3), ("SCHEDULED", 1)):
        run, stored = await store.point(flow_run.load, run.id)
        run.state = a_state(kind, at(seconds))
        await store.write(flow_run.move, run, stored, BY)
    found = [decode_any(text)["type"] for text in await store.read(state.texts, "flow_run", run.id)]
    assert found == ["SCHEDULED", "PENDING", "RUNNING"]


async def test_log_lines_are_answered_as_they_came(store: Store) -> None:
    lines = [
        LogCreate(name="one", level=10**30, message=TRICKY, timestamp=at(5), flow_run_id=uuid7()),
        LogCreate(name="two", level=-1, message="", timestamp=at(4).replace(tzinfo=None), task_run_id=uuid7()),
    ]
    await store.write(log.add, lines, at(9), BY)
    found = [msgspec.json.decode(text, type=Log) for text in await store.read(log.texts, ReadLogs())]
    assert [one.name for one in found] == ["two", "one"]
    for one, line in zip(found, reversed(lines), strict=True):
        assert {name: getattr(one, name) for name in LogCreate.__struct_fields__} == {
            **msgspec.structs.asdict(line),
            "timestamp": in_utc(line.timestamp),
        }
        assert one.created == one.updated == at(9)
        assert one.id.version == 7
    assert found[0].timestamp == at(4)
    page = await store.read(log.after, START, None, 1)
    assert (len(page.bodies), page.more) == (1, True)
    page = await store.read(log.after, page.cursor, None, 10)
    assert (len(page.bodies), page.more) == (1, False)
    assert (await store.read(log.after, page.cursor, None, 10)).bodies == []


async def test_ids_of_lines_are_valid_and_differ(store: Store) -> None:
    runs = [uuid7(), None]
    lines = [
        LogCreate(name="l", level=20, message=str(n), timestamp=at(n), flow_run_id=runs[n % 2]) for n in range(1000)
    ]
    await store.write(log.add, lines, at(9), BY)
    found = [decode_any(text) for text in await store.read(log.texts, ReadLogs())]
    assert [one["message"] for one in found] == [line.message for line in lines]
    ids = [UUID(one["id"]) for one in found]
    assert len(set(ids)) == 1000
    assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}


def test_the_values_of_a_block_stand_in_the_order_of_its_query() -> None:
    names = ("id", "flow_run_id", "task_run_id", "received", "first", "last", "lowest", "highest", "lines", "by")
    assert log.SQL["insert"].parameters == names


async def test_an_event_is_stored_once(store: Store) -> None:
    one, two = an_event("one", occurred=at(1)), an_event("two", occurred=at(2), payload=Raw(b'{"a": 1}'))
    await store.write(event.add, [one, two], BY)
    await store.write(event.add, [two, one, two], BY)

    def again() -> Transaction[None]:
        yield event.ask(one, BY)

    await store.write(again)
    wanted = msgspec.convert(
        {"occurred": {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}}, EventFilter
    )
    assert await store.read(event.count, wanted) == 2
    page = await store.read(event.after, START, wanted, 10)
    assert [decode_any(text) for text in page.bodies] == [decode_any(encode(received)) for received in (one, two)]
    newest = await store.point(event.end)  # on PostgreSQL it moves on by itself, with whatever else goes on there
    assert not page.more
    first = await store.read(event.after, START, wanted, 1)
    assert (first.bodies, first.more) == (page.bodies[:1], True)
    for cursor, expected in ((first.cursor, page.bodies[1:]), (page.cursor, []), (newest, [])):
        found = await store.read(event.after, cursor, wanted, 10)
        assert (found.bodies, found.more) == (expected, False)
    for seconds, expected in ((0, page.bodies), (2, page.bodies[1:]), (3, [])):
        behind = await store.read(event.since, at(seconds))
        found = await store.read(event.after, behind, wanted, 10)
        assert (found.bodies, found.more) == (expected, False)
    assert await store.read(event.page, wanted, 1, 1) == page.bodies[:1]


@pytest.mark.parametrize(
    ("number", "kept"), [(1.9, 1), (1e300, LARGEST), (-1e300, -LARGEST), (10**30, LARGEST), (7, 7)]
)
def test_numbers_fit_their_columns(number: float, kept: int) -> None:
    assert whole(number) == kept
    assert duration(0.25) == 250_000
