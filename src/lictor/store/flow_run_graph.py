"""What flow runs are made of, as the store knows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from lictor.kit.clock import from_micros, to_micros
from lictor.kit.json import encode
from lictor.store.queries import queries
from lictor.store.transaction import Transaction, many, one
from lictor.wire.types.flow_run_graph import Dependency, GraphArtifact
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRun, TaskRunResult

SQL = queries("flow_run_graph")
PROGRESS = "progress"
ENCLOSING = "__parents__"
"""The input under which a task run names the one that it runs inside of."""

decode_run = msgspec.json.Decoder(TaskRun).decode


class Input(Struct, gc=False):
    """An input of a task run, as far as it names a run."""

    id: str | None = None


class Inputs(Struct, gc=False):
    """The inputs in a task run's stored JSON."""

    task_inputs: dict[str, list[Input]]


class Data(Struct, gc=False):
    """What an artifact says, in its stored JSON."""

    data: Raw


decode_data = msgspec.json.Decoder(Data).decode
decode_inputs = msgspec.json.Decoder(Inputs).decode


class Node:
    """A task run, or the subflow run that stands in its place; times are microseconds, edges are ids."""

    __slots__ = ("children", "enclosing", "end", "id", "kind", "label", "parents", "start", "state_type")

    def __init__(self, row: Row, start: int) -> None:
        self.kind, self.label = "task-run", row.name
        if row.child is not None:
            self.kind, self.label = "flow-run", f"{row.flow} / {row.child_name}"
        self.id = spelled_id(row.child or row.id)
        self.state_type = row.child_state_type or row.state_type
        self.start, self.end = start, row.end if row.child_end is None else row.child_end
        if self.end is None and row.state_type == StateType.COMPLETED:
            self.end = row.expected
        self.parents: list[str] = []
        self.children: list[str] = []
        self.enclosing: list[str] = []

    def text(self, artifacts: list[str]) -> str:
        """Return the JSON of the node with its artifacts, as the contract's pair of id and node."""
        return (
            f'["{self.id}",{{"kind":"{self.kind}","id":"{self.id}","label":{encode(self.label).decode()},'
            f'"state_type":"{self.state_type}","start_time":{moment(self.start)},"end_time":{moment(self.end)},'
            f'"parents":{edges(self.parents)},"children":{edges(self.children)},'
            f'"encapsulating":{edges(self.enclosing)},"artifacts":[{",".join(artifacts)}]}}]'
        )


class Row(NamedTuple):
    """A task run, and the subflow run that stands in its place."""

    id: bytes
    name: str
    state_type: str | None
    start: int | None
    expected: int | None
    end: int | None
    body: str
    child: bytes | None
    flow: str | None
    child_name: str | None
    child_state_type: str | None
    child_start: int | None
    child_end: int | None


class Made(NamedTuple):
    """An artifact, and the task run that made it."""

    task_run_id: bytes | None
    id: bytes
    created: int
    key: str | None
    type: str
    is_latest: int
    body: str


def spelled_id(identifier: bytes) -> str:
    """Return an id as text."""
    digits = identifier.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def moment(micros: int | None) -> str:
    """Return a time's JSON."""
    return "null" if micros is None else encode(from_micros(micros)).decode()


def edges(ids: list[str]) -> str:
    """Return the JSON of edges to other nodes."""
    return f"""[{",".join([f'{{"id":"{each}"}}' for each in ids])}]""" if ids else "[]"


def text(flow_run_id: UUID, since: datetime, most_artifacts: int, most: int) -> Transaction[str | None]:
    """Return a flow run's graph without what ended before a moment, as JSON; None if it has more nodes than that.

    It has so many of the run's artifacts at most, the oldest ones.
    """
    start, end = yield from one(lambda *times: times, SQL["read_times"](id=flow_run_id.bytes))
    earliest = to_micros(since)
    ask = SQL["count_nodes"](id=flow_run_id.bytes, since=earliest, most=most + 1)
    if (yield from one(int, ask)) > most:
        return None
    states = yield from many(state_text, SQL["read_states"](id=flow_run_id.bytes))
    made = yield from artifacts_of(flow_run_id, most_artifacts)
    rows = yield from many(Row, SQL["read_nodes"](id=flow_run_id.bytes))
    nodes = [node for node in linked(rows) if node.end is None or node.end >= earliest]
    nodes.sort(key=lambda node: (node.start, -1 if node.end is None else node.end))
    roots = ",".join([f'"{node.id}"' for node in nodes if not node.parents])
    return (
        f'{{"start_time":{moment(start)},"end_time":{moment(end)},"root_node_ids":[{roots}],'
        f'"nodes":[{",".join([node.text(made.get(node.id, [])) for node in nodes])}],'
        f'"artifacts":[{",".join(made.get("", []))}],"states":[{",".join(states)}]}}'
    )


def artifacts_of(flow_run_id: UUID, most: int) -> Transaction[dict[str, list[str]]]:
    """Return the JSON of a flow run's artifacts by the task run that made them, those of the run itself under ""."""
    made: dict[str, list[str]] = {}
    for row in (yield from many(Made, SQL["read_artifacts"](id=flow_run_id.bytes, most=most))):
        maker = "" if row.task_run_id is None else spelled_id(row.task_run_id)
        made.setdefault(maker, []).append(artifact_text(row))
    return made


def artifact_text(row: Made) -> str:
    """Return an artifact's JSON; of progress alone with what it says."""
    shown = GraphArtifact(
        id=UUID(bytes=row.id),
        created=from_micros(row.created),
        key=row.key,
        type=row.type,
        is_latest=bool(row.is_latest),
        data=decode_data(f"{row.body}}}").data if row.type == PROGRESS else None,
    )
    return encode(shown).decode()


def linked(rows: Iterable[Row]) -> Iterable[Node]:
    """Return the nodes of rows with their edges, each edge once."""
    nodes: dict[str, Node] = {}
    inputs: dict[str, dict[str, list[Input]]] = {}
    for row in rows:
        start = row.start if row.child_start is None else row.child_start
        if start is not None:  # what was not planned yet is no node
            node = Node(row, start)
            nodes[node.id] = node
            inputs[node.id] = decode_inputs(f"{row.body}}}").task_inputs
    for node_id, given in inputs.items():
        if given:
            node = nodes[node_id]
            node.enclosing = [each for each in sources(given.pop(ENCLOSING, ())) if each in nodes]
            node.parents = [each for each in sources(chain(*given.values())) if each in nodes]
            for each in node.parents:
                nodes[each].children.append(node_id)
    return nodes.values()


def sources(inputs: Iterable[Input]) -> Iterable[str]:
    """Return the ids of the runs that inputs name, each once."""
    return dict.fromkeys([each.id for each in inputs if each.id is not None])


def state_text(state_id: bytes, timestamp: int, kind: str, name: str | None) -> str:
    """Return a state's JSON."""
    said = encode(name or "").decode()
    return f'{{"id":"{spelled_id(state_id)}","timestamp":{moment(timestamp)},"type":"{kind}","name":{said}}}'


def dependencies(flow_run_id: UUID, now: datetime, most: int) -> Transaction[str | None]:
    """Return a flow run's task runs and what their inputs came from, as JSON; None if there are more than that."""
    yield from one(lambda *times: times, SQL["read_times"](id=flow_run_id.bytes))
    ask = SQL["read_task_runs"](id=flow_run_id.bytes, now=to_micros(now), most=most + 1)
    found = yield from many(dependency, ask)
    return encode(found).decode() if len(found) <= most else None


def dependency(text: str) -> Dependency:
    """Read a task run and what its inputs came from."""
    run = decode_run(text)
    origins: dict[UUID, TaskRunResult] = {
        each.id: each for given in run.task_inputs.values() for each in given if isinstance(each, TaskRunResult)
    }
    return Dependency(
        id=run.id,
        name=run.name,
        upstream_dependencies=list(origins.values()),
        state=run.state,
        expected_start_time=run.expected_start_time,
        start_time=run.start_time,
        end_time=run.end_time,
        total_run_time=run.total_run_time,
        estimated_run_time=run.estimated_run_time,
        untrackable_result=run.state is not None and run.state.state_details.untrackable_result,
    )
