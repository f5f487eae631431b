"""Filters: what each field matches, and that none is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from lictor.store import event, flow, flow_run, log, task_run
from lictor.store.cursor import START
from lictor.store.relations import RELATIONS
from lictor.store.run_row import COMMON
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Ask, Query, Store, Transaction
from lictor.store.where import RULES, Where
from lictor.wire import filters
from lictor.wire.operations.deployment import CountDeployments
from lictor.wire.operations.event import ReadEvents
from lictor.wire.operations.flow import CountFlows, ReadFlows
from lictor.wire.operations.flow_run import CountFlowRuns, ReadFlowRuns
from lictor.wire.operations.log import ReadLogs
from lictor.wire.operations.task_run import CountTaskRuns, ReadTaskRuns
from lictor.wire.types.log import LogCreate
from lictor.wire.types.state import StateType
from lictor.wire.types.worker import WorkerStatus

from .samples import BY, a_state, add_flow, add_run, add_task_run, an_event, at, look, names

FILTERS: dict[str, type[Struct]] = {
    "flows": filters.FlowFilter,
    "flow_runs": filters.FlowRunFilter,
    "task_runs": filters.TaskRunFilter,
    "deployments": filters.DeploymentFilter,
    "work_pools": filters.WorkPoolFilter,
    "work_pool_queues": filters.WorkQueueFilter,
    "workers": filters.WorkerFilter,
    "logs": filters.LogFilter,
    "events": filters.EventFilter,
    "artifacts": filters.ArtifactFilter,
    "variables": filters.VariableFilter,
    "block_types": filters.BlockTypeFilter,
    "block_schemas": filters.BlockSchemaFilter,
    "block_documents": filters.BlockDocumentFilter,
}
ONE_ID = "01940000-0000-7000-8000-000000000000"
WIDE = {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
EXAMPLES: dict[Any, Any] = {bool: True, int: 3, str: "text", UUID: ONE_ID, "datetime": "2026-03-01T12:00:00Z"}


def example(kind: Any) -> Any:
    """Return a JSON value of a type that says something."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, StateType | WorkerStatus):
        return "RUNNING" if kind is StateType else "ONLINE"
    if kind in EXAMPLES:
        return EXAMPLES[kind]
    if origin in (list, tuple):
        return [example(one) for one in inner]
    if origin is dict:
        return {"label": "value"}
    return example(inner[0]) if inner else EXAMPLES["datetime"]


def structs_in(kind: Any) -> list[type[Struct]]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return [kind]
    return [found for inner in get_args(kind) for found in structs_in(inner)]


def fields(kind: type[Struct], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Walk every field of a filter and of its parts, each with a value."""
    for name, hint in ((one.name, one.type) for one in msgspec.structs.fields(kind)):
        if name in ("operator", "order"):
            continue
        parts = structs_in(hint)
        if parts:
            yield from fields(parts[0], (*path, name))
        else:
            yield (*path, name), example(hint)


ALL_FIELDS = [(resource, *found) for resource, kind in FILTERS.items() for found in fields(kind, ())]


@pytest.mark.parametrize(("resource", "path", "value"), ALL_FIELDS, ids=[".".join((r, *p)) for r, p, _ in ALL_FIELDS])
def test_every_field_says_something_or_is_refused(resource: str, path: tuple[str, ...], value: Any) -> None:
    spoken: Any = value
    for name in reversed(path):
        spoken = {name: spoken}
    base = {"occurred": WIDE} if resource == "events" else {}
    if path[0] == "occurred":
        spoken = {"occurred": {**WIDE, **spoken["occurred"]}}
    if path[0] == "concurrency_limit":  # the field has lost its meaning
        assert said(FILTERS[resource], resource, {**base, **spoken}) == said(FILTERS[resource], resource, base)
    elif path != ("resource", "distinct"):
        assert said(FILTERS[resource], resource, {**base, **spoken}) != said(FILTERS[resource], resource, base)


def said(kind: type[Struct], resource: str, spoken: Any) -> tuple[str, dict[str, Any]]:
    """Return the SQL of a filter, and its values."""
    where = Where()
    return where.matching(msgspec.convert(spoken, kind), resource), where.values


def test_the_lists_of_rules_name_only_what_the_contract_has() -> None:
    known = {".".join((resource, *path[:depth])) for resource, path, _ in ALL_FIELDS for depth in range(len(path) + 1)}
    inexact = {
        f"{r}.{f}.is_null_" for r, f in [("flow_runs", "expected_start_time"), ("task_runs", "expected_start_time")]
    }
    known.add("artifacts.latest_id.any_")  # of the latest ones of keys; their filter shares all other rules
    assert RULES.keys() - known <= inexact | {"flow_runs.next_scheduled_start_time.is_null_", "logs.timestamp.is_null_"}


@pytest.mark.parametrize("body", [CountFlows, CountFlowRuns, CountTaskRuns, CountDeployments])
def test_every_filter_of_a_body_bears_on_its_rows(body: type[Struct]) -> None:
    table = {CountFlows: "flow", CountFlowRuns: "flow_run", CountTaskRuns: "task_run", CountDeployments: "deployment"}[
        body
    ]
    for name in body.__struct_fields__:
        asked = body(**{name: FILTERS[name]()})
        assert (table, name) in RELATIONS
        Where().rows_of(table, asked)


@pytest.fixture
async def full(store: Store) -> Store:
    """Give a store with a few flows, runs and task runs."""
    first = await add_flow(store, "First", tags=["x"])
    await add_flow(store, "second")
    await add_run(
        store,
        first.id,
        "late",
        state=a_state("SCHEDULED"),
        tags=["a", "b"],
        idempotency_key="k",
        expected_start_time=at(-9),
    )
    await add_run(store, first.id, "soon", state=a_state("SCHEDULED"), tags=["a"], expected_start_time=at(90))
    running = await add_run(
        store, first.id, "on", state=a_state("RUNNING", name="Retrying"), start_time=at(1), flow_version="2"
    )
    await add_run(
        store,
        first.id,
        "done",
        state=a_state("COMPLETED"),
        start_time=at(2),
        end_time=at(3),
        deployment_id=UUID(ONE_ID),
    )
    await add_run(store, first.id, "bare")
    await add_task_run(store, running.id, "add", state=a_state("RUNNING"), tags=["q"], start_time=at(5))
    parent = await add_task_run(store, running.id, "sub", state=a_state("COMPLETED"), end_time=at(7))
    await add_task_run(store, None, "alone", expected_start_time=at(8))
    await add_run(store, first.id, "child", parent_task_run_id=parent.id)
    return store


ALL = {"late", "soon", "on", "done", "bare", "child"}
FLOW_RUN_CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, ALL),
    ({"operator": "or_"}, ALL),
    ({"id": {"any_": []}}, set()),
    ({"id": {"any_": [ONE_ID]}}, set()),
    ({"id": {"not_any_": []}}, ALL),
    ({"id": {"not_any_": [ONE_ID]}}, ALL),
    ({"name": {"any_": ["on", "done", "x"]}}, {"on", "done"}),
    ({"name": {"any_": []}}, set()),
    ({"name": {"like_": "ON"}}, {"on", "soon", "done"}),
    ({"name": {"like_": "s%n"}}, {"soon"}),
    ({"name": {"like_": "l_te"}}, {"late"}),
    ({"tags": {"all_": []}}, ALL),
    ({"tags": {"any_": []}}, set()),
    ({"tags": {"all_": ["a"]}}, {"late", "soon"}),
    ({"tags": {"all_": ["a", "b", "a"]}}, {"late"}),
    ({"tags": {"any_": ["b", "z"]}}, {"late"}),
    ({"tags": {"is_null_": True}}, ALL - {"late", "soon"}),
    ({"tags": {"is_null_": False}}, {"late", "soon"}),
    ({"tags": {"operator": "or_", "all_": ["b"], "is_null_": True}}, ALL - {"soon"}),
    ({"state": {}}, ALL),
    ({"state": {"type": {"any_": []}}}, set()),
    ({"state": {"type": {"any_": ["RUNNING", "COMPLETED"]}}}, {"on", "done"}),
    ({"state": {"type": {"not_any_": ["SCHEDULED"]}}}, {"on", "done"}),
    ({"state": {"name": {"any_": ["Retrying"]}}}, {"on"}),
    ({"state": {"name": {"not_any_": ["Retrying"]}}}, {"late", "soon", "done"}),
    ({"state": {"operator": "or_", "type": {"any_": ["COMPLETED"]}, "name": {"any_": ["Retrying"]}}}, {"on", "done"}),
    ({"state": {"type": {"any_": ["COMPLETED"]}, "name": {"any_": ["Retrying"]}}}, set()),
    ({"operator": "or_", "name": {"any_": ["on"]}, "tags": {"all_": ["b"]}}, {"on", "late"}),
    ({"name": {"any_": ["on"]}, "tags": {"all_": ["b"]}}, set()),
    ({"start_time": {"after_": "2026-03-01T12:00:02Z"}}, {"done", "soon"}),
    ({"start_time": {"before_": "2026-03-01T12:00:01+00:00"}}, {"on", "late"}),
    ({"start_time": {"is_null_": True}}, ALL - {"on", "done"}),
    ({"end_time": {"before_": "2026-03-01T12:00:03Z"}}, {"done"}),
    ({"end_time": {"is_null_": False}}, {"done"}),
    ({"expected_start_time": {"before_": "2026-03-01T12:00:00Z"}}, {"late"}),
    ({"next_scheduled_start_time": {"after_": "2026-03-01T12:00:00Z"}}, set()),
    ({"deployment_id": {"any_": [ONE_ID]}}, {"done"}),
    ({"deployment_id": {"is_null_": True}}, ALL - {"done"}),
    ({"idempotency_key": {"any_": ["k"]}}, {"late"}),
    ({"idempotency_key": {"not_any_": ["other"]}}, {"late"}),
    ({"flow_version": {"any_": ["2"]}}, {"on"}),
    ({"work_queue_name": {"is_null_": True}}, ALL),
    ({"parent_task_run_id": {"is_null_": False}}, {"child"}),
    ({"parent_flow_run_id": {"any_": [ONE_ID]}}, set()),
]


@pytest.mark.parametrize(("sought", "expected"), FLOW_RUN_CASES, ids=[str(sought) for sought, _ in FLOW_RUN_CASES])
async def test_flow_runs_match_as_in_the_reference(full: Store, sought: Any, expected: set[str]) -> None:
    asked = msgspec.convert({"flow_runs": sought}, ReadFlowRuns)
    assert set(names(await full.read(flow_run.texts, asked, at(0)))) == expected
    assert await full.read(flow_run.count, asked) == len(expected)


RELATED_CASES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("flow_run", {"flows": {}}, ALL),
    ("flow_run", {"flows": {"name": {"any_": ["second"]}}}, set()),
    ("flow_run", {"flows": {"name": {"like_": "first"}}, "flow_runs": {"name": {"any_": ["on"]}}}, {"on"}),
    ("flow_run", {"task_runs": {}}, {"on"}),
    ("flow_run", {"task_runs": {"name": {"any_": ["alone"]}}}, set()),
    ("flow", {}, {"First", "second"}),
    ("flow", {"flow_runs": {}}, {"First"}),
    ("flow", {"flow_runs": {"name": {"any_": ["nobody"]}}}, set()),
    ("flow", {"task_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}, {"First"}),
    ("flow", {"flows": {"tags": {"all_": ["x"]}}}, {"First"}),
    ("flow", {"flows": {"tags": {"is_null_": True}}}, {"second"}),
    ("flow", {"flows": {"name": {"any_": ["first"]}}}, set()),
    ("task_run", {}, {"add", "sub", "alone"}),
    ("task_run", {"flow_runs": {}}, {"add", "sub"}),
    ("task_run", {"flows": {}}, {"add", "sub"}),
    ("task_run", {"flows": {"name": {"any_": ["second"]}}}, set()),
    ("task_run", {"flow_runs": {"name": {"any_": ["on"]}}, "flows": {"name": {"any_": ["First"]}}}, {"add", "sub"}),
    ("task_run", {"task_runs": {"flow_run_id": {}}}, {"add", "sub"}),
    ("task_run", {"task_runs": {"flow_run_id": {"is_null_": True}}}, {"alone"}),
    ("task_run", {"task_runs": {"flow_run_id": {"is_null_": None}}}, {"add", "sub", "alone"}),
    ("task_run", {"task_runs": {"subflow_runs": {"exists_": True}}}, {"sub"}),
    ("task_run", {"task_runs": {"subflow_runs": {"exists_": False}}}, {"add", "alone"}),
    ("task_run", {"task_runs": {"tags": {"all_": ["q"]}}}, {"add"}),
    ("task_run", {"task_runs": {"tags": {"is_null_": True}}}, {"sub", "alone"}),
    ("task_run", {"task_runs": {"start_time": {"after_": "2026-03-01T12:00:00Z"}}}, {"add"}),
    ("task_run", {"task_runs": {"end_time": {"is_null_": True}, "name": {"like_": "A"}}}, {"add", "alone"}),
]


@pytest.mark.parametrize(("table", "sought", "expected"), RELATED_CASES, ids=[f"{t} {s}" for t, s, _ in RELATED_CASES])
async def test_filters_reach_across_resources(full: Store, table: str, sought: Any, expected: set[str]) -> None:
    if table == "flow":
        flows = msgspec.convert(sought, ReadFlows)
        found, number = await full.read(flow.texts, flows), await full.read(flow.count, flows)
    elif table == "flow_run":
        runs = msgspec.convert(sought, ReadFlowRuns)
        found, number = await full.read(flow_run.texts, runs, at(0)), await full.read(flow_run.count, runs)
    else:
        tasks = msgspec.convert(sought, ReadTaskRuns)
        found, number = await full.read(task_run.texts, tasks, at(0)), await full.read(task_run.count, tasks)
    assert set(names(found)) == expected
    assert number == len(expected)


async def test_common_and_rare_values_find_the_same_rows(sqlite: SQLiteStore) -> None:
    store = sqlite
    made = await add_flow(store)
    await add_run(store, made.id, "rare", state=a_state("CRASHED"), tags=["rare"], expected_start_time=at(-1))
    await add_run(store, made.id, "seed", state=a_state("COMPLETED"), tags=["common"], expected_start_time=at(0))
    columns = "flow_id, name, state_type, start_or_expected, total_run_time, tags, version, body, written_by"
    copies = f"with recursive n (i) as (select 1 union all select i + 1 from n where i <= {COMMON}) "
    store._db.execute(
        f"insert into flow_run (id, {columns}) {copies} "
        f"select randomblob(16), {columns} from flow_run, n where name = 'seed'"
    )
    state: dict[str, Any]
    tags: dict[str, Any]
    state, tags = {"state": {"type": {"any_": ["COMPLETED"]}}}, {"tags": {"all_": ["common"]}}
    for part in (state, tags, {**state, **tags}):
        for sort in ("START_TIME_DESC", "NAME_ASC"):
            asked = msgspec.convert({"flow_runs": part, "sort": sort, "limit": COMMON + 9}, ReadFlowRuns)
            found = names(await store.read(flow_run.texts, asked, at(0)))
            assert found == ["seed"] * (COMMON + 2)
    for sought in (state, tags):
        asked = msgspec.convert({"flow_runs": sought, "sort": "NAME_ASC"}, ReadFlowRuns)
        plan = await store.read(planned, asked)
        assert "USING INDEX flow_run_name" in plan
        assert "TEMP B-TREE" not in plan
    for rare in ({"state": {"type": {"any_": ["CRASHED"]}}}, {"tags": {"any_": ["rare"]}}):
        asked = msgspec.convert({"flow_runs": rare}, ReadFlowRuns)
        assert names(await store.read(flow_run.texts, asked, at(0))) == ["rare"]
    assert await look(store, "select count(*) from flow_run") == [(COMMON + 3,)]


def planned(asked: ReadFlowRuns) -> Transaction[str]:
    """Return how SQLite finds the runs that a request matches."""
    work = flow_run.texts(asked, at(0))
    ask = next(work)
    while isinstance(ask, Ask) and "count(*)" in ask.query.text:
        ask = work.send((yield ask))
    assert isinstance(ask, Ask)
    return str((yield Ask(Query("plan", f"explain query plan {ask.query.text}"), ask.values)))


LOG_CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["one", "two", "three"]),
    ({"level": {"ge_": 30}}, ["two", "three"]),
    ({"level": {"le_": 20}}, ["one"]),
    ({"level": {"ge_": 10**30}}, []),
    ({"flow_run_id": {"any_": [ONE_ID]}}, ["one", "two"]),
    ({"flow_run_id": {"any_": []}}, []),
    ({"task_run_id": {"is_null_": True}}, ["one", "three"]),
    ({"task_run_id": {"any_": [ONE_ID]}}, ["two"]),
    ({"timestamp": {"after_": "2026-03-01T12:00:02Z"}}, ["two", "three"]),
    ({"timestamp": {"before_": "2026-03-01T12:00:02Z"}}, ["one", "two"]),
    ({"operator": "or_", "level": {"ge_": 40}, "task_run_id": {"is_null_": False}}, ["two", "three"]),
]


@pytest.mark.parametrize(("sought", "expected"), LOG_CASES, ids=[str(sought) for sought, _ in LOG_CASES])
async def test_log_lines_match(store: Store, sought: Any, expected: list[str]) -> None:
    lines = [("one", 20, UUID(ONE_ID), None), ("two", 30, UUID(ONE_ID), UUID(ONE_ID)), ("three", 40, None, None)]
    await store.write(
        log.add,
        [
            LogCreate(name="l", level=level, message=message, timestamp=at(n), flow_run_id=flow_id, task_run_id=task_id)
            for n, (message, level, flow_id, task_id) in enumerate(lines, 1)
        ],
        at(9),
        BY,
    )
    asked = msgspec.convert({"logs": sought}, ReadLogs)
    found = [msgspec.json.decode(text)["message"] for text in await store.read(log.texts, asked)]
    after = [
        msgspec.json.decode(text)["message"] for text in (await store.read(log.after, START, asked.logs, 9)).bodies
    ]
    assert found == after == expected


EVENT_CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["run.Done", "run.Going", "flow.made"]),
    ({"order": "ASC"}, ["flow.made", "run.Going", "run.Done"]),
    ({"occurred": {"since": "2026-03-01T12:00:02Z", "until": "2026-03-01T12:00:02Z"}}, ["run.Going"]),
    ({"event": {"prefix": ["run."]}}, ["run.Done", "run.Going"]),
    ({"event": {"prefix": ["run.D", "flow"]}}, ["run.Done", "flow.made"]),
    ({"event": {"prefix": [""]}}, ["run.Done", "run.Going", "flow.made"]),
    ({"event": {"prefix": []}}, ["run.Done", "run.Going", "flow.made"]),
    ({"event": {"prefix": ["run.*"]}}, []),
    ({"event": {"exclude_prefix": ["run.D", "x"]}}, ["run.Going", "flow.made"]),
    ({"event": {"name": ["run.Done", "flow.made"]}}, ["run.Done", "flow.made"]),
    ({"event": {"name": ["run.Done"], "prefix": ["flow"]}}, []),
    ({"event": {"exclude_name": ["run.Done"]}}, ["run.Going", "flow.made"]),
    ({"event": {"name": []}}, ["run.Done", "run.Going", "flow.made"]),
    ({"resource": {"id": ["run.1"]}}, ["run.Done", "run.Going"]),
    ({"resource": {"id_prefix": ["flow.", "x"]}}, ["flow.made"]),
    ({"resource": {"distinct": False}}, ["run.Done", "run.Going", "flow.made"]),
    ({"related": {"id": ["flow.1"]}}, ["run.Done", "run.Going"]),
    ({"related": {"role": ["tag"]}}, ["run.Done"]),
    ({"related": {"id": ["flow.1"], "role": ["tag"]}}, []),
    ({"related": {"resources_in_roles": [["flow.1", "flow"]]}}, ["run.Done", "run.Going"]),
    ({"related": {"resources_in_roles": [["flow.1", "tag"], ["tag.a", "tag"]]}}, ["run.Done"]),
    ({"related": [{"role": ["flow"]}, {"role": ["tag"]}]}, ["run.Done"]),
    ({"related": {}}, ["run.Done", "run.Going", "flow.made"]),
    ({"any_resource": {"id": ["flow.1"]}}, ["run.Done", "run.Going", "flow.made"]),
    ({"any_resource": {"id_prefix": ["tag."]}}, ["run.Done"]),
    ({"any_resource": {"id": ["flow.1"], "id_prefix": ["tag."]}}, []),
    ({"any_resource": [{"id": ["flow.1"]}, {"id": ["run.1"]}]}, ["run.Done", "run.Going"]),
    ({"id": {"id": [ONE_ID]}}, ["run.Going"]),
    ({"id": {"id": []}}, ["run.Done", "run.Going", "flow.made"]),
]


@pytest.mark.parametrize(("sought", "expected"), EVENT_CASES, ids=[str(sought) for sought, _ in EVENT_CASES])
async def test_events_match(store: Store, sought: Any, expected: list[str]) -> None:
    parent = {"prefect.resource.id": "flow.1", "prefect.resource.role": "flow"}
    tag = {"prefect.resource.id": "tag.a", "prefect.resource.role": "tag"}
    happened = [
        an_event("flow.made", "flow.1", at(1)),
        an_event("run.Going", "run.1", at(2), related=[parent], id=UUID(ONE_ID)),
        an_event("run.Done", "run.1", at(3), related=[parent, tag]),
    ]
    await store.write(event.add, happened, BY)
    asked = msgspec.convert({"filter": {"occurred": WIDE, **sought}}, ReadEvents).filter
    assert asked is not None
    found = [msgspec.json.decode(text)["event"] for text in await store.read(event.page, asked, 9, 0)]
    assert found == expected
    assert await store.read(event.count, asked) == len(expected)
    after = [msgspec.json.decode(text)["event"] for text in (await store.read(event.after, START, asked, 9)).bodies]
    assert after == sorted(expected, key=["flow.made", "run.Going", "run.Done"].index)
