"""What users import: public modules, what they tell of the run that goes on, and states to return."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest

from lictor import flow, get_client, runtime, tags, task
from lictor.client.schemas.objects import TaskRun
from lictor.context import FlowRunContext, TaskRunContext, get_run_context
from lictor.engine.errors import FailedRun, MissingContext
from lictor.futures import resolve_futures_to_states
from lictor.logging import disable_run_logger, get_run_logger
from lictor.states import (
    AwaitingRetry,
    Cancelling,
    Completed,
    Failed,
    Late,
    Paused,
    Scheduled,
    Suspended,
    raise_state_exception,
)
from lictor.tasks import exponential_backoff
from tests.sdk.conftest import Api, ended, run_of

PUBLIC = [
    *("client.orchestration", "client.schemas", "client.schemas.actions", "client.schemas.events"),
    *(
        "client.schemas.filters",
        "client.schemas.objects",
        "client.schemas.responses",
        "client.schemas.schedules",
        "client.schemas.sorting",
    ),
    *("context", "events.filters", "events.schemas.events", "exceptions", "flow_runs", "flows", "futures", "input"),
    *("logging", "runtime", "schedules", "states", "tasks", "variables", "artifacts", "events"),
    *("logging", "runtime", "states", "tasks", "variables", "artifacts", "events", "task_worker"),
    *("blocks.core", "blocks.fields", "blocks.system", "blocks.webhook", "blocks.notifications", "blocks.abstract"),
    *("docker", "filesystems", "runner", "runner.storage", "deployments", "deployments.runner", "deployments.steps"),
]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_module_has_what_it_lists(name: str) -> None:
    module = import_module(f"lictor.{name}")
    assert module.__doc__
    assert module.__all__ == sorted(module.__all__, key=lambda each: (each.islower(), each)) or sorted(module.__all__)
    for each in module.__all__:
        assert getattr(module, each) is not None


def test_public_modules_need_no_import_of_their_own() -> None:
    code = "import lictor; print(lictor.runtime.flow_run.run_count, lictor.states.Completed().name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "0 Completed\n", done.stderr


def test_a_run_knows_itself(api: Api) -> None:
    @task(task_run_name="inner-{x}")
    def inner(x: int) -> dict[str, Any]:
        known = runtime.task_run
        return {name: getattr(known, name) for name in known.__all__} | {"flow_run": runtime.flow_run.name}

    @flow(name="runtime-child", flow_run_name="the-child")
    def child() -> dict[str, Any]:
        return {name: getattr(runtime.flow_run, name) for name in runtime.flow_run.__all__}

    @flow(name="runtime", flow_run_name="outer", version="7")
    def outer(x: int) -> Any:
        with tags("seen"):
            known = {name: getattr(runtime.flow_run, name) for name in runtime.flow_run.__all__}
        return known, inner(x), child()

    known, of_task, of_child = outer(3)
    assert {name: known[name] for name in ("name", "flow_name", "flow_version", "parameters", "tags", "run_count")} == {
        "name": "outer",
        "flow_name": "runtime",
        "flow_version": "7",
        "parameters": {"x": 3},
        "tags": ["seen"],
        "run_count": 1,
    }
    assert known["api_url"].endswith(f"/api/flow_runs/{known['id']}")
    assert known["ui_url"].endswith(f"/runs/flow-run/{known['id']}")
    assert (known["parent_flow_run_id"], known["root_flow_run_id"]) == (None, known["id"])
    assert (of_task["name"], of_task["task_name"], of_task["parameters"]) == ("inner-3", "inner", {"x": 3})
    assert of_task["flow_run"] == "outer"
    assert (of_child["parent_flow_run_id"], of_child["root_flow_run_id"]) == (known["id"], known["id"])


def test_what_names_a_run_may_look_at_it(api: Api) -> None:
    def of_flow() -> str:
        known = runtime.flow_run
        return f"{known.flow_name}-{known.parameters['x']}-{known.id is not None}"

    def of_task() -> str:
        return f"{runtime.task_run.task_name}-{runtime.task_run.parameters['x']}-in-{runtime.flow_run.name}"

    @task(task_run_name=of_task)
    def inner(x: int) -> str:
        return str(runtime.task_run.name)

    @flow(name="named", flow_run_name=of_flow)
    def outer(x: int) -> Any:
        return runtime.flow_run.name, inner(x + 1), inner.submit(x + 2).result(), told(x)

    @flow(flow_run_name=lambda parameters: f"told-{parameters['x']}")
    def told(x: int) -> str:
        return str(runtime.flow_run.name)

    state = ended(outer, 3)
    assert state.result() == ("named-3-True", "inner-4-in-named-3-True", "inner-5-in-named-3-True", "told-3")
    assert api.flow_run(state).name == "named-3-True"


def test_a_run_whose_name_cannot_be_made_fails(api: Api) -> None:
    def of_flow() -> str:
        raise ValueError("no name for it")

    @flow(flow_run_name=of_flow)
    def outer() -> None:
        raise AssertionError("never called")

    state = ended(outer)
    assert (state.name, state.message) == ("Failed", "Flow run raised ValueError: no name for it")
    assert api.flow_run(state).state_name == "Failed"


def test_outside_of_a_run_nothing_is_known_save_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime.flow_run.id is None
    assert (runtime.flow_run.tags, runtime.flow_run.parameters, runtime.task_run.run_count) == ([], {}, 0)
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__NAME", "said")
    monkeypatch.setenv("PREFECT__RUNTIME__TASK_RUN__RUN_COUNT", "7")
    assert (runtime.flow_run.name, runtime.task_run.run_count) == ("said", 7)
    with pytest.raises(AttributeError, match=r"lictor.runtime.flow_run has no attribute 'nmae'; it has api_url"):
        runtime.flow_run.nmae  # noqa: B018
    assert "name" in dir(runtime.flow_run)


def test_the_context_tells_flow_task_and_runs(api: Api) -> None:
    seen: list[Any] = []

    @task
    def inner(x: int) -> None:
        seen.append((get_run_context(), FlowRunContext.get()))

    @flow
    def outer() -> None:
        seen.append((get_run_context(), TaskRunContext.get()))
        inner(1)

    outer()
    (in_flow, no_task), (in_task, its_flow) = seen
    assert (in_flow.flow, no_task) == (outer, None)
    assert (in_task.task, in_task.parameters) == (inner, {"x": 1})
    assert its_flow.flow_run.id == in_flow.flow_run.id
    with pytest.raises(MissingContext):
        get_run_context()


SOON = datetime(2030, 1, 1, tzinfo=UTC)
STATES = [
    (Scheduled(scheduled_time=SOON), "SCHEDULED", "Scheduled"),
    (AwaitingRetry(scheduled_time=SOON), "SCHEDULED", "AwaitingRetry"),
    (Late(scheduled_time=SOON), "SCHEDULED", "Late"),
    (Cancelling("soon"), "CANCELLING", "Cancelling"),
    (Paused(timeout_seconds=60), "PAUSED", "Paused"),
    (Suspended(pause_expiration_time=SOON), "PAUSED", "Suspended"),
]


@pytest.mark.parametrize(("state", "kind", "name"), STATES, ids=str)
def test_a_state_is_made(state: Any, kind: str, name: str) -> None:
    assert (state.type, state.name) == (kind, name)
    if kind == "SCHEDULED":
        assert state.state_details.scheduled_time == SOON
    if kind == "PAUSED":
        assert state.state_details.pause_timeout > state.timestamp + timedelta(seconds=50)
        assert state.state_details.pause_reschedule == (name == "Suspended")


def test_states_raise_what_ended_their_run() -> None:
    raise_state_exception(Completed())
    with pytest.raises(FailedRun, match="no"):
        raise_state_exception(Failed("no"))
    with pytest.raises(ValueError, match="not both"):
        Paused(timeout_seconds=1, pause_expiration_time=SOON)


def test_futures_become_states(api: Api) -> None:
    @task
    def one(x: int) -> int:
        return x

    @flow
    def outer() -> Any:
        found = resolve_futures_to_states({"a": [one.submit(1)], "b": one.map([2, 3]), "c": 4})
        return {name: repr(value) for name, value in found.items()}

    assert outer() == {"a": "[Completed()]", "b": "[Completed(), Completed()]", "c": "4"}


def test_delays_double() -> None:
    assert exponential_backoff(3)(4) == [3, 6, 12, 24]
    assert len(exponential_backoff(1)(100)) == 50
    with pytest.raises(ValueError, match="below 0"):
        exponential_backoff(-1)


def test_a_functions_own_code_can_be_tested_without_its_run() -> None:
    @task
    def logging_task() -> int:
        get_run_logger().info("not seen")
        return 1

    with pytest.raises(MissingContext):
        logging_task.fn()
    with disable_run_logger():
        assert logging_task.fn() == 1


def test_a_module_of_states_loads_no_more_than_a_flow_does() -> None:
    code = "import lictor.states, sys; print([name for name in ('pydantic', 'starlette', 'uvicorn') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"


def test_a_returned_state_with_a_time_is_proposed(api: Api) -> None:
    @flow
    def rescheduling() -> Any:
        return Completed(message=str(uuid4()), name="Tidy")

    assert ended(rescheduling).name == "Tidy"


def test_runs_are_shown_as_the_client_answers_them(api: Api) -> None:
    seen: list[Any] = []

    def hook(owner: Any, run: Any, state: Any) -> None:
        seen.append(run)

    @task(retries=1, on_completion=[hook], retry_condition_fn=lambda task, run, state: not seen.append(run))  # type: ignore[func-returns-value]
    def inner() -> None:
        seen.append(get_run_context().task_run)  # type: ignore[union-attr]
        if len(seen) == 2:
            raise ValueError("once")

    @flow(on_running=[hook], on_completion=[hook])
    def outer(x: int, names: list[str]) -> None:
        inner()
        seen.append(get_run_context().flow_run)  # type: ignore[union-attr]

    state = ended(outer, 1, ["a"])
    with get_client(sync_client=True) as client:
        known = client.read_flow_run(run_of(state))
    of_flow, of_task = [seen[0], *seen[-2:]], seen[1:-2]
    assert len(of_task) == 4
    for run in of_flow:
        assert isinstance(run, type(known))
        assert run.parameters == {"x": 1, "names": ["a"]}
        assert (run.context, run.job_variables) == (known.context, known.job_variables)
        assert isinstance(run.total_run_time, timedelta)
    assert seen[-1].state.is_completed()
    for run in of_task:
        assert isinstance(run, TaskRun)
        assert isinstance(run.total_run_time, timedelta)
