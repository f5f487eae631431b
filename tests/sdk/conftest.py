"""A server for the SDK's tests: Lictor's own, or the one that LICTOR_TEST_API_URL names."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from lictor import settings
from lictor.client.client import Client
from lictor.client.connection import close_all
from lictor.engine.states import State
from lictor.wire import filters
from lictor.wire.operations import flow_run, flow_run_state, log, task_run, task_run_state
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.log import Log
from lictor.wire.types.state import FINAL
from lictor.wire.types.task_run import TaskRun, TaskRunSort
from tests.running import Server

T = TypeVar("T")

PATIENCE = 60.0


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the API that the tests run against."""
    given = os.environ.get("LICTOR_TEST_API_URL")
    if given:
        yield given
        return
    with Server(tmp_path_factory.mktemp("server")) as one:
        yield one.url


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the client's files."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def api(server: str, home: Path) -> Iterator[Api]:
    """Let flows of this process run against the server, and read what it knows of them."""
    before = {name: os.environ.get(name) for name in ("PREFECT_API_URL", "PREFECT_HOME")}
    os.environ |= {"PREFECT_API_URL": server, "PREFECT_HOME": str(home), "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.1"}
    settings.reset()
    with Client() as client:
        yield Api(client)
    close_all()
    for name, value in before.items():
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value
    settings.reset()


class Api:
    """Reads runs, states and logs back."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def flow_run(self, state: State | UUID) -> FlowRun:
        """Return a flow run, by its state or its id."""
        return self.client(flow_run.READ(id=run_of(state)))

    def flow_run_states(self, state: State | UUID) -> list[str]:
        """Return the names of a flow run's states, in order."""
        query = flow_run_state.FlowRunStatesOf(flow_run_id=run_of(state))
        return [one.name or "" for one in self.client(flow_run_state.LIST(query=query))]

    def task_runs(self, state: State | UUID, count: int) -> list[TaskRun]:
        """Return a flow run's task runs in the order they were made, once there are `count` and all are over."""
        wanted = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[run_of(state)]))
        body = task_run.ReadTaskRuns(flow_runs=wanted, sort=TaskRunSort.EXPECTED_START_TIME_ASC)
        return eventually(
            lambda: self.client(task_run.FILTER(body)),
            lambda runs: len(runs) == count and all(map(is_over, runs)),
        )

    def task_run_states(self, run: TaskRun) -> list[str]:
        """Return the names of a task run's states, in order."""
        query = task_run_state.TaskRunStatesOf(task_run_id=run.id)
        return [one.name or "" for one in self.client(task_run_state.LIST(query=query))]

    def logs(self, state: State | UUID, last: str = "Finished in state") -> list[Log]:
        """Return a flow run's log lines, once there is one of the run itself that begins with `last`."""
        run_id = run_of(state)
        body = log.ReadLogs(logs=filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[run_id])))
        return eventually(
            lambda: self.client(log.FILTER(body)),
            lambda lines: any(line.message.startswith(last) and line.task_run_id is None for line in lines),
        )


def is_over(run: TaskRun) -> bool:
    """Whether a task run, and its state, are recorded to the end."""
    return run.state is not None and (run.state.type in FINAL or run.state.name == "NotReady")


def run_of(state: State | UUID) -> UUID:
    """Return the flow run that a state belongs to."""
    found = state if isinstance(state, UUID) else state.state_details.flow_run_id
    assert found is not None
    return found


def eventually(read: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """Read until it is enough: the reference records events a moment after it took them."""
    end = time.monotonic() + PATIENCE
    while True:
        found = read()
        if enough(found):
            return found
        assert time.monotonic() < end, f"not in time: {found}"
        time.sleep(0.05)


def ended(run: Any, *args: Any, **kwargs: Any) -> State:
    """Run a flow and return its final state."""
    state = run(*args, return_state=True, **kwargs)
    assert isinstance(state, State)
    return state
