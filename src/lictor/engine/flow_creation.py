"""Makes a flow run known to the server, with its flow and, for a subflow, the parent's task run that tracks it."""

from __future__ import annotations

from collections.abc import Generator
from math import ceil
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import Raw

from lictor.client.connection import Connection
from lictor.client.errors import HTTPStatusError
from lictor.engine import states
from lictor.engine.context import TAGS, TASK, FlowContext
from lictor.engine.effects import Effect
from lictor.engine.inputs import Inputs
from lictor.engine.specs import FlowSpec, run_name
from lictor.engine.states import proposal
from lictor.kit.json import encode
from lictor.wire.operations import flow, flow_run, task_run
from lictor.wire.types.flow import FlowCreate
from lictor.wire.types.flow_run import FlowRun, FlowRunCreate, FlowRunPolicy
from lictor.wire.types.task_run import TaskRunCreate, TaskRunPolicy, TaskRunResult

CONFLICT = 409

Created = Generator[Effect, Any, FlowRun]


def create_flow_run(
    spec: FlowSpec, arguments: dict[str, Any], inputs: Inputs, parent: FlowContext | None, connection: Connection
) -> Created:
    """Create a flow run."""
    tracking = None
    if parent is not None:
        tracking = yield from create_tracking_run(spec, inputs, parent)
    body = FlowRunCreate(
        state=proposal(states.Pending()),
        name=None if callable(spec.run_name) else run_name(spec, arguments),
        flow_id=UUID(int=0),
        flow_version=spec.version,
        parameters={name: json_of(value) for name, value in arguments.items()},
        parent_task_run_id=tracking,
        empirical_policy=FlowRunPolicy(retries=spec.retries, retry_delay=ceil(spec.retry_delay)),
        tags=sorted(TAGS.get()),
        idempotency_key=str(uuid4()),
    )
    known = spec.name in connection.flow_ids
    body.flow_id = yield from flow_id(spec.name, connection)
    try:
        run: FlowRun = yield flow_run.CREATE(body)
    except HTTPStatusError as refused:
        if not known or refused.status != CONFLICT:
            raise
        del connection.flow_ids[spec.name]  # the flow was deleted since
        body.flow_id = yield from flow_id(spec.name, connection)
        run = yield flow_run.CREATE(body)
    return run


def flow_id(name: str, connection: Connection) -> Generator[Effect, Any, UUID]:
    """Return the id of the flow of a name; a process asks once."""
    found = connection.flow_ids.get(name)
    if found is None:
        answer = yield flow.CREATE(FlowCreate(name=name))
        found = connection.flow_ids[name] = answer.id
    return found


def create_tracking_run(spec: FlowSpec, inputs: Inputs, parent: FlowContext) -> Generator[Effect, Any, UUID]:
    """Create the task run that stands for a subflow in its parent."""
    return (yield from track(spec.name, spec.key, spec.version, inputs.runs, parent))


def track(
    name: str, key: str, version: str | None, inputs: dict[str, list[UUID]], parent: FlowContext
) -> Generator[Effect, Any, UUID]:
    """Create the task run that stands in a flow run for a run of another flow, and return its id."""
    task = TASK.get()
    number = str(parent.next_number(key)) if task is None else str(uuid4())
    runs = inputs if task is None else inputs | {"__parents__": [task.run.id]}
    answer = yield task_run.CREATE(
        TaskRunCreate(
            state=proposal(states.Pending()),
            name=f"{name}-{number}",
            flow_run_id=parent.run.id,
            task_key=key,
            dynamic_key=number,
            task_version=version,
            empirical_policy=TaskRunPolicy(retries=0, retry_delay=0),
            tags=sorted(TAGS.get()),
            task_inputs={name: [TaskRunResult(id=run) for run in found] for name, found in runs.items()},
        )
    )
    tracking: UUID = answer.id
    return tracking


def json_of(value: Any) -> Raw:
    """Return a parameter as JSON; what has no JSON is named by its type."""
    try:
        return Raw(msgspec.json.encode(value, enc_hook=plain))
    except (TypeError, ValueError, RecursionError):
        return Raw(encode(type_name(value)))


def plain(value: Any) -> Any:
    """Return a value that is no JSON as one that is: a pydantic model as its fields, others by their type."""
    dump = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        return dump(mode="json")
    return type_name(value)


def type_name(value: object) -> str:
    """Return the type of a value that cannot be shown."""
    return f"<{type(value).__name__}>"
