"""Runs that somebody else cancels while they run: the process notices, stops them and all in them, and says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lictor import Cancelled, flow
from lictor.wire import filters
from lictor.wire.operations import event, flow_run, task_run
from lictor.wire.types.event import ReceivedEvent
from lictor.wire.types.state import SetState, StateCreate, StateDetails, StateType
from lictor.wire.types.task_run import TaskRun
from tests.sdk.conftest import Api, eventually
from tests.sdk.test_endings import Script

SOON = "import lictor.engine.lookout\nlictor.engine.lookout.LOOK_SECONDS = 0.2\n"
TOLD = """
def tell(flow, run, state):
    with open(sys.argv[0] + ".hooks", "a") as file:
        print(flow.name, state.name, file=file)

hooks = {"on_cancellation": [tell], "on_crashed": [tell], "on_failure": [tell], "on_completion": [tell]}
"""
BODIES = {
    "flow": "@flow(**hooks)\ndef main():\n    here()\n    time.sleep(60)\nmain()",
    "busy": "@flow(**hooks)\ndef main():\n    here()\n    while True: pass\nmain()",
    "task": "@flow(**hooks)\ndef main():\n    sleeps()\nmain()",
    "submitted": "@flow(**hooks)\ndef main():\n    sleeps.submit().wait()\nmain()",
    "async": "@flow(**hooks)\nasync def main():\n    here()\n    await asyncio.sleep(60)\nasyncio.run(main())",
    "async submitted": (
        "@task\nasync def asleep():\n    here()\n    await asyncio.sleep(60)\n"
        "@flow(**hooks)\nasync def main():\n    await asleep.submit()\nasyncio.run(main())"
    ),
    "thread": (
        "@task\ndef short():\n    here()\n    while True: time.sleep(0.05)\n"
        "@flow(**hooks)\ndef main():\n    short.submit().wait()\n"
        "import threading\nthread = threading.Thread(target=main)\nthread.start()\nthread.join()\nsys.exit(1)"
    ),
    "processes": (
        "from lictor.task_runners import ProcessPoolTaskRunner\n"
        "@flow(task_runner=ProcessPoolTaskRunner(), **hooks)\ndef main():\n    sleeps.submit().wait()\n"
        "if __name__ == '__main__': main()"
    ),
    "stubborn": (
        "@flow(**hooks)\ndef main():\n    here()\n    try:\n        time.sleep(60)\n"
        "    except BaseException:\n        return 5\nmain()"
    ),
    "generator": "@flow(**hooks)\ndef main():\n    here()\n    time.sleep(2)\n    yield 1\nlist(main())",
}


@pytest.fixture
def run(api: Api, tmp_path: Path) -> Callable[[str], Script]:
    """Start scripts against the server."""
    return lambda body: Script(tmp_path, SOON + TOLD + body)


def cancel(api: Api, run_id: UUID, kind: StateType = StateType.CANCELLING) -> None:
    answer = api.client(flow_run.SET_STATE(SetState(state=StateCreate(type=kind), force=True), id=run_id))
    assert answer.status == "ACCEPT"


def hooks(folder: Path) -> list[str]:
    """Return what the hooks told."""
    file = folder / "script.py.hooks"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("where", BODIES)
def test_a_run_that_somebody_cancels_stops(api: Api, run: Callable[[str], Script], tmp_path: Path, where: str) -> None:
    script = run(BODIES[where])
    run_id = script.flow_run_id()
    cancel(api, run_id)
    assert script.end() == 1
    assert api.flow_run_states(run_id) == ["Pending", "Running", "Cancelling", "Cancelled"]
    assert hooks(tmp_path) == ["main Cancelling"]
    if where != "thread":
        assert "CancelledRun" in script.errors.read_text().splitlines()[-1]
    if where in ("task", "submitted", "async submitted", "thread", "processes"):
        (task_run,) = api.task_runs(run_id, 1)
        assert api.task_run_states(task_run) == ["Pending", "Running", "Cancelled"]
    assert any(line.message.startswith("Finished in state Cancelled") for line in api.logs(run_id))


def test_a_run_that_is_cancelled_at_once_stops_too(api: Api, run: Callable[[str], Script], tmp_path: Path) -> None:
    script = run(BODIES["flow"])
    run_id = script.flow_run_id()
    cancel(api, run_id, StateType.CANCELLED)
    assert script.end() == 1
    assert api.flow_run(run_id).state_name == "Cancelled"
    assert hooks(tmp_path) == ["main Cancelling"]


SUBFLOWS = """
@flow(**hooks)
def inner():
    here()
    sleeps.submit().wait()

@flow(**hooks)
def main():
    here()
    try:
        inner()
    except Exception as error:
        print(type(error).__name__, flush=True)
    return quick(1)

main()
"""


def test_a_subflow_stops_with_its_parent(api: Api, run: Callable[[str], Script], tmp_path: Path) -> None:
    script = run(SUBFLOWS)
    outer, inner, _ = script.flow_run_id(), script.flow_run_id(), script.flow_run_id()
    cancel(api, outer)
    assert script.end() == 1
    assert api.flow_run_states(outer) == ["Pending", "Running", "Cancelling", "Cancelled"]
    assert api.flow_run_states(inner) == ["Pending", "Running", "Cancelled"]
    assert hooks(tmp_path) == ["inner Cancelling", "main Cancelling"]
    (tracking,) = api.task_runs(outer, 1)
    assert tracking.state_name == "Cancelled"
    (slept,) = api.task_runs(inner, 1)
    assert slept.state_name == "Cancelled"


def test_a_subflow_that_is_cancelled_lets_its_parent_go_on(
    api: Api, run: Callable[[str], Script], tmp_path: Path
) -> None:
    script = run(SUBFLOWS)
    outer, inner, _ = script.flow_run_id(), script.flow_run_id(), script.flow_run_id()
    cancel(api, inner)
    assert script.process.stdout is not None
    assert script.process.stdout.readline() == "CancelledRun\n"
    assert script.end() == 0
    assert api.flow_run_states(inner) == ["Pending", "Running", "Cancelling", "Cancelled"]
    assert api.flow_run_states(outer) == ["Pending", "Running", "Completed"]
    assert hooks(tmp_path) == ["inner Cancelling", "main Completed"]


def test_the_command_line_cancels_within_some_seconds(api: Api, server: str, tmp_path: Path) -> None:
    script = Script(tmp_path, TOLD + BODIES["submitted"])
    run_id = script.flow_run_id()
    command = [sys.executable, "-m", "lictor.cli.main", "flow-run", "cancel", str(run_id)]
    subprocess.run(command, env={**os.environ, "PREFECT_API_URL": server}, check=True, timeout=60)
    assert script.end() == 1
    assert api.flow_run(run_id).state_name == "Cancelled"
    assert hooks(tmp_path) == ["main Cancelling"]


@pytest.mark.parametrize("where", ["flow", "async"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, None], ids=["SIGTERM", "SIGINT", "SystemExit"])
def test_hooks_are_told_of_what_ends_a_process(
    api: Api, run: Callable[[str], Script], tmp_path: Path, where: str, how: signal.Signals | None
) -> None:
    body = BODIES[where]
    script = run(
        body if how else body.replace("time.sleep(60)", "sys.exit(3)").replace("await asyncio.sleep(60)", "sys.exit(3)")
    )
    run_id = script.flow_run_id()
    if how is not None:
        script.process.send_signal(how)
    assert script.end() == (-how if how else 3)
    assert api.flow_run(run_id).state_name == "Crashed"
    assert hooks(tmp_path) == ["main Crashed"]


def test_a_process_that_is_ended_for_a_cancellation_says_so(
    api: Api, run: Callable[[str], Script], tmp_path: Path
) -> None:
    script = Script(tmp_path, TOLD + BODIES["flow"])  # it hears the signal before it looks
    run_id = script.flow_run_id()
    cancel(api, run_id)
    script.process.terminate()
    assert script.end() == -signal.SIGTERM
    assert api.flow_run_states(run_id) == ["Pending", "Running", "Cancelling", "Cancelled"]
    assert hooks(tmp_path) == ["main Cancelling"]


def heartbeats(api: Api, run_id: UUID) -> list[ReceivedEvent]:
    named = filters.EventFilter(event=filters.EventNameFilter(name=["prefect.flow-run.heartbeat"]))
    page = api.client(event.FILTER(event.ReadEvents(filter=named)))
    return [one for one in page.events if one.resource["prefect.resource.id"] == f"prefect.flow-run.{run_id}"]


def test_a_run_tells_that_it_goes_on(api: Api, run: Callable[[str], Script]) -> None:
    script = run(BODIES["flow"])
    run_id = script.flow_run_id()
    found = eventually(lambda: heartbeats(api, run_id), bool)
    script.process.terminate()
    script.end()
    assert len(found) == 1
    assert [each["prefect.resource.role"] for each in found[0].related] == ["flow"]


def test_a_run_that_somebody_suspends_leaves_at_its_next_task(
    api: Api, run: Callable[[str], Script], tmp_path: Path
) -> None:
    script = run(
        "@task\ndef slow():\n    time.sleep(1)\n"
        "@flow(**hooks)\ndef main():\n    slow.submit()\n    here()\n    while True: time.sleep(0.05); quick(1)\nmain()"
    )
    run_id = script.flow_run_id()
    suspended = StateCreate(type=StateType.PAUSED, name="Suspended", state_details=StateDetails(pause_reschedule=True))
    answer = api.client(flow_run.SET_STATE(SetState(state=suspended, force=True), id=run_id))  # it has no deployment
    assert answer.status == "ACCEPT"
    assert script.end() == 1
    assert api.flow_run_states(run_id) == ["Pending", "Running", "Suspended"]
    assert hooks(tmp_path) == []
    (slept,) = [one for one in task_runs(api, run_id) if one.name.startswith("slow")]
    assert slept.state_name == "Completed"


def task_runs(api: Api, run_id: UUID) -> list[TaskRun]:
    wanted = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[run_id]))
    return api.client(task_run.FILTER(task_run.ReadTaskRuns(flow_runs=wanted)))


def test_a_run_that_ends_as_cancelled_is_not_taken_for_one_that_somebody_cancelled(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lictor.engine.lookout.LOOK_SECONDS", 0.0)

    @flow
    def ends_cancelled() -> Any:
        return Cancelled("by itself")

    for _ in range(40):
        state: Any = ends_cancelled(return_state=True)
        assert state.message == "by itself"
        assert api.flow_run_states(state) == ["Pending", "Running", "Cancelled"]
