"""What a flow run is made of: its task runs and subflow runs, and what came from what."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from lictor.wire.types.common import Answer, DateTime
from lictor.wire.types.state import State, StateType
from lictor.wire.types.task_run import TaskRunResult


class Edge(Answer, kw_only=True):
    """Another node."""

    id: UUID


class GraphArtifact(Answer, kw_only=True):
    """An artifact that a run made."""

    id: UUID
    created: DateTime
    key: str | None
    type: str | None
    is_latest: bool
    data: Any


class GraphState(Answer, kw_only=True):
    """A state that the flow run was in."""

    id: UUID
    timestamp: DateTime
    type: StateType
    name: str


class Node(Answer, kw_only=True):
    """A task run, or the subflow run that stands in its place."""

    kind: Literal["flow-run", "task-run"]
    id: UUID
    label: str
    state_type: StateType
    start_time: DateTime
    end_time: DateTime | None
    parents: list[Edge]
    children: list[Edge]
    encapsulating: list[Edge]
    artifacts: list[GraphArtifact]


class Graph(Answer, kw_only=True):
    """The nodes of a flow run in the order they began; roots have no parents."""

    start_time: DateTime | None
    end_time: DateTime | None
    root_node_ids: list[UUID]
    nodes: list[tuple[UUID, Node]]
    artifacts: list[GraphArtifact]
    states: list[GraphState]


class Dependency(Answer, kw_only=True):
    """A task run and the task runs that its inputs came from; times but the moments are seconds."""

    id: UUID
    name: str
    upstream_dependencies: list[TaskRunResult]
    state: State | None
    expected_start_time: DateTime | None
    start_time: DateTime | None
    end_time: DateTime | None
    total_run_time: float | None
    estimated_run_time: float | None
    untrackable_result: bool
