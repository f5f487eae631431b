"""What the reference's client reads and changes: `python reads.py prefect`, with PREFECT_API_URL set.

Prints a JSON object of what each call gave back, without ids, times and random names.
"""
# mypy: ignore-errors

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from prefect import flow, get_client, get_run_logger, tags, task
from prefect.client.schemas import filters as f
from prefect.client.schemas import sorting
from prefect.client.schemas.objects import StateType
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from prefect.exceptions import ObjectNotFound
from prefect.logging.clients import get_logs_subscriber
from prefect.states import Cancelled, Pending, Running, Scheduled

PATIENCE = 120  # the reference's SQLite now and then keeps a writer waiting for a minute
BEGAN = datetime.now(UTC)
told = {}


@task(tags=["reading"], task_run_name="first")
def first():
    get_run_logger().warning("from the task")
    return 1


@task(task_run_name="second")
def second(x):
    raise ValueError("broken")


@flow(name="reads", flow_run_name="reads-{number}")
def reads(number: int):
    get_run_logger().error("from the flow")
    second(first(), return_state=True)
    return number


@flow(name="reads-other", flow_run_name="other")
def other():
    raise ValueError("no")


def told_as(name):
    """Keep what a function returns, or the kind of its error, under a name."""

    def keep(read):
        try:
            told[name] = read()
        except Exception as error:
            told[name] = type(error).__name__
        return read

    return keep


def names(found):
    return [each.name for each in found]


def state(found):
    return [found.type.value, found.name]


def read_flows(client):
    of_run = f.FlowRunFilter(name=f.FlowRunFilterName(any_=["other"]))
    failed = f.TaskRunFilter(name=f.TaskRunFilterName(any_=["second"]))
    named = f.FlowFilter(name=f.FlowFilterName(like_="reads"))
    told_as("flow by name")(lambda: client.read_flow_by_name("reads").name)
    told_as("flow by id")(lambda: client.read_flow(client.read_flow_by_name("reads").id).name)
    told_as("no such flow")(lambda: client.read_flow(uuid4()))
    told_as("flows like")(lambda: names(client.read_flows(flow_filter=named, sort=sorting.FlowSort.NAME_ASC)))
    told_as("flows page")(
        lambda: names(client.read_flows(flow_filter=named, sort=sorting.FlowSort.NAME_DESC, limit=1, offset=1))
    )
    told_as("flows of a run")(lambda: names(client.read_flows(flow_run_filter=of_run)))
    told_as("flows of a task run")(lambda: names(client.read_flows(flow_filter=named, task_run_filter=failed)))
    told_as("flow made twice")(lambda: client.create_flow(reads) == client.read_flow_by_name("reads").id)


RUN_FILTERS = {
    "names": {"name": f.FlowRunFilterName(any_=["reads-1", "reads-3"])},
    "name like": {"name": f.FlowRunFilterName(like_="S-2")},
    "state type": {"state": f.FlowRunFilterState(type=f.FlowRunFilterStateType(any_=[StateType.COMPLETED]))},
    "state name": {"state": f.FlowRunFilterState(name=f.FlowRunFilterStateName(any_=["Failed"]))},
    "not state": {"state": f.FlowRunFilterState(type=f.FlowRunFilterStateType(not_any_=[StateType.FAILED]))},
    "all tags": {"tags": f.FlowRunFilterTags(all_=["even", "outside"])},
    "any tags": {"tags": f.FlowRunFilterTags(any_=["even", "other"])},
    "no tags": {"tags": f.FlowRunFilterTags(is_null_=True)},
    "began after": {"start_time": f.FlowRunFilterStartTime(after_=BEGAN)},
    "began before": {"start_time": f.FlowRunFilterStartTime(before_=BEGAN - timedelta(hours=1))},
    "never began": {"start_time": f.FlowRunFilterStartTime(is_null_=True)},
    "ended": {"end_time": f.FlowRunFilterEndTime(is_null_=False)},
    "expected": {"expected_start_time": f.FlowRunFilterExpectedStartTime(after_=BEGAN)},
    "no deployment": {"deployment_id": f.FlowRunFilterDeploymentId(is_null_=True)},
    "no parent": {"parent_task_run_id": f.FlowRunFilterParentTaskRunId(is_null_=True)},
    "either": {
        "operator": f.Operator.or_,
        "name": f.FlowRunFilterName(any_=["reads-1"]),
        "tags": f.FlowRunFilterTags(all_=["even"]),
    },
}


def read_flow_runs(client):
    ours = f.FlowFilter(name=f.FlowFilterName(like_="reads"))
    for name, fields in RUN_FILTERS.items():
        wanted = f.FlowRunFilter(**fields)
        told_as(f"runs: {name}")(
            lambda w=wanted: sorted(names(client.read_flow_runs(flow_filter=ours, flow_run_filter=w)))
        )
        told_as(f"count: {name}")(lambda w=wanted: client.count_flow_runs(flow_filter=ours, flow_run_filter=w))
    for name in (
        "EXPECTED_START_TIME_ASC",
        "EXPECTED_START_TIME_DESC",
        "START_TIME_DESC",
        "END_TIME_DESC",
        "NAME_DESC",
    ):
        sort = sorting.FlowRunSort(name)
        told_as(f"runs by {name}")(lambda s=sort: names(client.read_flow_runs(flow_filter=ours, sort=s)))
    told_as("runs page")(
        lambda: names(
            client.read_flow_runs(flow_filter=ours, sort=sorting.FlowRunSort.EXPECTED_START_TIME_ASC, limit=2, offset=1)
        )
    )


def read_one_run(client, run_id):
    run = client.read_flow_run(run_id)
    told["run"] = [
        run.name,
        state(run.state),
        run.parameters,
        sorted(run.tags),
        run.run_count,
        run.flow_version is not None,
        run.start_time <= run.end_time,
        run.total_run_time.total_seconds() > 0,
        run.estimated_run_time.total_seconds() > 0,
        run.created_by,
        run.auto_scheduled,
        run.deployment_id,
    ]
    told["run states"] = [state(each) for each in client.read_flow_run_states(run_id)]
    told_as("no such run")(lambda: client.read_flow_run(uuid4()))
    of_run = f.FlowRunFilter(id=f.FlowRunFilterId(any_=[run_id]))
    in_order = sorting.TaskRunSort.EXPECTED_START_TIME_ASC
    tasks = client.read_task_runs(flow_run_filter=of_run, sort=in_order)
    told["task runs"] = [
        [each.name, each.task_key.rpartition("-")[0], state(each.state), sorted(each.tags), each.run_count]
        for each in tasks
    ]
    told["task run by id"] = [names([client.read_task_run(each.id)]) for each in tasks]
    told["task run states"] = [[state(s) for s in client.read_task_run_states(each.id)] for each in tasks]
    told_as("no such task run")(lambda: client.read_task_run(uuid4()))
    for name, wanted in {
        "tags": f.TaskRunFilter(tags=f.TaskRunFilterTags(all_=["reading"])),
        "name like": f.TaskRunFilter(name=f.TaskRunFilterName(like_="secon")),
        "state": f.TaskRunFilter(state=f.TaskRunFilterState(type=f.TaskRunFilterStateType(any_=[StateType.FAILED]))),
        "began": f.TaskRunFilter(start_time=f.TaskRunFilterStartTime(after_=BEGAN)),
        "subflows": f.TaskRunFilter(subflow_runs=f.TaskRunFilterSubFlowRuns(exists_=True)),
        "of the run": f.TaskRunFilter(flow_run_id=f.TaskRunFilterFlowRunId(any_=[run_id])),
    }.items():
        told_as(f"task runs: {name}")(
            lambda w=wanted: names(client.read_task_runs(flow_run_filter=of_run, task_run_filter=w, sort=in_order))
        )
    read_logs(client, run_id, tasks[0].id)


def read_logs(client, run_id, task_run_id):
    def lines(limit=None, offset=None, sort=sorting.LogSort.TIMESTAMP_ASC, **fields):
        wanted = f.LogFilter(flow_run_id=f.LogFilterFlowRunId(any_=[run_id]), **fields)
        found = client.read_logs(wanted, limit=limit, offset=offset, sort=sort)
        return [[each.name, each.level, each.task_run_id is not None] for each in found]

    told["logs"] = lines()
    told["logs backwards"] = lines(sort=sorting.LogSort.TIMESTAMP_DESC)
    told["logs page"] = lines(limit=2, offset=1)
    told["loud logs"] = lines(level=f.LogFilterLevel(ge_=logging.WARNING))
    told["quiet logs"] = lines(level=f.LogFilterLevel(le_=logging.INFO))
    told["late logs"] = lines(timestamp=f.LogFilterTimestamp(after_=BEGAN + timedelta(hours=1)))
    told["logs of a task"] = lines(task_run_id=f.LogFilterTaskRunId(any_=[task_run_id]))


def change_runs(client):
    made = client.create_flow_run(reads, name="by hand", parameters={"number": 7}, tags=["hand"], state=Pending())
    told["made"] = [made.name, state(made.state), made.parameters, made.tags, made.run_count]
    outcome = client.set_flow_run_state(made.id, Running())
    told["started"] = [outcome.status.value, state(outcome.state)]
    told["refused"] = client.set_flow_run_state(made.id, Pending()).status.value
    client.update_flow_run(made.id, name="changed", tags=["changed"], parameters={"number": 8})
    changed = client.read_flow_run(made.id)
    told["changed"] = [changed.name, changed.tags, changed.parameters, changed.run_count]
    told["cancelled"] = state(client.set_flow_run_state(made.id, Cancelled(message="enough")).state)
    told["reopened by force"] = client.set_flow_run_state(made.id, Scheduled(), force=True).status.value
    told["history"] = [state(each) for each in client.read_flow_run_states(made.id)]
    task_run = client.create_task_run(first, made.id, "0", name="mine", state=Pending())
    told["task run made"] = [task_run.name, state(task_run.state), task_run.dynamic_key, task_run.tags]
    told["task run started"] = state(client.set_task_run_state(task_run.id, Running()).state)
    client.delete_task_run(task_run.id)
    told_as("task run deleted")(lambda: client.read_task_run(task_run.id))
    client.delete_flow_run(made.id)
    told_as("run deleted")(lambda: client.read_flow_run(made.id))
    told_as("run deleted twice")(lambda: client.delete_flow_run(made.id))


def read_events(client, run_id):
    wanted = EventFilter(
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run_id}"]),
        event=EventNameFilter(prefix=["prefect.flow-run."], exclude_prefix=["prefect.flow-run.heartbeat"]),
    )
    page = client.read_events(wanted, limit=2)
    told["events"] = [[each.event for each in page.events], page.total]
    return wanted


async def subscribe(wanted):
    """Follow the events of a run that is over, and the log lines of one that begins."""
    found = []
    async with asyncio.timeout(PATIENCE), get_events_subscriber(filter=wanted) as subscriber:
        async for event in subscriber:
            found.append(event.event)
            if event.event.endswith(".Completed"):
                break
    told["events followed"] = found
    lines = f.LogFilter(level=f.LogFilterLevel(ge_=logging.ERROR))
    async with asyncio.timeout(PATIENCE), get_logs_subscriber(filter=lines) as subscriber:
        running = asyncio.create_task(asyncio.to_thread(reads, 4))
        async for line in subscriber:
            if line.message == "from the flow":
                told["line followed"] = [line.name, line.level, line.task_run_id]
                break
    await running


async def read_asynchronously():
    async with get_client() as client:
        told["async"] = [names([await client.read_flow_by_name("reads")]), (await client.hello()).json()]
        try:
            await client.read_flow_run(uuid4())
        except ObjectNotFound as missing:
            told["async missing"] = type(missing).__name__


async def stored(client, runs):
    """Wait until everything that the runs left is stored."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    of_runs = f.FlowRunFilter(id=f.FlowRunFilterId(any_=runs))
    log = f.LogFilter(flow_run_id=f.LogFilterFlowRunId(any_=runs))
    ended = EventFilter(
        resource=EventResourceFilter(id=[f"prefect.flow-run.{run}" for run in runs]),
        event=EventNameFilter(name=["prefect.flow-run.Completed"]),
    )
    while True:
        tasks = client.read_task_runs(flow_run_filter=of_runs)
        done = [each for each in tasks if each.state is not None and each.state.is_final()]
        lines, events = len(client.read_logs(log)), client.read_events(ended, limit=1).total
        if len(done) == 2 * len(runs) and lines >= 5 * len(runs) and events == len(runs):
            return
        if asyncio.get_running_loop().time() > deadline:
            raise SystemExit(f"not stored in time: {len(done)} task runs, {lines} lines, {events} events")
        await asyncio.sleep(0.2)


def main():
    runs = []
    for number in (1, 2, 3):
        with tags("outside", *(["even"] if number == 2 else [])):
            runs.append(reads(number, return_state=True).state_details.flow_run_id)
    with tags("other"):
        other(return_state=True)
    with get_client(sync_client=True) as client:
        asyncio.run(stored(client, runs))
        told_as("health")(client.api_healthcheck)
        read_flows(client)
        read_flow_runs(client)
        read_one_run(client, runs[1])
        wanted = read_events(client, runs[1])
        change_runs(client)
    asyncio.run(subscribe(wanted))
    asyncio.run(read_asynchronously())
    told["run id"] = str(runs[1])
    print(json.dumps(told))


main()
