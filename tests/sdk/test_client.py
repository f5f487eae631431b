"""The clients' methods, on a real server: each operation is asked for, in both clients, with the types that are said."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, assert_type
from uuid import UUID, uuid4

import pytest

from lictor import Cancelled, Completed, flow, get_client, runtime, settings, task
from lictor.client.errors import Response
from lictor.client.orchestration import LictorClient, PrefectClient, SyncLictorClient, SyncPrefectClient
from lictor.client.schemas.actions import (
    DeploymentFlowRunCreate,
    DeploymentScheduleCreate,
    DeploymentUpdate,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    LogCreate,
)
from lictor.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
    TaskRunFilter,
    TaskRunFilterId,
)
from lictor.client.schemas.objects import Deployment, Flow, FlowRun, FlowRunInput, Log, State, StateType, TaskRun
from lictor.client.schemas.responses import (
    ConcurrencyLimitWithLeaseResponse,
    OrchestrationResult,
    SetStateStatus,
    StateAbortDetails,
)
from lictor.client.schemas.schedules import CronSchedule, IntervalSchedule
from lictor.client.schemas.sorting import FlowRunSort, TaskRunSort
from lictor.events.filters import EventFilter, EventNameFilter, EventOccurredFilter
from lictor.events.schemas.events import Event
from lictor.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError, ServerUnreachable
from lictor.kit.clock import now
from lictor.sdk import api as api_modules
from lictor.states import Paused, Running
from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from lictor.wire.types.catch_up import CatchUpPolicy
from tests.sdk.conftest import Api, eventually

NOT_METHODS = {
    "POST /templates/validate": "a form of the UI asks it; the reference's client has no method",
    "POST /automations/templates/validate": "the same",
    "GET /automations/related-to/{resource_id}": "comes with automations",
    "GET /version": "api_version tells it",
    "GET /docs": "a page for people",
    "GET /csrf-token": "a client gets itself one",
    "POST /session": "a browser's sign-in; a program has its credentials",
    "GET /session": "as before",
    "DELETE /session": "as before",
    "POST /ui/flows/count-deployments": "pages of the UI ask so",
    "POST /ui/flows/next-runs": "as before",
    "POST /ui/flow_runs/history": "as before",
    "POST /ui/flow_runs/count-task-runs": "as before",
    "POST /ui/task_runs/dashboard/counts": "as before",
    "POST /ui/task_runs/count": "as before",
    "GET /ui/task_runs/{id}": "as before",
    "POST /ui/schemas/validate": "as before",
}
"""Operations without a method, and why."""


@pytest.fixture(scope="module")
def client(api: Api) -> Iterator[SyncLictorClient]:
    """A client of the server."""
    with get_client(sync_client=True) as one:
        yield one


@flow(name="of-the-client", retries=2, retry_delay_seconds=3, version="7")
def known_flow(x: int) -> int:
    return x


@task(name="of-the-client", tags=["kept"], retries=1)
def known_task() -> None: ...


@pytest.fixture
def run(client: SyncLictorClient) -> FlowRun:
    """A flow run that nobody runs."""
    return client.create_flow_run(known_flow, name="made", parameters={"x": 1}, tags=["a"])


def only(run: FlowRun) -> FlowRunFilter:
    return FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))


def test_the_server_is_asked_how_it_is(client: SyncLictorClient) -> None:
    assert_type(client.api_healthcheck(), Exception | None)
    assert (client.api_healthcheck(), client.api_readiness()) == (None, None)
    answer = assert_type(client.hello(), Response)
    assert (answer.status_code, answer.json()) == (200, "👋")
    assert assert_type(client.api_version(), str)
    assert client.client_version()
    assert client.api_url.endswith("/api")
    assert client.read_server_settings()
    assert client.read_server_default_result_storage().default_result_storage_block_id is None
    assert client.read_openapi()["paths"]


def test_a_flow_is_made_found_and_deleted(client: SyncLictorClient) -> None:
    name = f"flow-{uuid4()}"
    made = client.create_flow_from_name(name)
    assert made == client.create_flow(known_flow.with_options(name=name))
    found = assert_type(client.read_flow(made), Flow)
    assert found == client.read_flow_by_name(name)
    client.update_flow(made, tags=["b"])
    this = FlowFilter(id=FlowFilterId(any_=[made]))
    (listed,) = assert_type(client.read_flows(flow_filter=this), list[Flow])
    assert (listed.name, listed.tags) == (name, ["b"])
    assert client.count_flows(flow_filter=this) == 1
    assert client.paginate_flows(flow_filter=this).results == [listed]
    assert client.delete_flows(this).deleted == [made]
    with pytest.raises(ObjectNotFound) as missing:
        client.read_flow(made)
    assert missing.value.response.status_code == 404
    with pytest.raises(ObjectNotFound):
        client.read_flow_by_name(name)
    again = client.create_flow_from_name(name)
    client.delete_flow(again)
    with pytest.raises(ObjectNotFound):
        client.delete_flow(again)


def test_a_flow_run_is_made_and_read_back(client: SyncLictorClient, run: FlowRun) -> None:
    found = assert_type(client.read_flow_run(run.id), FlowRun)
    assert (found.name, found.parameters, found.tags, found.flow_version) == ("made", {"x": 1}, ["a"], "7")
    assert (found.empirical_policy.retries, found.empirical_policy.retry_delay) == (2, 3)
    assert_type(found.state, State[Any] | None)
    assert found.state is not None
    assert found.state.is_pending()
    assert found.total_run_time == timedelta(0)
    assert client.update_flow_run(run.id, parameters={"x": 2}, tags={"c"}).status_code == 204
    client.set_flow_run_name(run.id, "renamed")
    client.update_flow_run_labels(run.id, {"from": "here", "count": 2})
    found = client.read_flow_run(run.id)
    assert (found.name, found.parameters, found.tags) == ("renamed", {"x": 2}, ["c"])
    assert found.labels["from"] == "here"


def test_flow_runs_are_listed_and_counted(client: SyncLictorClient, run: FlowRun) -> None:
    other = client.create_flow_run(known_flow, name="a-second", parameters={"x": 1})
    both = FlowRunFilter(id={"any_": [str(run.id), str(other.id)]})  # type: ignore[arg-type]  # as scripts have it
    listed = assert_type(client.read_flow_runs(flow_run_filter=both, sort=FlowRunSort.NAME_ASC), list[FlowRun])
    assert [one.id for one in listed] == [other.id, run.id]
    assert [one.id for one in client.read_flow_runs(flow_run_filter=both, limit=1, offset=1)] == [run.id]
    assert client.count_flow_runs(flow_run_filter=both) == 2
    page = client.paginate_flow_runs(flow_run_filter=both, sort=FlowRunSort.NAME_ASC, page=2, limit=1)
    assert (page.count, [one.id for one in page.results]) == (2, [run.id])
    hour, start = timedelta(hours=1), now() - timedelta(minutes=30)
    (interval,) = client.read_flow_run_history(start, start + hour, hour, flow_run_filter=both)
    assert [(each.state_name, each.count_runs) for each in interval.states] == [("Pending", 2)]
    client.read_flow_run_lateness(flow_run_filter=both)
    assert set(client.delete_flow_runs(both).deleted) == {run.id, other.id}


def test_a_state_is_proposed_and_the_answer_says_what_came_of_it(client: SyncLictorClient, run: FlowRun) -> None:
    answer = assert_type(client.set_flow_run_state(run.id, Running()), OrchestrationResult)
    assert answer.status == SetStateStatus.ACCEPT
    assert answer.state is not None
    assert answer.state.is_running()
    assert client.set_flow_run_state(str(run.id), Completed("well"), force=True).status is SetStateStatus.ACCEPT
    states = assert_type(client.read_flow_run_states(run.id), list[State[Any]])
    assert [one.name for one in states] == ["Pending", "Running", "Completed"]
    last = assert_type(client.read_flow_run_state(states[-1].id), State[Any])
    assert (last.is_completed(), last.is_final(), last.message) == (True, True, "well")
    changed = client.set_flow_run_states(State(type=StateType.CANCELLED), only(run), force=True)
    assert [each.status for each in changed.results] == [SetStateStatus.ACCEPT]
    client.delete_flow_run(run.id)
    with pytest.raises(ObjectNotFound):
        client.set_flow_run_state(run.id, Cancelled())


def test_a_paused_run_is_resumed(client: SyncLictorClient, run: FlowRun) -> None:
    client.set_flow_run_state(run.id, Paused(timeout_seconds=600), force=True)
    answer = client.resume_flow_run(run.id)
    assert (answer.status, answer.state is not None) == (SetStateStatus.ACCEPT, True)
    again = client.resume_flow_run(run.id)
    assert (again.status, again.state) == (SetStateStatus.ABORT, None)
    assert isinstance(again.details, StateAbortDetails)
    assert again.details.reason


def test_inputs_are_given_and_read(client: SyncLictorClient, run: FlowRun) -> None:
    client.create_flow_run_input(run.id, "answer-1", '{"a": 1}', sender="prefect.flow-run.x")
    client.create_flow_run_input(run.id, "answer-2", "2")
    with pytest.raises(ObjectAlreadyExists):
        client.create_flow_run_input(run.id, "answer-2", "3")
    assert client.read_flow_run_input(run.id, "answer-1") == '{"a": 1}'
    found = assert_type(client.filter_flow_run_input(run.id, "answer", 10, {"answer-2"}), list[FlowRunInput])
    assert [(one.key, one.decoded_value, one.sender) for one in found] == [("answer-1", {"a": 1}, "prefect.flow-run.x")]
    client.delete_flow_run_input(run.id, "answer-1")
    with pytest.raises(ObjectNotFound):
        client.read_flow_run_input(run.id, "answer-1")


def test_a_task_run_is_made_changed_and_deleted(client: SyncLictorClient, run: FlowRun) -> None:
    made = assert_type(client.create_task_run(known_task, run.id, "0", extra_tags=["more"]), TaskRun)
    assert client.create_task_run(known_task, run.id, "0").id == made.id
    assert (sorted(made.tags), made.empirical_policy.retries) == (["kept", "more"], 1)
    client.set_task_run_name(made.id, "renamed")
    this = TaskRunFilter(id=TaskRunFilterId(any_=[made.id]))
    answer = assert_type(client.set_task_run_state(made.id, Running(), force=True), OrchestrationResult)
    assert answer.status == SetStateStatus.ACCEPT
    (listed,) = assert_type(client.read_task_runs(task_run_filter=this, sort=TaskRunSort.NAME_ASC), list[TaskRun])
    assert (listed.name, client.read_task_run(made.id).state_name) == ("renamed", "Running")
    assert client.count_task_runs(task_run_filter=this) == 1
    assert [one.id for one in client.paginate_task_runs(task_run_filter=this).results] == [made.id]
    hour, start = timedelta(hours=1), now() - timedelta(minutes=30)
    (interval,) = client.read_task_run_history(start, start + hour, hour, task_run_filter=this)
    assert [each.count_runs for each in interval.states] == [1]
    assert [cause.kind for cause in client.read_flow_run_why(run.id).causes] == ["claimed"]
    assert [str(node.label) for _, node in client.read_flow_run_graph(run.id).nodes] == ["renamed"]
    assert [one.id for one in client.read_flow_run_dependencies(run.id)] == [made.id]
    assert client.read_flow_run_graph(run.id, since=datetime(2020, 1, 1, tzinfo=UTC)).nodes
    states = client.read_task_run_states(made.id)
    assert client.read_task_run_state(states[-1].id).is_running()
    client.delete_task_run(made.id)
    with pytest.raises(ObjectNotFound):
        client.read_task_run(made.id)


def test_log_lines_are_stored_and_read(client: SyncLictorClient, run: FlowRun) -> None:
    moment = now().replace(microsecond=0)
    client.create_logs(
        [
            LogCreate(name="mine", level=20, message="first", timestamp=moment, flow_run_id=run.id),
            {"name": "mine", "level": 30, "message": "second", "timestamp": moment + timedelta(seconds=1)}
            | {"flow_run_id": run.id},
        ]
    )
    lines = assert_type(client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))), list[Log])
    assert [(line.message, line.level, line.timestamp - moment) for line in lines] == [
        ("first", 20, timedelta(0)),
        ("second", 30, timedelta(seconds=1)),
    ]
    assert "second" in client.download_flow_run_logs(run.id)


def test_events_are_sent_found_page_by_page_and_counted(client: SyncLictorClient) -> None:
    name = f"tests.{uuid4()}"
    client.create_events(
        [Event(event=name, resource={"prefect.resource.id": "x"}, payload={"number": one}) for one in range(51)]
    )
    wanted = EventFilter(
        event=EventNameFilter(name=[name]),
        occurred=EventOccurredFilter(since=now() - timedelta(hours=1), until=now() + timedelta(hours=1)),
    )
    page = eventually(lambda: client.read_events(wanted), lambda page: page.total == 51)
    assert len(page.events) == 50
    assert page.next_page is not None
    rest = client.read_events_page(page.next_page)
    found = {one.payload["number"] for one in [*page.events, *rest.events]}
    assert found == set(range(51))
    assert [each.count for each in client.count_events("event", wanted)] == [51]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is no address of a page"):
        client.read_events_page("http://elsewhere/")


def test_limits_of_tags_are_made_held_and_deleted(client: SyncLictorClient, run: FlowRun) -> None:
    tag = f"tag-{uuid4()}"
    made = assert_type(client.create_concurrency_limit(tag, 2), UUID)
    task_run_id = client.create_task_run(known_task, run.id, "limited").id
    assert client.read_concurrency_limit(made) == client.read_concurrency_limit_by_tag(tag)
    assert made in [one.id for one in client.read_concurrency_limits(limit=200, offset=0)]
    (held,) = client.increment_v1_concurrency_slots([tag], task_run_id).json()
    assert held["name"].endswith(tag)
    assert client.read_concurrency_limit_by_tag(tag).active_slots == [task_run_id]
    client.decrement_v1_concurrency_slots([tag], task_run_id, 1.5)
    answer = client.increment_concurrency_slots_with_lease([f"tag:{tag}"], 1, "concurrency", 60)
    lease = ConcurrencyLimitWithLeaseResponse.model_validate(answer.json())
    assert client.renew_concurrency_lease(lease.lease_id, 90).status_code == 204
    client.release_concurrency_slots_with_lease(lease.lease_id)
    client.reset_concurrency_limit_by_tag(tag, [str(task_run_id)])
    client.delete_concurrency_limit(made)
    with pytest.raises(ObjectNotFound):
        client.read_concurrency_limit_by_tag(tag)
    client.create_concurrency_limit(tag, 1)
    client.delete_concurrency_limit_by_tag(tag)


def test_limits_of_names_are_made_held_and_deleted(client: SyncLictorClient) -> None:
    name = f"limit-{uuid4()}"
    made = assert_type(client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=2)), UUID)
    with pytest.raises(ObjectAlreadyExists):
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=2))
    assert client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(limit=3)).status_code == 204
    (held,) = client.increment_concurrency_slots([name], 2, "concurrency").json()
    assert held == {"id": str(made), "name": name, "limit": 3}
    assert client.read_global_concurrency_limit_by_name(name).active_slots == 2
    assert [slot.slots for slot in client.read_concurrency_limit_holders(name).holders] == [2]
    client.release_concurrency_slots([name], 2, 1.5)
    assert name in [one.name for one in client.read_global_concurrency_limits(limit=200, offset=0)]
    client.upsert_global_concurrency_limit_by_name(name, 4)
    assert client.read_global_concurrency_limit_by_name(name).limit == 4
    assert client.delete_global_concurrency_limit_by_name(name).status_code == 204
    with pytest.raises(ObjectNotFound):
        client.read_global_concurrency_limit_by_name(name)
    client.upsert_global_concurrency_limit_by_name(name, 1, slot_decay_per_second=0.5)
    client.upsert_global_concurrency_limit_by_name(name, 2)
    found = client.read_global_concurrency_limit_by_name(name)
    assert (found.limit, found.slot_decay_per_second) == (2, 0.5)
    client.delete_global_concurrency_limit_by_name(name)


def test_deployments(client: SyncLictorClient) -> None:
    name = f"known-{uuid4()}"
    flow_id = client.create_flow_from_name(name)
    assert_type(flow_id, UUID)
    daily = DeploymentScheduleCreate(schedule=CronSchedule(cron="0 0 * * *"), active=False, slug="daily")
    made = assert_type(
        client.create_deployment(
            flow_id,
            "one",
            parameters={"x": [1]},
            tags=["a"],
            job_variables={"env": {}},
            pull_steps=[{"step": {}}],
            schedules=[daily],
        ),
        UUID,
    )
    found = assert_type(client.read_deployment_by_name(f"{name}/one"), Deployment)
    assert (found.id, found.parameters, found.pull_steps) == (made, {"x": [1]}, [{"step": {}}])
    assert [each.schedule for each in found.schedules] == [CronSchedule(cron="0 0 * * *")]
    with pytest.raises(ValueError, match=r"^name: 'one' is no name of a deployment"):
        client.read_deployment_by_name("one")
    client.update_deployment(made, DeploymentUpdate(description="new"))
    assert client.read_deployment(str(made)).description == "new"
    only_it = DeploymentFilter(id=DeploymentFilterId(any_=[made]))
    assert [one.id for one in client.read_deployments(deployment_filter=only_it)] == [made]
    assert client.count_deployments(deployment_filter=only_it) == 1
    assert client.paginate_deployments(deployment_filter=only_it).results[0].id == made
    client.pause_deployment(made)
    client.set_deployment_paused_state(made, False)
    (added,) = client.create_deployment_schedules(made, [(IntervalSchedule(interval=timedelta(days=1)), False)])
    assert added.schedule.interval == timedelta(days=1)
    client.update_deployment_schedule(made, added.id, slug="each-day", schedule=CronSchedule(cron="1 0 * * *"))
    assert {each.slug for each in client.read_deployment_schedules(made)} == {"daily", "each-day"}
    assert client.update_deployment_catch_up(made, {"daily": CatchUpPolicy.SKIP}) == client.read_deployment_catch_up(
        made
    )
    assert [(each.slug, each.policy) for each in client.read_deployment_catch_up(made)] == [("daily", "skip")]
    assert client.update_deployment_catch_up(made, {"daily": None}) == []
    client.delete_deployment_schedule(made, added.id)
    client.schedule_deployment(made, max_runs=1)
    run = assert_type(client.create_flow_run_from_deployment(made, parameters={"y": 2}), FlowRun)
    assert (run.parameters, run.state_name, run.deployment_id) == ({"x": [1], "y": 2}, "Scheduled", made)
    (other,) = client.create_flow_runs_from_deployment(made, [DeploymentFlowRunCreate(name="bulk")]).results
    waiting = client.get_scheduled_flow_runs_for_deployments([made])
    assert {each.id for each in waiting} == {run.id, other.flow_run_id}
    assert client.check_work_queues_for_deployment(made) == []
    second = client.create_deployment(flow_id, "two")
    client.delete_deployment(made)
    assert client.delete_deployments(DeploymentFilter(id=DeploymentFilterId(any_=[second]))).deleted == [second]


def test_a_run_is_told_of_its_deployment(api: Api, client: SyncLictorClient) -> None:
    @flow(name=f"deployed-{uuid4()}")
    def deployed(x: int) -> tuple[Any, ...]:
        return tuple(getattr(runtime.deployment, name) for name in ("id", "name", "parameters", "version"))

    flow_id = client.create_flow(deployed)
    made = client.create_deployment(flow_id, "here", version="7", parameters={"x": 1})
    run = client.create_flow_run_from_deployment(made, parameters={"x": 2})
    assert deployed.run_again(api.flow_run(run.id)).result() == (str(made), "here", {"x": 1}, "7")
    without = client.create_flow_run(deployed, parameters={"x": 1})
    assert deployed.run_again(api.flow_run(without.id)).result() == (None, None, {}, None)


def test_each_operation_has_a_method() -> None:
    asked = set()
    for each in pkgutil.iter_modules(api_modules.__path__):
        module = import_module(f"{api_modules.__name__}.{each.name}")
        for rows, name in re.findall(r"\b(\w+)\.([A-Z][A-Z_]+)\b", inspect.getsource(module)):
            row = getattr(getattr(module, rows, None), name, None)
            if isinstance(row, Operation):
                asked.add(repr(row))
    assert {repr(one) for one in OPERATIONS} - asked == set(NOT_METHODS)


async def test_the_other_client_awaits_the_same(api: Api) -> None:
    async with get_client() as client:
        assert_type(client, LictorClient)
        assert (await client.hello()).json() == "👋"
        assert await client.api_healthcheck() is None
        run = assert_type(await client.create_flow_run(known_flow, parameters={"x": 5}), FlowRun)
        answer = assert_type(await client.set_flow_run_state(run.id, Running()), OrchestrationResult)
        assert answer.status == SetStateStatus.ACCEPT
        assert [one.id for one in await client.read_flow_runs(flow_run_filter=only(run))] == [run.id]
        assert (await client.read_flow_run(run.id)).parameters == {"x": 5}
        with pytest.raises(ObjectNotFound):
            await client.read_flow_run(uuid4())
    assert (PrefectClient, SyncPrefectClient) == (LictorClient, SyncLictorClient)


async def test_a_client_tells_of_no_server() -> None:
    async with LictorClient("http://127.0.0.1:9/api", httpx_settings={"timeout": 5}) as client:
        assert isinstance(await client.api_healthcheck(), ServerUnreachable)


def test_a_client_has_the_credentials_and_headers_that_it_is_given(api: Api) -> None:
    with SyncLictorClient(auth_string="me:secret", httpx_settings={"headers": {"X-Mine": "1"}}) as one:
        assert one.exchanges.headers["Authorization"] == "Basic bWU6c2VjcmV0"
        assert one.http.headers["X-Mine"] == "1"
        assert one.api_healthcheck() is None
    with SyncLictorClient(api_key="k") as one:
        assert one.exchanges.headers["Authorization"] == "Bearer k"


def test_the_settings_credentials_go_to_the_settings_server_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "me:secret")
    settings.reset()
    try:
        with SyncLictorClient() as here, SyncLictorClient("http://elsewhere/api") as there:
            assert "Authorization" in here.exchanges.headers
            assert "Authorization" not in there.exchanges.headers
        with SyncLictorClient(here.api_url + "/") as here:
            assert "Authorization" in here.exchanges.headers
    finally:
        monkeypatch.undo()
        settings.reset()


def test_wrong_arguments_are_refused(client: SyncLictorClient, run: FlowRun) -> None:
    with pytest.raises(TypeError, match="type object has no JSON"):
        client.create_flow_run(known_flow, parameters={"x": object()})
    with pytest.raises(ValueError, match="cannot be filtered by work queues"):
        client.read_flows(work_queue_filter={})  # type: ignore[arg-type]
    with pytest.raises(PrefectHTTPStatusError) as refused:
        client.read_flow_runs(limit=-1)
    assert refused.value.response.status_code == 422
    with pytest.raises(TypeError, match="run_id"):
        client.read_flow_run(run_id=run.id)  # type: ignore[call-arg]
