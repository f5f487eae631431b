"""Whatever the rows and the filter, the store finds what plain Python finds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from lictor.store import event, flow, flow_run, log, task_run
from lictor.store.address import Postgres
from lictor.store.postgres import PostgresStore
from lictor.store.search import read_search
from lictor.store.sqlite import SQLiteStore
from lictor.store.transaction import Store
from lictor.wire import filters
from lictor.wire.operations.flow import CountFlows, ReadFlows
from lictor.wire.operations.flow_run import CountFlowRuns, ReadFlowRuns
from lictor.wire.operations.log import ReadLogs
from lictor.wire.operations.task_run import CountTaskRuns, ReadTaskRuns
from lictor.wire.types.log import LogCreate
from tests.store.conftest import emptied
from tests.store.evaluation import LEAVES, World, event_matches
from tests.store.samples import BY, a_flow, a_run, a_state, a_task_run, an_event, at

IDS = [UUID(int=number) for number in range(1, 5)]
NAMES = ["a", "ab", "Ab", "b_%", "c"]
TAGS = ["x", "y", "x y"]
TIMES = [at(seconds) for seconds in range(4)]
WORDS: dict[str, list[Any]] = {
    "id": IDS,
    "name": NAMES,
    "tags": TAGS,
    "state.type": ["SCHEDULED", "RUNNING", "COMPLETED"],
    "state.name": ["Running", "Late"],
    "deployment_id": IDS,
    "work_queue_name": NAMES,
    "flow_version": ["1", "2"],
    "idempotency_key": ["k", "K"],
    "parent_flow_run_id": IDS,
    "parent_task_run_id": IDS,
    "flow_run_id": IDS,
    "created_by": IDS,
}
"""What the fields of rows are drawn from, and what filters look for."""

SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def sometimes(choices: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(choices)


STATES = st.builds(
    lambda kind, name: a_state(kind, name=name),
    st.sampled_from(WORDS["state.type"]),
    st.sampled_from(WORDS["state.name"]),
)
TIMED = {
    name: sometimes(TIMES) for name in ("start_time", "end_time", "expected_start_time", "next_scheduled_start_time")
}
TAGGED = st.lists(st.sampled_from(TAGS), unique=True, max_size=2)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw flows, runs and task runs, some of them parents of others."""
    flows = [a_flow(name, id=id_, tags=draw(TAGGED)) for name, id_ in zip(NAMES[:2], IDS, strict=False)]
    own = {"name": st.sampled_from(NAMES), "state": st.none() | STATES, "tags": TAGGED, **TIMED}
    task_fields = st.fixed_dictionaries({**own, "flow_run_id": sometimes(IDS)})
    run_fields = st.fixed_dictionaries(
        {
            **own,
            "flow_id": st.sampled_from(IDS[:2]),
            "parent_task_run_id": sometimes(IDS),
            "deployment_id": sometimes(IDS),
            "work_queue_name": sometimes(NAMES),
            "flow_version": sometimes(WORDS["flow_version"]),
        }
    )
    runs = [a_run(id=id_, **draw(run_fields)) for id_ in IDS[: draw(st.integers(1, 4))]]
    keys = iter(WORDS["idempotency_key"])
    for run in runs[: draw(st.integers(0, 2))]:
        run.idempotency_key = next(keys)
    tasks = []
    for id_ in IDS[: draw(st.integers(1, 4))]:
        task = a_task_run(id=id_, **draw(task_fields))
        task.dynamic_key = str(id_)
        tasks.append(task)
    return World(flows, runs, tasks)


def some_of(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an object with one or two of some fields: with more, next to nothing is found."""
    chosen = st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in names}))


def looking_for(kind: type[Struct], path: str = "") -> st.SearchStrategy[dict[str, Any]]:
    """Draw the JSON of a filter, or of a part of one."""
    hints = {one.name: one.type for one in msgspec.structs.fields(kind)}
    way = {"operator": st.sampled_from(["and_", "or_"])} if "operator" in hints else {}
    said = {name: field(name, hint, path) for name, hint in hints.items() if name != "operator"}
    return st.tuples(st.fixed_dictionaries({}, optional=way), some_of(said)).map(lambda both: both[0] | both[1])


def field(name: str, hint: Any, path: str) -> st.SearchStrategy[Any]:
    """Draw what a field of a filter says."""
    part = next((one for one in get_args(hint) if isinstance(one, type) and issubclass(one, Struct)), None)
    if part is not None:
        return looking_for(part, f"{path}.{name}".strip("."))
    if name in ("before_", "after_"):
        return st.sampled_from([when.isoformat() for when in TIMES])
    if name == "like_":
        return st.sampled_from(["", "a", "B", "_", "%", "b_", "a%b"])
    if name in ("is_null_", "exists_"):
        return st.booleans()
    words = ["DEPLOYMENT"] if name == "type_" else [str(word) for word in WORDS[path]]
    return st.lists(st.sampled_from(words), max_size=2)


TABLES: dict[str, tuple[type[Struct], type[Struct], Any, Callable[..., Any]]] = {
    "flow": (ReadFlows, CountFlows, flow, lambda body: (body,)),
    "flow_run": (ReadFlowRuns, CountFlowRuns, flow_run, lambda body: (body, at(0))),
    "task_run": (ReadTaskRuns, CountTaskRuns, task_run, lambda body: (body, at(0))),
}
BODIES = some_of(
    {
        "flows": st.just({}) | looking_for(filters.FlowFilter),
        "flow_runs": st.just({}) | looking_for(filters.FlowRunFilter),
        "task_runs": st.just({}) | looking_for(filters.TaskRunFilter),
    }
)
ASKED = st.lists(st.tuples(st.sampled_from(sorted(TABLES)), BODIES), min_size=20, max_size=30)


def played(place: str | Postgres, play: Callable[[Store], Any]) -> None:
    """Do something with a store that is empty."""

    async def run() -> None:
        opened: Store
        with TemporaryDirectory() as folder:
            if isinstance(place, str):
                opened = await SQLiteStore.open(str(Path(folder) / "lictor.db"))
            else:
                opened = await PostgresStore.open(await emptied(place))
            await play(opened)
            await opened.close()

    asyncio.run(run())


@SLOW
@given(world=worlds(), asked=ASKED)
def test_runs_match(place: str | Postgres, world: World, asked: list[tuple[str, dict[str, Any]]]) -> None:
    async def play(store: Store) -> None:
        for made in world.flows:
            await store.write(flow.get_or_create, made, BY)
        for run in world.flow_runs:
            await store.write(flow_run.insert, run, BY)
        for task in world.task_runs:
            await store.write(task_run.insert, task, BY)
        for table, spoken in asked:
            reads, counts, module, arguments = TABLES[table]
            body = msgspec.convert(spoken, reads)
            found = [UUID(msgspec.json.decode(text)["id"]) for text in await store.read(module.texts, *arguments(body))]
            assert set(found) == world.found(table, body), (table, spoken)
            assert len(found) == len(set(found))
            assert await store.read(module.count, msgspec.convert(spoken, counts)) == len(found)

    played(place, play)


LABELS = st.dictionaries(st.sampled_from(["color", "size"]), st.sampled_from(["red", "Red", "big", "50%_"]), max_size=2)
RESOURCES = st.builds(
    lambda name, role, labels: {"prefect.resource.id": name, "prefect.resource.role": role, **labels},
    st.sampled_from(NAMES),
    st.sampled_from(["flow", "tag"]),
    LABELS,
)
SOUGHT_LABELS = st.dictionaries(
    st.sampled_from(["color", "size", "prefect.resource.id"]),
    st.sampled_from(["red", "!red", "r*", "!*", "*%*", "r_d", ""])
    | st.lists(st.sampled_from(["red", "!b*"]), max_size=2),
    min_size=1,
    max_size=2,
)
TEXTS = st.lists(st.sampled_from(["red", "-red", "+BIG", '"a b"', "%", "a", "-", "!flow", "hello"]), max_size=3).map(
    " ".join
)
SOME_NAMES = st.lists(st.sampled_from(NAMES), max_size=2)
RELATED = some_of(
    {
        "id": SOME_NAMES,
        "role": st.lists(st.sampled_from(["flow", "tag"]), max_size=1),
        "resources_in_roles": st.lists(st.tuples(st.sampled_from(NAMES), st.just("flow")), max_size=2),
        "labels": SOUGHT_LABELS,
    }
)
ANY = some_of({"id": SOME_NAMES, "id_prefix": SOME_NAMES, "labels": SOUGHT_LABELS})
EVENT_FILTERS = some_of(
    {
        "event": some_of(dict.fromkeys(("prefix", "exclude_prefix", "name", "exclude_name"), SOME_NAMES)),
        "resource": ANY,
        "related": RELATED | st.lists(RELATED, max_size=2),
        "any_resource": ANY | st.lists(ANY, max_size=2),
        "id": st.fixed_dictionaries({"id": st.lists(st.sampled_from([str(id_) for id_ in IDS]), max_size=2)}),
        "text": st.fixed_dictionaries({"query": TEXTS}),
        "order": st.sampled_from(["ASC", "DESC"]),
    }
).map(lambda sought: {"occurred": {"since": at(0).isoformat(), "until": at(2).isoformat()}, **sought})
HAPPENED = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(TIMES),
    RESOURCES,
    st.lists(RESOURCES, max_size=2),
    st.sampled_from(["{}", '{"say":"Hello A b"}']),
)


@SLOW
@given(
    drawn=st.lists(HAPPENED, min_size=2, max_size=4),
    asked=st.lists(EVENT_FILTERS, min_size=20, max_size=30),
    distinct=st.booleans(),
)
def test_events_match(place: str | Postgres, drawn: list[Any], asked: list[dict[str, Any]], distinct: bool) -> None:
    events = [
        an_event(name, "", when, resource=own, related=related, payload=msgspec.Raw(payload.encode()), id=id_)
        for id_, (name, when, own, related, payload) in zip(IDS, drawn, strict=False)
    ]

    async def play(store: Store) -> None:
        await store.write(event.add, events, BY)
        for spoken in asked:
            sought = msgspec.convert(spoken, filters.EventFilter)
            found = await found_by(store, sought)
            expected = [one for one in events if event_matches(one, sought)]
            assert set(found) == {one.id for one in expected}, spoken
            if distinct:
                sought.resource = sought.resource or filters.EventResourceFilter()
                sought.resource.distinct = True
                firsts = {one.resource["prefect.resource.id"] for one in expected}
                kept = [one for one in found if one in set(await found_by(store, sought))]
                assert len(kept) == len(firsts) == await store.read(event.count, sought)
                about = {one.id: one.resource["prefect.resource.id"] for one in events}
                assert kept == [
                    one for at_, one in enumerate(found) if about[one] not in {about[x] for x in found[:at_]}
                ]

    played(place, play)


async def found_by(store: Store, sought: filters.EventFilter) -> list[UUID]:
    """Return the ids of the events that a filter finds, in order."""
    return [UUID(msgspec.json.decode(text)["id"]) for text in await store.read(event.page, sought, 50, 0)]


LINES = st.lists(
    st.tuples(
        st.sampled_from([10, 20, 30]),
        st.sampled_from(["red", "Red hello", "a b", "", "50%"]),
        st.sampled_from(TIMES),
        sometimes(IDS[:2]),
        sometimes(IDS[:2]),
    ),
    max_size=6,
)
SOME_IDS = st.lists(st.sampled_from([str(id_) for id_ in IDS[:3]]), max_size=2)
LOG_FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "operator": st.sampled_from(["and_", "or_"]),
        "level": st.fixed_dictionaries({}, optional={"ge_": st.integers(0, 40), "le_": st.integers(0, 40)}),
        "timestamp": st.fixed_dictionaries(
            {}, optional={name: st.sampled_from([when.isoformat() for when in TIMES]) for name in ("before_", "after_")}
        ),
        "flow_run_id": st.fixed_dictionaries({}, optional={"any_": SOME_IDS}),
        "task_run_id": st.fixed_dictionaries({}, optional={"any_": SOME_IDS, "is_null_": st.booleans()}),
        "text": st.fixed_dictionaries({"query": TEXTS}),
    },
)


def line_matches(line: LogCreate, sought: Any) -> bool:
    """Tell whether a line matches a filter."""
    parts: list[bool] = []
    for name in ("level", "timestamp", "flow_run_id", "task_run_id"):
        part, value = getattr(sought, name), getattr(line, name)
        said = [
            bool(LEAVES[{"ge_": "after_", "le_": "before_"}.get(way, way)](value, getattr(part, way)))
            for way in (part.__struct_fields__ if part is not None else ())
            if getattr(part, way) is not None
        ]
        parts += [all(said)] if said else []
    if sought.text is not None:
        parts.append(read_search(sought.text.query).matches(f"{line.message} {line.name}"))
    return not parts or (any(parts) if sought.operator == "or_" else all(parts))


@SLOW
@given(drawn=LINES, asked=st.lists(LOG_FILTERS, min_size=20, max_size=30))
def test_log_lines_match(place: str | Postgres, drawn: list[Any], asked: list[dict[str, Any]]) -> None:
    lines = [
        LogCreate(name=f"l{n}", level=level, message=message, timestamp=when, flow_run_id=run, task_run_id=task)
        for n, (level, message, when, run, task) in enumerate(drawn)
    ]

    async def play(store: Store) -> None:
        await store.write(log.add, lines, at(9), BY)
        for spoken in asked:
            body = msgspec.convert({"logs": spoken}, ReadLogs)
            found = [msgspec.json.decode(text)["name"] for text in await store.read(log.texts, body)]
            assert sorted(found) == [line.name for line in lines if line_matches(line, body.logs)], spoken

    played(place, play)
