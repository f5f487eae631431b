"""SQLite and PostgreSQL answer any request with the same rows in the same order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from lictor.kit.json import decode_any
from lictor.store import event, flow, flow_run, log, state, task_run
from lictor.store.address import Postgres
from lictor.store.cursor import START
from lictor.store.postgres import PostgresStore
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Store, Transaction
from lictor.store.where import Unbuilt
from lictor.wire import filters
from lictor.wire.operations.event import ReadEvents
from lictor.wire.operations.flow import CountFlows, ReadFlows
from lictor.wire.operations.flow_run import CountFlowRuns, ReadFlowRuns
from lictor.wire.operations.log import ReadLogs
from lictor.wire.operations.task_run import CountTaskRuns, ReadTaskRuns
from lictor.wire.types.event import EventOrder
from lictor.wire.types.flow import FlowSort
from lictor.wire.types.flow_run import FlowRunSort
from lictor.wire.types.log import LogCreate, LogSort
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRunSort

from .conftest import emptied
from .samples import BY, a_flow, a_run, a_state, a_task_run, an_event, at
from .test_where import FILTERS

TEXTS = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "a b",
    "B",
    "ä",
    "Ä",
    "é",
    "z",
    "Z",
    "_",
    "%",
    "a%",
    "\\",
    '"',
    "'",
    "[]",
    '["a"]',
    "{live}",
]
ODD = ["\x00", "\x01", "a\x00", "\x00\x00", "\x01\x02", "\\u0000", "a\\u0001", "\u2028", "🎉", "\uffff", "😀a"]
text = st.sampled_from(TEXTS + ODD)
plain = st.sampled_from([one for one in TEXTS + ODD if one.isprintable()])
"""SQLite's LIKE reads up to U+0000, and PostgreSQL's finds parts of what U+0000 and U+0001 are kept as."""
IDS = [UUID(int=(n * 7919 % 13) * 2**100 + n, version=4) for n in range(12)]
one_id = st.sampled_from(IDS)
moment = st.integers(0, 6).map(at)
tags = st.lists(text, max_size=3)
maybe = st.none


def some(strategy: st.SearchStrategy[Any], size: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=size)


@st.composite
def contents(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Draw what a database holds."""
    flows = draw(
        st.lists(st.tuples(one_id, plain, tags, moment, moment), max_size=5, unique_by=(lambda f: f[0], lambda f: f[1]))
    )
    a_state_of = st.builds(a_state, st.sampled_from([*StateType]), moment, name=maybe() | text)
    times = st.fixed_dictionaries(
        {
            name: maybe() | moment
            for name in ("expected_start_time", "next_scheduled_start_time", "start_time", "end_time")
        }
        | {
            "tags": tags,
            "total_run_time": st.floats(0, 3).map(lambda seconds: round(seconds, 3)),
            "state": maybe() | a_state_of,
        }
    )
    own = st.fixed_dictionaries(
        {name: maybe() | text for name in ("work_queue_name", "flow_version")}
        | {name: maybe() | one_id for name in ("deployment_id", "parent_task_run_id")}
    )
    of_flow_runs = st.tuples(one_id, one_id, plain, times, own)
    of_task_runs = st.tuples(one_id, maybe() | one_id, plain, times)
    line = st.tuples(st.integers(0, 50), text, moment, maybe() | one_id, maybe() | one_id)
    related = st.lists(st.tuples(plain, plain), max_size=2)
    return {
        "flows": flows,
        "flow_runs": draw(st.lists(of_flow_runs, max_size=9, unique_by=lambda run: run[0])),
        "task_runs": draw(st.lists(of_task_runs, max_size=9, unique_by=lambda run: run[0])),
        "lines": draw(some(some(line, 4), 3)),
        "events": draw(
            st.lists(st.tuples(one_id, plain, plain, moment, related), max_size=9, unique_by=lambda one: one[0])
        ),
    }


async def fill(store: Store, drawn: dict[str, list[Any]]) -> None:
    """Store what was drawn."""

    def work() -> Transaction[None]:
        for flow_id, name, tags, created, updated in drawn["flows"]:
            yield from flow.get_or_create(a_flow(name, id=flow_id, tags=tags, created=created, updated=updated), BY)
        for run_id, flow_id, name, times, own in drawn["flow_runs"]:
            yield from flow_run.insert(made(a_run(flow_id, name, id=run_id, **own, **times)), BY)
        for run_id, flow_run_id, name, times in drawn["task_runs"]:
            run = a_task_run(flow_run_id, name, id=run_id, dynamic_key=str(run_id), **times)
            yield from task_run.insert(made(run), BY)
        for lines in drawn["lines"]:
            told = [
                LogCreate(name="l", level=level, message=message, timestamp=when, flow_run_id=f, task_run_id=t)
                for level, message, when, f, t in lines
            ]
            yield from log.add(told, at(9), BY)
        events = [
            an_event(name, about, when, id=event_id, related=[labelled(*pair) for pair in related])
            for event_id, name, about, when, related in drawn["events"]
        ]
        yield from event.add(events, BY)

    await store.write(work)


def labelled(name: str, role: str) -> dict[str, str]:
    """Return a related resource."""
    return {"prefect.resource.id": name, "prefect.resource.role": role}


def made(run: Any) -> Any:
    """Let a run say what its state says."""
    if run.state is not None:
        run.state.id = UUID(int=run.id.int ^ 1)
        run.state_id, run.state_type, run.state_name = run.state.id, run.state.type, run.state.name
    return run


VALUES: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(0, 50),
    UUID: one_id.map(str),
    str: plain,
    list[str]: some(text, 3),
    datetime: moment.map(lambda when: when.isoformat()),
    StateType: st.sampled_from([*StateType]),
}


def spoken(kind: Any) -> st.SearchStrategy[Any]:
    """Return JSON values of a type."""
    if kind in VALUES:
        return VALUES[kind]
    if isinstance(kind, type) and issubclass(kind, Struct):
        return a_filter(kind)
    origin, inner = get_origin(kind), [part for part in get_args(kind) if part is not NoneType]
    if origin is list:
        return some(spoken(inner[0]), 3)
    if origin is tuple:
        return st.tuples(*map(spoken, inner))
    if origin is dict:
        return st.dictionaries(spoken(inner[0]), spoken(inner[1]), max_size=2)
    return st.one_of([spoken(part) for part in inner])


def a_filter(kind: type[Struct]) -> st.SearchStrategy[Any]:
    """Return filters of a kind, as JSON: what must be said, and a few more fields."""
    hints = {one.name: one.type for one in msgspec.structs.fields(kind)}
    fields = {name: spoken(hint) for name, hint in hints.items() if name not in ("operator", "order", "occurred")}
    if "operator" in hints:
        fields["operator"] = st.sampled_from(["and_", "or_"])
    needed = {one.name for one in msgspec.structs.fields(kind) if one.required}
    few = st.sets(st.sampled_from(sorted(fields)), max_size=3)
    return few.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in sorted(names | needed)}))


def a_body(*resources: str) -> st.SearchStrategy[Any]:
    """Return the filters of a request's body."""
    return st.fixed_dictionaries({}, optional={name: a_filter(FILTERS[name]) for name in resources})


RUNS = ("flows", "flow_runs", "task_runs")
page = st.fixed_dictionaries({"limit": maybe() | st.integers(0, 9), "offset": st.just(0) | st.integers(0, 4)})
OCCURRED = {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
an_event_filter = st.builds(
    lambda said, order: {**said, "occurred": OCCURRED, "order": order},
    a_filter(filters.EventFilter),
    st.sampled_from(EventOrder),
)
requests = st.one_of(
    st.tuples(st.just(ReadFlows), a_body(*RUNS), page, st.sampled_from(FlowSort)),
    st.tuples(st.just(ReadFlowRuns), a_body(*RUNS), page, st.sampled_from(FlowRunSort)),
    st.tuples(st.just(ReadTaskRuns), a_body(*RUNS), page, st.sampled_from(TaskRunSort)),
    st.tuples(st.just(ReadLogs), a_body("logs"), page, st.sampled_from(LogSort)),
    st.tuples(st.just(ReadEvents), an_event_filter, page, st.none()),
)
COUNTS: dict[Any, Any] = {
    ReadFlows: (CountFlows, flow.count),
    ReadFlowRuns: (CountFlowRuns, flow_run.count),
    ReadTaskRuns: (CountTaskRuns, task_run.count),
}
LISTS: dict[Any, Any] = {
    ReadFlows: flow.texts,
    ReadFlowRuns: lambda body: flow_run.texts(body, at(7)),
    ReadTaskRuns: lambda body: task_run.texts(body, at(7)),
    ReadLogs: log.texts,
}


async def answered(store: Store, asked: Any) -> Any:
    """Return what a store answers to a request: rows, a count, and rows as they came in."""
    kind, said, part, sort = asked
    try:
        if kind is ReadEvents:
            sought = msgspec.convert(said, filters.EventFilter)
            limit = 9 if part["limit"] is None else part["limit"]
            rows = await store.read(event.page, sought, limit, part["offset"])
            more: Any = await store.read(event.count, sought)
            followed = (await store.read(event.after, START, sought, 99)).bodies
            return [decoded(rows), more, decoded(followed)]
        rows = await store.read(LISTS[kind], msgspec.convert({**said, **part, "sort": sort}, kind))
        if kind is ReadLogs:
            lines = msgspec.convert(said, ReadLogs).logs
            more = decoded((await store.read(log.after, START, lines, 99)).bodies)
        else:
            count, work = COUNTS[kind]
            more = await store.read(work, msgspec.convert(said, count))
        return [decoded(rows), more]
    except (Unbuilt, msgspec.ValidationError) as refused:
        return type(refused)


def decoded(rows: list[str]) -> list[Any]:
    """Return rows as values; the ids of log lines are drawn as they come in."""
    found = [decode_any(row) for row in rows]
    return [{**one, "id": None} if "level" in one else one for one in found]


@pytest.fixture(scope="session")
def common() -> Iterator[None]:
    """Let values be common from three rows on, so that both ways of finding them are gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lictor.store.run_row.COMMON", 3)
        yield


NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # which takes minutes here


@settings(
    max_examples=40,
    derandomize=True,  # `test` must not fail by chance; more examples are worth a try now and then
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn=contents(), asked=st.lists(requests, min_size=12, max_size=12))
async def test_any_request_is_answered_with_the_same_rows(
    postgres: Postgres, common: None, drawn: dict[str, list[Any]], asked: list[Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = await SQLiteStore.open(str(Path(folder) / "lictor.db"))
        other = await PostgresStore.open(await emptied(postgres))
        try:
            for store in (one, other):
                await fill(store, drawn)
            for request in asked:
                assert await answered(one, request) == await answered(other, request), request
            for run_id, *_ in drawn["flow_runs"]:
                found = [decoded(await store.read(state.texts, "flow_run", run_id)) for store in (one, other)]
                assert found[0] == found[1]
        finally:
            await one.close()
            await other.close()
