"""Makes runs of deployments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from lictor.kit.ids import uuid7
from lictor.kit.names import random_name
from lictor.orchestration.create_runs import Made, flow_of, labels_of, place, put_into, repeated, spliced
from lictor.orchestration.job_variables import wrong_for
from lictor.orchestration.parameters import check_run, hydrated
from lictor.orchestration.queue_places import queue_of
from lictor.orchestration.refusal import Absent, Conflict, Unacceptable, Unfit
from lictor.store import deployment, work_queue
from lictor.store.keyring import Keyring
from lictor.store.transaction import Store, Transaction
from lictor.wire.types.deployment import Deployment, DeploymentFlowRunCreate, FlowRunCreateResult
from lictor.wire.types.flow import Flow
from lictor.wire.types.flow_run import CreatedBy, FlowRun
from lictor.wire.types.state import StateCreate, StateType

MOST_AT_ONCE = 100


def create_run(  # with which keys, of what, as which request says, when, by whom
    keyring: Keyring,
    deployment_id: UUID,
    body: DeploymentFlowRunCreate,
    now: datetime,
    by: str,
    created_by: CreatedBy | None = None,
) -> Transaction[Made]:
    """Make a run of a deployment, or find the one with the same idempotency key of its flow."""
    source, _ = yield from deployment.load(deployment_id)
    parameters = yield from hydrated({**source.parameters, **body.parameters})
    enforce = (
        source.enforce_parameter_schema if body.enforce_parameter_schema is None else body.enforce_parameter_schema
    )
    if enforce:
        check_run(parameters, source.parameter_openapi_schema)
    existing = yield from repeated(source.flow_id, body.idempotency_key, now)
    if existing is not None:
        return existing, False
    parent = yield from flow_of(source.flow_id)
    run = new_run(body, source, parent, now)
    if body.work_queue_name and source.work_pool_name is None:
        raise Unacceptable("work_queue_name: the deployment has no work pool; leave it out.")
    if body.work_queue_name:
        put_into(run, (yield from queue_of(source.work_pool_name, body.work_queue_name, now, by, make=True)))
    elif source.work_queue_id is not None:
        put_into(run, (yield from work_queue.load(source.work_queue_id)))
    wrong = yield from wrong_for(keyring, run.work_pool_name, source.job_variables, run.job_variables, whole=True)
    if wrong is not None:
        raise Unfit(wrong)
    run.parameters, run.created_by = spliced(parameters), created_by
    state = body.state or StateCreate(type=StateType.SCHEDULED)
    return (yield from place(run, parent, source, state, now, by)), True


class Identified(Struct):
    """The id in a run's JSON."""

    id: UUID


async def create_runs(  # where, with which keys, of what, as which requests say, when, by whom
    store: Store,
    keyring: Keyring,
    deployment_id: UUID,
    bodies: list[DeploymentFlowRunCreate],
    now: datetime,
    by: str,
    created_by: CreatedBy | None = None,
) -> list[FlowRunCreateResult]:
    """Make several runs of a deployment, each for itself; return what came of them in their order."""
    if len(bodies) > MOST_AT_ONCE:
        raise Unacceptable(f"{len(bodies)} runs are too many at once: {MOST_AT_ONCE} at most.")
    await store.read(deployment.load, deployment_id)
    results = []
    for body in bodies:
        try:
            made, _ = await store.write(create_run, keyring, deployment_id, body, now, by, created_by)
        except (Absent, Conflict, Unacceptable, Unfit) as error:
            results.append(FlowRunCreateResult(status="FAILED", error=str(error)))
        else:
            found = msgspec.json.decode(made, type=Identified)
            results.append(FlowRunCreateResult(flow_run_id=found.id, status="CREATED"))
    return results


def new_run(body: DeploymentFlowRunCreate, source: Deployment, parent: Flow, now: datetime) -> FlowRun:
    """Return the run of a deployment that a body describes, without parameters and a state yet."""
    return FlowRun(
        id=uuid7(),
        created=now,
        updated=now,
        name=body.name or random_name(),
        flow_id=source.flow_id,
        deployment_id=source.id,
        deployment_version=source.version,
        idempotency_key=body.idempotency_key,
        context=spliced(body.context),
        empirical_policy=body.empirical_policy,
        tags=list(dict.fromkeys([*source.tags, *body.tags])),
        labels=labels_of(body.labels, parent, source),
        parent_task_run_id=body.parent_task_run_id,
        infrastructure_document_id=body.infrastructure_document_id or source.infrastructure_document_id,
        job_variables=spliced(body.job_variables or {}),
    )
