"""What a filter matches, worked out in plain Python over the objects: the store's SQL is compared with it.

A filter or a part of one says True, False, or None where it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from lictor.kit.json import encode
from lictor.store.search import read_search
from lictor.wire.types.event import ReceivedEvent
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.task_run import TaskRun

Said = bool | None


class World(NamedTuple):
    """All that is in a store."""

    flows: list[Flow]
    flow_runs: list[FlowRun]
    task_runs: list[TaskRun]

    def found(self, table: str, body: Any) -> set[Any]:
        """Return the ids of a table's rows that a request's body matches."""
        rows: list[Any] = getattr(self, f"{table}s")
        return {row.id for row in rows if MATCHES[table](self, row, body)}

    def runs_of(self, flow: Flow) -> list[FlowRun]:
        return [run for run in self.flow_runs if run.flow_id == flow.id]

    def tasks_of(self, run: FlowRun) -> list[TaskRun]:
        return [task for task in self.task_runs if task.flow_run_id == run.id]

    def flow_of(self, run: FlowRun) -> Flow:
        return next(flow for flow in self.flows if flow.id == run.flow_id)

    def run_of(self, task: TaskRun) -> FlowRun | None:
        return next((run for run in self.flow_runs if run.id == task.flow_run_id), None)


def flow_matches(world: World, flow: Flow, body: Any) -> bool:
    runs = world.runs_of(flow)
    tasks = [task for run in runs for task in world.tasks_of(run)]
    return (
        matches(world, flow, body.flows)
        and (body.flow_runs is None or any(matches(world, run, body.flow_runs) for run in runs))
        and (body.task_runs is None or any(matches(world, task, body.task_runs) for task in tasks))
    )


def flow_run_matches(world: World, run: FlowRun, body: Any) -> bool:
    return (
        matches(world, run, body.flow_runs)
        and matches(world, world.flow_of(run), body.flows)
        and (body.task_runs is None or any(matches(world, task, body.task_runs) for task in world.tasks_of(run)))
    )


def task_run_matches(world: World, task: TaskRun, body: Any) -> bool:
    run = world.run_of(task)
    if body.flow_runs is not None and (run is None or not matches(world, run, body.flow_runs)):
        return False
    if body.flows is not None and (run is None or not matches(world, world.flow_of(run), body.flows)):
        return False
    return matches(world, task, body.task_runs)


MATCHES: dict[str, Callable[..., bool]] = {
    "flow": flow_matches,
    "flow_run": flow_run_matches,
    "task_run": task_run_matches,
}


def matches(world: World, row: Any, sought: Struct | None) -> bool:
    """Tell whether a filter matches a row; one that says nothing does."""
    return sought is None or said(world, row, sought, "") is not False


def said(world: World, row: Any, sought: Struct, path: str) -> Said:
    """Return what a filter or a part of one says about a row."""
    parts: list[Said] = []
    for name in sought.__struct_fields__:
        value = getattr(sought, name)
        if name == "operator" or value is None:
            continue
        if name == "flow_run_id" and isinstance(row, TaskRun):
            parts.append(of_flow_run(row, value))
        elif isinstance(value, Struct):
            parts.append(said(world, row, value, f"{path}.{name}".strip(".")))
        else:
            parts.append(LEAVES[name](value_at(world, row, path), value))
    spoken = [part for part in parts if part is not None]
    if not spoken:
        return None
    return any(spoken) if getattr(sought, "operator", "and_") == "or_" else all(spoken)


def of_flow_run(task: TaskRun, sought: Any) -> Said:
    """Return what is said about a task run's flow run: none, one of some, or any."""
    if sought.is_null_:
        return task.flow_run_id is None
    if sought.any_ is not None:
        return task.flow_run_id in sought.any_
    return None if sought.is_null_ is None else task.flow_run_id is not None


def value_at(world: World, row: Any, path: str) -> Any:
    """Return what a field of a filter is compared with."""
    if path.startswith("state."):
        return getattr(row, path.replace(".", "_"))
    if path == "start_time" and isinstance(row, FlowRun):
        return Started(row.start_time, row.start_time or row.expected_start_time)
    if path == "parent_flow_run_id":
        return next((task.flow_run_id for task in world.task_runs if task.id == row.parent_task_run_id), None)
    if path == "subflow_runs":
        return any(run.parent_task_run_id == row.id for run in world.flow_runs)
    return None if path in ("created_by", "deployment") else getattr(row, path)


class Started(NamedTuple):
    """When a flow run started, and when it started or is expected to."""

    time: datetime | None
    or_expected: datetime | None


def moment(value: Any) -> Any:
    return value.or_expected if isinstance(value, Started) else value


def is_null(value: Any, wanted: bool) -> bool:
    value = value.time if isinstance(value, Started) else value
    return (value is None or value == []) == wanted


def any_of(value: Any, wanted: list[Any]) -> bool:
    return any(one in wanted for one in value) if isinstance(value, list) else value in wanted


def like(value: str | None, pattern: str) -> bool:
    """Tell whether a text contains another: `%` and `_` stand for anything, A to Z for a to z."""
    wild = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return value is not None and re.search(wild, value, re.IGNORECASE | re.DOTALL | re.ASCII) is not None


LEAVES: dict[str, Callable[[Any, Any], Said]] = {
    "any_": any_of,
    "id_": any_of,
    "type_": any_of,
    "not_any_": lambda value, wanted: not wanted or (value is not None and value not in wanted),
    "all_": lambda value, wanted: set(wanted) <= set(value) if wanted else None,
    "like_": like,
    "is_null_": is_null,
    "exists_": lambda value, wanted: value == wanted,
    "before_": lambda value, wanted: moment(value) is not None and moment(value) <= wanted,
    "after_": lambda value, wanted: moment(value) is not None and moment(value) >= wanted,
}


def event_matches(event: ReceivedEvent, sought: Any) -> bool:
    """Tell whether an event matches a filter, `distinct` aside."""
    name, resource = sought.event, sought.resource
    own = event.resource["prefect.resource.id"]
    return (
        sought.occurred.since <= event.occurred <= sought.occurred.until
        and (not sought.id.id or event.id in sought.id.id)
        and (
            name is None
            or (
                (not name.name or event.event in name.name)
                and (not name.exclude_name or event.event not in name.exclude_name)
                and (not name.prefix or event.event.startswith(tuple(name.prefix)))
                and not event.event.startswith(tuple(name.exclude_prefix or ()))
            )
        )
        and (
            resource is None
            or (
                (not resource.id or own in resource.id)
                and (not resource.id_prefix or own.startswith(tuple(resource.id_prefix)))
                and has_labels(event.resource, resource.labels)
            )
        )
        and all(is_related(event, one) for one in each(sought.related))
        and all(is_any(event, one) for one in each(sought.any_resource))
        and (sought.text is None or has_text(event, sought.text.query))
    )


def each(sought: Any) -> list[Any]:
    """Return the filters of a list of them, of one, or of none."""
    return [] if sought is None else sought if isinstance(sought, list) else [sought]


def is_related(event: ReceivedEvent, sought: Any) -> bool:
    """Tell whether one related resource has all that is said."""
    if not (sought.id or sought.role or sought.resources_in_roles or sought.labels):
        return True
    return any(
        (not sought.id or one["prefect.resource.id"] in sought.id)
        and (not sought.role or one["prefect.resource.role"] in sought.role)
        and (
            not sought.resources_in_roles
            or (one["prefect.resource.id"], one["prefect.resource.role"]) in sought.resources_in_roles
        )
        and has_labels(one, sought.labels)
        for one in event.related
    )


def is_any(event: ReceivedEvent, sought: Any) -> bool:
    """Tell whether the event's own resource or a related one has all that is said."""
    return not (sought.id or sought.id_prefix or sought.labels) or any(
        (not sought.id or one["prefect.resource.id"] in sought.id)
        and (not sought.id_prefix or one["prefect.resource.id"].startswith(tuple(sought.id_prefix)))
        and has_labels(one, sought.labels)
        for one in [event.resource, *event.related]
    )


def has_labels(resource: dict[str, str], labels: dict[str, Any] | None) -> bool:
    """Tell whether a resource has each of some labels."""
    return all(
        name in resource and any(is_label(resource[name], one) for one in ([said] if isinstance(said, str) else said))
        for name, said in (labels or {}).items()
    )


def is_label(value: str, sought: str) -> bool:
    """Tell whether a label's value is one that is sought: `!` means another, `*` anything."""
    wild = ".*".join(re.escape(part) for part in sought.removeprefix("!").split("*"))
    return (re.fullmatch(wild, value, re.IGNORECASE | re.DOTALL | re.ASCII) is not None) != sought.startswith("!")


def has_text(event: ReceivedEvent, query: str) -> bool:
    """Tell whether an event's name, labels and payload match a search."""
    texts = [event.event, *(encode(part).decode() for part in (event.resource, event.related, event.payload))]
    return read_search(query).matches(" ".join(texts))
