"""Changes and deletions that no rule guards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from lictor.kit.names import random_name
from lictor.orchestration.create_runs import spliced
from lictor.orchestration.deployments import forget
from lictor.orchestration.job_variables import wrong_for
from lictor.orchestration.refusal import Unacceptable, Unfit
from lictor.store import deployment, flow, flow_run, task_run
from lictor.store.keyring import Keyring
from lictor.store.run_row import SLICE
from lictor.store.transaction import NotFound, Store, Transaction, brief
from lictor.wire.types.common import JSONObject, Labels
from lictor.wire.types.flow import FlowUpdate
from lictor.wire.types.flow_run import FlowRun, FlowRunUpdate
from lictor.wire.types.state import StateType
from lictor.wire.types.task_run import TaskRunUpdate


@brief
def update_flow(flow_id: UUID, body: FlowUpdate, now: datetime, by: str) -> Transaction[None]:
    """Change what was sent of a flow."""
    found = yield from flow.load_to_change(flow_id)
    if body.tags is not UNSET:
        found.tags = body.tags
    found.updated = now
    yield from flow.save(found, by)


async def delete_flow(store: Store, flow_id: UUID) -> None:
    """Delete a flow, its runs and deployments, a slice at a time so that other writers go on."""
    await store.point(flow.text, flow_id)
    while await store.write(flow.delete_some_runs, flow_id):
        pass
    await store.write(remove_flow, flow_id)


def remove_flow(flow_id: UUID) -> Transaction[None]:
    """Delete a flow, what is left of its runs, and its deployments."""
    yield from flow.delete(flow_id)
    while found := (yield from deployment.some_of_flow(flow_id, SLICE)):
        for deployment_id in found:
            yield from forget(deployment_id)


async def delete_flows(store: Store, flow_ids: Iterable[UUID]) -> list[UUID]:
    """Delete flows and their runs; return which, save those that were gone by then."""
    deleted = []
    for flow_id in flow_ids:
        try:
            await delete_flow(store, flow_id)
        except NotFound:
            continue
        deleted.append(flow_id)
    return deleted


async def delete_flow_run(store: Store, run_id: UUID) -> None:
    """Delete a flow run, a slice at a time so that other writers go on; one that is gone stays so."""
    while not await store.write(flow_run.delete_some, run_id.bytes, SLICE):
        pass


@brief
def label_flow_run(run_id: UUID, labels: Labels, now: datetime, by: str) -> Transaction[None]:
    """Lay labels over those of a flow run."""
    run, version = yield from flow_run.load(run_id)
    run.labels = {**run.labels, **labels}
    run.updated = now
    yield from flow_run.save(run, version, by)


@brief
def update_flow_run(keyring: Keyring, run_id: UUID, body: FlowRunUpdate, now: datetime, by: str) -> Transaction[None]:
    """Change what was sent of a flow run; for a name that is null or empty one is drawn."""
    run, version = yield from flow_run.load(run_id)
    if body.job_variables is not UNSET:
        yield from change_job_variables(keyring, run, body.job_variables)
    if body.name is not UNSET:
        run.name = body.name or random_name()
    if body.flow_version is not UNSET:
        run.flow_version = body.flow_version
    if body.parameters is not UNSET:
        run.parameters = spliced(body.parameters)
    if body.empirical_policy is not UNSET:
        run.empirical_policy = body.empirical_policy
    if body.tags is not UNSET:
        run.tags = body.tags
    if body.infrastructure_pid is not UNSET:
        run.infrastructure_pid = body.infrastructure_pid
    run.updated = now
    yield from flow_run.save(run, version, by)


def change_job_variables(keyring: Keyring, run: FlowRun, variables: JSONObject | None) -> Transaction[None]:
    """Change a run's job variables, which only a scheduled run of a deployment may still do, to what its pool takes."""
    source = None if run.deployment_id is None else (yield from deployment.find(run.deployment_id))
    if source is None or run.state_type != StateType.SCHEDULED:
        raise Unacceptable("job_variables: only a SCHEDULED run of a deployment can change them.")
    made, given = source.deployment, variables or {}
    wrong = yield from wrong_for(keyring, made.work_pool_name, made.job_variables, given, whole=True)
    if wrong is not None:
        raise Unfit(wrong)
    run.job_variables = spliced(given)


@brief
def update_task_run(run_id: UUID, body: TaskRunUpdate, now: datetime, by: str) -> Transaction[None]:
    """Rename a task run; for a name that is null or empty one is drawn."""
    run, version = yield from task_run.load(run_id)
    if body.name is not UNSET:
        run.name = body.name or random_name()
    run.updated = now
    yield from task_run.save(run, version, by)
