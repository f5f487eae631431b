"""Flows in tests: a whole server in the process, of its own for each block, and nothing else is touched."""

from __future__ import annotations

import multiprocessing
import os
import threading
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lictor import flow, get_client, get_run_logger, settings, task
from lictor.client.client import Client
from lictor.client.errors import HTTPStatusError, ServerUnreachable
from lictor.engine.states import State
from lictor.settings import SettingsError, table, temporary_settings
from lictor.task_runners import ProcessPoolTaskRunner
from lictor.testing import Harness, lictor_test_harness
from lictor.testing.utilities import lictor_test_harness as as_in_prefect
from lictor.wire import filters
from lictor.wire.operations import flow as flows
from lictor.wire.operations import flow_run, flow_run_state, log, root, task_run
from lictor.wire.types.flow import FlowCreate
from lictor.wire.types.log import Log


@task(retries=1)
def doubled(x: int) -> int:
    get_run_logger().info("doubling %d", x)
    return 2 * x


@flow
def summing(several: list[int]) -> int:
    futures = [doubled.submit(one) for one in several]
    return sum(future.result() for future in futures)


@flow
async def waiting(x: int) -> int:
    return doubled(x)


def logs_of(client: Client, state: State) -> list[Log]:
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    only = filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[run_id]))
    return client(log.FILTER(log.ReadLogs(logs=only)))


def test_runs_tasks_logs_and_states_are_read_at_once() -> None:
    with lictor_test_harness(), get_client(sync_client=True) as client:
        state: Any = summing([1, 2, 3], return_state=True)
        assert state.result() == 12
        run_id = state.state_details.flow_run_id
        assert client(flow_run.READ(id=run_id)).state_name == "Completed"
        names = [each.name for each in client(flow_run_state.LIST(query={"flow_run_id": run_id}))]  # type: ignore[arg-type]
        assert names == ["Pending", "Running", "Completed"]
        runs = client(task_run.FILTER(task_run.ReadTaskRuns()))
        assert [run.state_name for run in runs] == ["Completed"] * 3
        lines = [line.message for line in logs_of(client, state)]
        assert sorted(line for line in lines if "doubling" in line) == ["doubling 1", "doubling 2", "doubling 3"]
        assert lines[-1] == "Finished in state Completed()"


@task(tags=["limited"])
def summing_elsewhere(several: list[int]) -> tuple[int, int]:
    return os.getpid(), summing(several)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes_of_a_flow_reach_the_server(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_context", partial(multiprocessing.get_context, method))

    @flow(task_runner=ProcessPoolTaskRunner(max_workers=1))
    def elsewhere() -> tuple[int, int]:
        return summing_elsewhere.submit([1, 2]).result()

    with lictor_test_harness(), get_client(sync_client=True) as client:
        pid, total = elsewhere()
        assert pid != os.getpid()
        assert total == 6
        assert {run.state_name for run in client(task_run.FILTER(task_run.ReadTaskRuns()))} == {"Completed"}


async def test_an_async_flow_runs_and_its_runs_are_read() -> None:
    with lictor_test_harness():
        state: Any = await waiting(4, return_state=True)
        async with get_client() as client:
            (run,) = await client(task_run.FILTER(task_run.ReadTaskRuns()))
            assert run.flow_run_id == state.state_details.flow_run_id
            assert state.result() == 8


def test_hooks_are_called_and_what_fails_is_raised() -> None:
    seen: list[str] = []

    def note(of: Any, run: Any, state: State) -> None:
        seen.append(f"{of.name} {state.name}")

    @flow(on_running=[note], on_failure=[note])
    def failing() -> None:
        raise ValueError("as foreseen")

    with lictor_test_harness(), pytest.raises(ValueError, match="as foreseen"):
        failing()
    assert seen == ["failing Running", "failing Failed"]


def test_each_server_is_fresh_and_ends_with_its_block() -> None:
    with lictor_test_harness() as first:
        summing([1])
        kept = get_client(sync_client=True)
        assert kept(flow_run.COUNT(flow_run.ReadFlowRuns())) == 1
    with lictor_test_harness() as second, get_client(sync_client=True) as client:
        assert second.url != first.url
        assert client(flow_run.COUNT(flow_run.ReadFlowRuns())) == 0
    assert not first.home.exists()
    with pytest.raises(ServerUnreachable, match="has ended"):
        kept(root.HEALTH(), retries=0)
    assert not [thread for thread in threading.enumerate() if thread.name == "lictor-test-server"]


def test_an_inner_server_stands_before_an_outer_one() -> None:
    with lictor_test_harness() as outer:
        summing([1])
        with lictor_test_harness(), get_client(sync_client=True) as client:
            assert client(flow_run.COUNT(flow_run.ReadFlowRuns())) == 0
        assert settings.current()[table.API_URL] == outer.url
        with get_client(sync_client=True) as client:
            assert client(flow_run.COUNT(flow_run.ReadFlowRuns())) == 1


def test_settings_and_environment_are_as_before_afterwards_also_after_an_error() -> None:
    before, environment = settings.current(), dict(os.environ)

    def failing() -> None:
        with lictor_test_harness():
            assert settings.current() is not before
            raise RuntimeError("in the block")

    with pytest.raises(RuntimeError, match="in the block"):
        failing()
    assert settings.current() is before
    assert dict(os.environ) == environment


def test_secrets_and_places_of_the_user_are_not_used(tmp_path: Path) -> None:
    real: dict[Any, Any] = {
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_API_KEY": "real-key",
        "PREFECT_HOME": str(tmp_path / "real"),
        "PREFECT_CLIENT_CUSTOM_HEADERS": {"X-Real": "1"},
        "PREFECT_TASKS_DEFAULT_RETRIES": 3,
    }
    with temporary_settings(real), lictor_test_harness() as harness:
        assert summing([1]) == 2
        here = settings.current()
        assert here[table.API_URL] == harness.url == os.environ["PREFECT_API_URL"]
        assert (here[table.API_KEY], here[table.CLIENT_CUSTOM_HEADERS]) == (None, {})
        assert here[table.TASKS_DEFAULT_RETRIES] == 3, "other settings of the user's hold"
    assert not (tmp_path / "real").exists()


def test_settings_within_hold_for_what_runs_there() -> None:
    with lictor_test_harness(), temporary_settings({"PREFECT_LOGGING_TO_API_ENABLED": False}):
        state: Any = summing([1], return_state=True)
        with get_client(sync_client=True) as client:
            assert logs_of(client, state) == []
    with lictor_test_harness(), get_client(sync_client=True) as client:
        assert logs_of(client, summing([1], return_state=True))


def test_the_server_has_the_settings_that_it_is_given() -> None:
    secured = {"PREFECT_SERVER_API_AUTH_STRING": "a:b", "PREFECT_API_AUTH_STRING": "a:b"}
    with lictor_test_harness(settings=secured), get_client(sync_client=True) as client:
        assert summing([2]) == 4
        with (
            temporary_settings({"PREFECT_API_AUTH_STRING": "a:wrong"}),
            get_client(sync_client=True) as other,
            pytest.raises(HTTPStatusError, match="401"),
        ):
            other(flow_run.COUNT(flow_run.ReadFlowRuns()))
        assert client(flow_run.COUNT(flow_run.ReadFlowRuns())) == 1
    with pytest.raises(SettingsError, match="There is no setting"), lictor_test_harness(settings={"PREFECT_NONE": 1}):
        pass


def test_csrf_tokens_do_no_harm() -> None:
    with lictor_test_harness(settings={"PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": True}):
        assert summing([1, 2]) == 6
        with get_client(sync_client=True) as client:
            assert client(task_run.COUNT(task_run.ReadTaskRuns())) == 2


def test_a_server_that_does_not_start_in_time_is_an_error() -> None:
    with pytest.raises(TimeoutError, match="did not start within 0 s"), lictor_test_harness(0):
        pass


def test_the_name_of_the_reference_carries_over() -> None:
    assert as_in_prefect is lictor_test_harness


def test_threads_share_the_server() -> None:
    found: list[UUID] = []

    def ask() -> None:
        with get_client(sync_client=True) as client:
            found.append(client(flows.CREATE(FlowCreate(name="one"))).id)

    with lictor_test_harness() as harness:
        assert isinstance(harness, Harness)
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(found) == 8
    assert len(set(found)) == 1
