"""A program for the reference's client; a test runs it with `prefect` replaced by `lictor`, and compares what it prints."""

# mypy: ignore-errors

import asyncio
import json
from datetime import timedelta
from uuid import UUID, uuid4

from prefect import flow, get_client, task
from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.client.schemas.sorting import FlowRunSort, LogSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelled, Completed, Running, Scheduled
from pydantic import BaseModel

NAME = f"carried-over-{uuid4()}"


class Kept(BaseModel):
    run: FlowRun


@task(tags=["t"], retries=2)
def double(x: int) -> int:
    return 2 * x


@flow(name=NAME, version="1")
def doubling(x: int = 1) -> int:
    print("doubling", x)
    return double(x)


def shown(run: FlowRun) -> None:
    data = json.loads(run.model_dump_json())
    print(run.name, run.parameters, run.tags, run.state_type.value, run.state_name, run.run_count, sorted(data))
    print(isinstance(run.id, UUID), isinstance(run.total_run_time, timedelta), type(data["total_run_time"]).__name__)


def sync_part() -> None:
    with get_client(sync_client=True) as client:
        print(isinstance(client, SyncPrefectClient), client.hello().json(), client.api_healthcheck())
        flow_id = client.create_flow(doubling)
        print(client.read_flow(flow_id).name == NAME == client.read_flow_by_name(NAME).name)
        runs = [
            client.create_flow_run(doubling, name=f"run-{i}", parameters={"x": i}, tags=["a", "b"], state=Scheduled())
            for i in range(3)
        ]
        answer = client.set_flow_run_state(runs[0].id, Cancelled(message="no"), force=True)
        print(answer.status == SetStateStatus.ACCEPT, answer.state.is_cancelled(), answer.state.message)
        client.set_flow_run_state(runs[1].id, State(type=StateType.RUNNING), force=True)
        client.set_flow_run_state(runs[1].id, Completed(name="Done"), force=True)
        print([(one.type.value, one.name, one.is_final()) for one in client.read_flow_run_states(runs[1].id)])
        mine = FlowFilter(name=FlowFilterName(any_=[NAME]))
        finished = client.read_flow_runs(
            flow_filter=mine,
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED, StateType.CANCELLED]))
            ),
            sort=FlowRunSort.NAME_ASC,
            limit=10,
        )
        for run in finished:
            shown(run)
        print(client.count_flow_runs(flow_filter=mine))
        kept = Kept(run=finished[0])
        print(Kept.model_validate_json(kept.model_dump_json()).run.id == finished[0].id)
        print(FlowRun.model_validate(finished[0].model_dump(mode="json")).name)
        print(finished[0].model_copy(update={"name": "other"}).name)
        client.update_flow_run(runs[2].id, name="changed", tags=["c"])
        client.create_flow_run_input(runs[2].id, "key", '"value"')
        print(client.read_flow_run_input(runs[2].id, "key"), client.read_flow_run(runs[2].id).name)
        (given,) = client.filter_flow_run_input(runs[2].id, key_prefix="k", limit=2, exclude_keys=set())
        print(given.key, given.decoded_value)
        made = client.create_task_run(double, flow_run_id=runs[2].id, dynamic_key="0", state=Running())
        print(made.task_key.split("-")[0], sorted(made.tags), made.empirical_policy.retries, made.state.name)
        client.delete_flow_run(runs[2].id)
        try:
            client.read_flow_run(runs[2].id)
        except ObjectNotFound:
            print("gone")
        try:
            client.read_flow_runs(limit=-1)
        except PrefectHTTPStatusError as refused:
            print(refused.response.status_code)


async def async_part() -> None:
    state = doubling(21, return_state=True)
    run_id = state.state_details.flow_run_id
    async with get_client() as client:
        print(isinstance(client, PrefectClient), await client.api_healthcheck())
        run = await client.read_flow_run(run_id)
        print(run.parameters, run.state.is_completed(), run.flow_version)
        this = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
        for _ in range(600):
            tasks = await client.read_task_runs(flow_run_filter=this)
            if tasks and tasks[0].state.is_completed():
                break
            await asyncio.sleep(0.1)
        print([(one.name.rpartition("-")[0], one.state.name) for one in tasks])
        for _ in range(600):
            logs = await client.read_logs(
                log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])), sort=LogSort.TIMESTAMP_ASC
            )
            if any("Finished in state" in line.message for line in logs if line.task_run_id is None):
                break
            await asyncio.sleep(0.1)
        print([line.level for line in logs if "Finished in state" in line.message])


sync_part()
asyncio.run(async_part())
