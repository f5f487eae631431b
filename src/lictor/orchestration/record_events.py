"""Stores events that clients report, and in the same transaction the task runs that they tell of.

A task run that its client orchestrates is known from its `prefect.task-run.*` events alone: the state's id is the
event's id, its time the event's, its body `payload.validated_state`, the run `payload.task_run`. Events may come out
of order and more than once.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct, field

from lictor.kit.clock import in_utc
from lictor.kit.json import EMPTY_OBJECT, null, raw
from lictor.kit.names import random_name
from lictor.orchestration import silent_runs
from lictor.store import event, task_run
from lictor.store.transaction import Transaction
from lictor.wire.types.common import Labels
from lictor.wire.types.event import Event, ReceivedEvent
from lictor.wire.types.state import State, StateDetails, StateType
from lictor.wire.types.task_run import TaskInputs, TaskRun, TaskRunPolicy

logger = logging.getLogger("lictor.server.events")

ID = "prefect.resource.id"
ROLE = "prefect.resource.role"
TASK_RUN = "prefect.task-run."
FLOW_RUN = "prefect.flow-run."
HEARTBEAT = "prefect.flow-run.heartbeat"


class ReportedState(Struct, kw_only=True):
    """A state in an event's payload."""

    type: StateType
    name: str | None = None
    message: str | None = None
    data: Raw = field(default_factory=null)
    state_details: StateDetails = field(default_factory=StateDetails)


class ReportedTaskRun(Struct, kw_only=True):
    """A task run in an event's payload."""

    name: str = ""
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: datetime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = field(default_factory=TaskRunPolicy)
    tags: list[str] = field(default_factory=list)
    labels: Labels | None = field(default_factory=dict)
    task_inputs: TaskInputs = field(default_factory=dict)
    run_count: int = 0
    flow_run_run_count: int = 0
    expected_start_time: datetime | None = None
    next_scheduled_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    total_run_time: float = 0.0

    def __post_init__(self) -> None:
        self.empirical_policy.fill()


read_state = msgspec.json.Decoder(ReportedState, strict=False).decode
read_run = msgspec.json.Decoder(ReportedTaskRun, strict=False).decode


def record(events: list[Event], received: datetime, by: str) -> Transaction[None]:
    """Store events and the task runs that they tell of; what was stored before is left alone."""
    yield from event.add([arrived(one, received) for one in events], by)
    runs = [run for run in map(task_run_of, events) if run is not None]
    if runs:
        yield from task_run.record(runs, received, by)
    yield from silent_runs.note(filter(None, map(heartbeat_of, events)), "heartbeat", received)


def heartbeat_of(one: Event) -> tuple[UUID, datetime] | None:
    """Return the flow run that an event says of that it goes on, and the event's time."""
    if one.event != HEARTBEAT:
        return None
    try:
        return UUID(one.resource.get(ID, "").removeprefix(FLOW_RUN)), in_utc(one.occurred)
    except ValueError:
        return None


def arrived(one: Event, received: datetime) -> ReceivedEvent:
    """Return an event with the time it came in."""
    return ReceivedEvent(
        occurred=in_utc(one.occurred),
        event=one.event,
        resource=one.resource,
        related=one.related,
        payload=raw(one.payload) if one.payload else EMPTY_OBJECT,
        id=one.id,
        follows=one.follows,
        received=received,
    )


def task_run_of(one: Event) -> TaskRun | None:
    """Return the task run that an event tells of, in the state that it tells of, or None."""
    if not one.event.startswith(TASK_RUN) or one.resource.get("prefect.orchestration") != "client":
        return None
    try:
        return reported_run(one, read_run(one.payload["task_run"]), read_state(one.payload["validated_state"]))
    except (msgspec.MsgspecError, LookupError, ValueError, RecursionError) as error:
        logger.warning("Event %s tells of no task run that can be recorded: %s", one.id, error)
        return None


def reported_run(one: Event, told: ReportedTaskRun, said: ReportedState) -> TaskRun:
    """Build a task run from its event."""
    occurred = in_utc(one.occurred)
    run_id = UUID(one.resource[ID].removeprefix(TASK_RUN))
    flow_run_id = next(
        (UUID(related[ID].removeprefix(FLOW_RUN)) for related in one.related if related.get(ROLE) == "flow-run"), None
    )
    details = said.state_details
    details.flow_run_id, details.task_run_id = flow_run_id, run_id
    state = State(
        id=one.id,
        type=said.type,
        name=said.name,
        timestamp=occurred,
        message=said.message,
        data=said.data,
        state_details=details,
    )
    return TaskRun(
        id=run_id,
        created=None,
        updated=None,
        name=told.name or random_name(),
        flow_run_id=flow_run_id,
        task_key=told.task_key,
        dynamic_key=told.dynamic_key,
        cache_key=told.cache_key,
        cache_expiration=told.cache_expiration,
        task_version=told.task_version,
        empirical_policy=told.empirical_policy,
        tags=told.tags,
        labels=told.labels,
        task_inputs=told.task_inputs,
        run_count=told.run_count,
        flow_run_run_count=told.flow_run_run_count,
        expected_start_time=told.expected_start_time,
        next_scheduled_start_time=told.next_scheduled_start_time,
        start_time=told.start_time,
        end_time=told.end_time,
        total_run_time=told.total_run_time,
        state_id=state.id,
        state_type=state.type,
        state_name=state.name,
        state=state,
    )


def problem_of(one: Event, maximum_related: int, maximum_name: int) -> tuple[list[str | int], str] | None:
    """Return where an event that is well formed is wrong, and why; None if it is not."""
    if not one.resource.get(ID):
        return ["resource"], f"the label '{ID}' is missing or empty"
    if len(one.event) > maximum_name:
        return ["event"], f"at most {maximum_name} characters"
    if len(one.related) > maximum_related:
        return ["related"], f"at most {maximum_related} resources"
    for place, related in enumerate(one.related):
        if not related.get(ID) or not related.get(ROLE):
            return ["related", place], f"every resource needs the labels '{ID}' and '{ROLE}'"
    return None
