"""Makes flows, flow runs and task runs, or finds the one that a repeated request made before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Raw

from lictor.kit.ids import uuid7
from lictor.kit.json import encode
from lictor.kit.names import random_name
from lictor.orchestration.change_state import mirror, state_of
from lictor.orchestration.flow_run_events import Owners, flow_created, flow_run_changed
from lictor.orchestration.queue_places import queue_of
from lictor.orchestration.refusal import Conflict
from lictor.rules.advance import advance_flow_run, advance_task_run
from lictor.store import block_document, deployment, event, flow, flow_run, task_run, work_pool
from lictor.store.transaction import NotFound, Transaction, brief
from lictor.wire.types.common import Labels
from lictor.wire.types.deployment import Deployment
from lictor.wire.types.flow import Flow, FlowCreate
from lictor.wire.types.flow_run import CreatedBy, FlowRun, FlowRunCreate
from lictor.wire.types.state import FINAL, StateCreate, StateType
from lictor.wire.types.task_run import TaskRun, TaskRunCreate
from lictor.wire.types.work_queue import WorkQueue

Made = tuple[str, bool]
"""A resource's JSON, and whether it was made just now."""


@brief
def create_flow(body: FlowCreate, now: datetime, by: str) -> Transaction[Made]:
    """Get a flow by its exact name, or make it; an existing one is left as it is."""
    new = Flow(id=uuid7(), created=now, updated=now, name=body.name, tags=body.tags, labels=body.labels)
    text, created = yield from flow.get_or_create(new, by)
    if created:
        yield from event.add([flow_created(new, now)], by)
    return text, created


@brief
def create_flow_run(
    body: FlowRunCreate, now: datetime, by: str, created_by: CreatedBy | None = None
) -> Transaction[Made]:
    """Make a flow run, or find the one with the same idempotency key of the same flow."""
    existing = yield from repeated(body.flow_id, body.idempotency_key, now)
    if existing is not None:
        return existing, False
    queue = None
    if body.work_pool_name is not None:
        queue = yield from queue_of(body.work_pool_name, body.work_queue_name, now, by, make=False)
    parent = yield from flow_of(body.flow_id)
    source = None if body.deployment_id is None else (yield from deployment.find(body.deployment_id))
    run = new_flow_run(body, parent, source and source.deployment, now)
    if queue is not None:
        put_into(run, queue)
    run.created_by = created_by
    return (yield from place(run, parent, source and source.deployment, body.state, now, by)), True


def repeated(flow_id: UUID, idempotency_key: str | None, now: datetime) -> Transaction[str | None]:
    """Return the JSON of a flow's run with an idempotency key, None if there is none."""
    existing = None if idempotency_key is None else (yield from flow_run.find(flow_id, idempotency_key))
    return None if existing is None else (yield from flow_run.text(existing, now))


def place(  # what a run is, of what, in which state, when and for whom
    run: FlowRun, parent: Flow, source: Deployment | None, state: StateCreate | None, now: datetime, by: str
) -> Transaction[str]:
    """Add a flow run in its first state, PENDING unless another is given; return its JSON."""
    if run.parent_task_run_id is not None and not (yield from task_run.exists(run.parent_task_run_id)):
        raise Conflict(f"Parent task run {run.parent_task_run_id} does not exist.")
    document_id = run.infrastructure_document_id
    if document_id is not None and not (yield from block_document.is_there(document_id)):
        raise Conflict(f"infrastructure_document_id: there is no block document {document_id}.")
    proposed = state or StateCreate(type=StateType.PENDING)
    advance_flow_run(run, state_of(proposed, now, flow_run_id=run.id, task_run_id=run.parent_task_run_id))
    yield from flow_run.insert(run, by)
    pool_type = "" if run.work_pool_id is None else (yield from work_pool.load(run.work_pool_id))[0].type
    owners = Owners(parent.name, source.name if source else "", pool_type)
    yield from event.add([flow_run_changed(run, owners, None, proposed.type, now)], by)
    if run.parent_task_run_id is not None and run.state is not None:
        yield from mirror(run, run.state, now, by)
    run.estimated_start_time_delta = lateness(run, now)
    return encode(run).decode()


def put_into(run: FlowRun, queue: WorkQueue) -> None:
    """Let a run wait in a queue."""
    run.work_queue_id, run.work_queue_name = queue.id, queue.name
    run.work_pool_id, run.work_pool_name = queue.work_pool_id, queue.work_pool_name


def lateness(run: FlowRun | TaskRun, now: datetime) -> float:
    """Return by how many seconds a run that has not started is late."""
    if run.start_time is not None or run.expected_start_time is None or run.state_type in FINAL:
        return 0.0
    return max(0.0, (now - run.expected_start_time).total_seconds())


def new_flow_run(body: FlowRunCreate, parent: Flow, source: Deployment | None, now: datetime) -> FlowRun:
    """Return the run that a body describes, without a state yet."""
    return FlowRun(
        id=uuid7(),
        created=now,
        updated=now,
        name=body.name or random_name(),
        flow_id=body.flow_id,
        deployment_id=body.deployment_id,
        work_queue_name=body.work_queue_name,
        flow_version=body.flow_version,
        parameters=spliced(body.parameters),
        idempotency_key=body.idempotency_key,
        context=spliced(body.context),
        empirical_policy=body.empirical_policy,
        tags=body.tags,
        labels=labels_of(body.labels, parent, source),
        parent_task_run_id=body.parent_task_run_id,
        infrastructure_document_id=body.infrastructure_document_id,
        job_variables=spliced(body.job_variables or {}),
    )


def labels_of(own: Labels | None, parent: Flow, source: Deployment | None) -> Labels:
    """Return a flow run's labels: those of its deployment, or else of its flow, its own, and the ids of both."""
    ids = {"prefect.flow.id": str(parent.id)}
    if source is None:
        return merged(parent.labels, own, ids)
    return merged(source.labels, own, {**ids, "prefect.deployment.id": str(source.id)})


@brief
def create_task_run(body: TaskRunCreate, now: datetime, by: str) -> Transaction[Made]:
    """Make a task run, or find the one with the same flow run, task key and dynamic key."""
    existing = yield from task_run.find(body.flow_run_id, body.task_key, body.dynamic_key)
    if existing is not None:
        return (yield from task_run.text(existing, now)), False
    if body.id is not None and (yield from task_run.exists(body.id)):
        raise Conflict(f"The id {body.id} belongs to another task run.")
    labels = body.labels or {}
    if body.flow_run_id is not None:
        labels = yield from inherited(body.flow_run_id, labels)
    run = TaskRun(
        id=body.id or uuid7(),
        created=now,
        updated=now,
        name=body.name or random_name(),
        flow_run_id=body.flow_run_id,
        task_key=body.task_key,
        dynamic_key=body.dynamic_key,
        cache_key=body.cache_key,
        cache_expiration=body.cache_expiration,
        task_version=body.task_version,
        empirical_policy=body.empirical_policy,
        tags=body.tags,
        labels=labels,
        task_inputs=body.task_inputs,
    )
    proposed = body.state or StateCreate(type=StateType.PENDING)
    advance_task_run(run, state_of(proposed, now, flow_run_id=run.flow_run_id, task_run_id=run.id))
    yield from task_run.insert(run, by)
    run.estimated_start_time_delta = lateness(run, now)
    return encode(run).decode(), True


def inherited(flow_run_id: UUID, labels: Labels) -> Transaction[Labels]:
    """Return a task run's labels: those of its flow and flow run, its own, and the ids of both."""
    try:
        parent, _ = yield from flow_run.load(flow_run_id)
    except NotFound:
        raise Conflict(f"Flow run {flow_run_id} does not exist.") from None
    ids = {"prefect.flow.id": str(parent.flow_id), "prefect.flow-run.id": str(parent.id)}
    return merged(parent.labels, labels, ids)


def flow_of(flow_id: UUID) -> Transaction[Flow]:
    """Return the flow that a run belongs to."""
    try:
        return (yield from flow.load(flow_id))
    except NotFound:
        raise Conflict(f"Flow {flow_id} does not exist.") from None


def merged(*labels: Labels | dict[str, str] | None) -> Labels:
    """Return labels laid over each other, the last on top."""
    together: Labels = {}
    for part in labels:
        together.update(part or {})
    return together


def spliced(values: Mapping[str, Raw]) -> Raw:
    """Return a JSON object of texts as one text."""
    return Raw(encode(values))
