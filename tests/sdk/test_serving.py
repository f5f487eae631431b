"""Programs that serve their flows: runs fall due, processes end in all ways, and the program is told to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from lictor.kit.clock import now
from lictor.runner import Runner
from lictor.sdk.exit_codes import described
from lictor.wire.types.flow_run import FlowRun
from tests.running import clean_environment, free_port

PATIENCE = 90.0
PROGRAM = """
import asyncio, os, signal, subprocess, sys, time
from pathlib import Path
from lictor import flow, serve, task
from lictor.deployments import run_deployment
from lictor.flow_runs import suspend_flow_run
from lictor.kit.clock import now
from lictor.runner import Runner
from lictor.sdk import supervisor

@task
def double(number: int) -> int:
    return 2 * number

@flow(name=NAME)
def work(number: int = 1, mark: str = "") -> None:
    Path(mark).write_text(str(double(number)))

@flow(name=NAME + "-parent")
def parent(mark: str) -> str:
    run = run_deployment(NAME + "/served", parameters={"number": 4, "mark": mark}, flow_run_name="child", tags=["a"])
    later = run_deployment(NAME + "/served", parameters={"number": 4, "mark": mark}, timeout=0, as_subflow=False)
    assert run.state.is_completed() and not later.state.is_final()
    return run.name

def tell(flow, run, state):
    Path(run.parameters["mark"]).write_text(f"{flow.name} {run.state.name} {state.name}")

@flow(name=NAME + "-kill", on_crashed=[tell])
def kill(mark: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

@flow(name=NAME + "-deaf", on_cancellation=[tell])
def deaf(mark: str, begun: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(begun).write_text(str(os.getpid()))
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass

@flow(name=NAME + "-leave")
def leave(mark: str) -> None:
    left = f"trap 'echo heard >> {mark}; exit' TERM; echo $$ > {mark}; while :; do sleep 0.05; done"
    subprocess.Popen(["bash", "-c", left])
    while not Path(mark).exists():
        time.sleep(0.01)

@flow(name=NAME + "-hold")
def hold(mark: str) -> None:
    with Path(mark).open("a") as file:
        file.write(f"{os.getpid()}\\n")
    suspend_flow_run(timeout=600)

@flow(name=NAME + "-wait")
def wait(mark: str, until: str) -> None:
    with Path(mark).open("a") as file:
        file.write(f"{os.getpid()}\\n")
    while not Path(until).exists():
        time.sleep(0.05)

async def runs() -> None:
    runner = Runner("beside", query_seconds=0.2)
    await runner.add_flow(work, "served")
    await runner.start()

if __name__ == "__main__" and "ASYNC" in os.environ:
    asyncio.run(runs())
elif __name__ == "__main__":
    supervisor.GRACE_SECONDS = float(os.environ.get("GRACE", "30"))
    serve(*(each.to_deployment("served") for each in (work, parent, kill, deaf, hold, leave, wait)), limit=int(sys.argv[1]), query_seconds=0.2, webserver=True)
"""


class Served:
    """A program that serves, and its deployments on a server."""

    def __init__(self, server: str, folder: Path, limit: int, more: dict[str, str]) -> None:
        self.folder, self.name, self.port = folder, f"flow-{uuid4()}", free_port()
        self.api = httpx.Client(base_url=server, timeout=60)
        (folder / "program.py").write_text(f"NAME = {self.name!r}\n{PROGRAM}")
        where = {"PREFECT_API_URL": server, "PREFECT_HOME": str(folder), "PREFECT_RUNNER_SERVER_PORT": str(self.port)}
        environment = {**clean_environment(), **where, **more, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "program.py", str(limit)]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def deployment(self, kind: str = "") -> Any:
        path = f"/deployments/name/{self.name}{kind}/served"
        self.until(lambda: self.api.get(path).is_success)
        return self.ask("GET", path)

    def run(self, kind: str = "", **parameters: Any) -> str:
        deployment = self.deployment(kind)["id"]
        run: str = self.ask("POST", f"/deployments/{deployment}/create_flow_run", {"parameters": parameters})["id"]
        return run

    def until(self, seen: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := seen()):
            assert time.monotonic() < end, "it never came"
            assert self.process.poll() is None, self.process.communicate()[0]
            time.sleep(0.05)
        return found

    def state(self, run: str, *kinds: str) -> Any:
        """Wait until a run is in a state of some kinds; return it."""

        def seen() -> Any:
            state = self.ask("GET", f"/flow_runs/{run}")["state"]
            return state if state["type"] in kinds else None

        return self.until(seen)

    def mark(self, name: str) -> str:
        """Wait until a file has something, and return it."""
        path = self.folder / name
        found: str = self.until(lambda: path.exists() and path.read_text())
        return found


@pytest.fixture
def served(server: str, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def serve(limit: int = 5, **more: str) -> Served:
        started.append(Served(server, tmp_path, limit, more))
        return started[-1]

    yield serve
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def alive(pid: str) -> bool:
    stat = Path(f"/proc/{pid.strip()}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_runs_are_run_and_the_deployment_is_paused_at_the_end(served: Callable[..., Served]) -> None:
    program = served()
    assert program.deployment()["parameter_openapi_schema"]["properties"]["number"]["type"] == "integer"
    run = program.run(number=21, mark=str(program.folder / "mark"))
    assert program.state(run, "COMPLETED", "FAILED", "CRASHED")["type"] == "COMPLETED"
    assert program.mark("mark") == "42"
    program.process.send_signal(signal.SIGTERM)
    said, _ = program.process.communicate(timeout=PATIENCE)
    assert program.process.returncode == 0, said
    assert f"{program.name}/served" in said
    assert program.ask("GET", f"/deployments/name/{program.name}/served")["paused"]


def test_a_runner_is_awaited_in_async_code(served: Callable[..., Served]) -> None:
    program = served(ASYNC="1")
    run = program.run(number=21, mark=str(program.folder / "mark"))
    assert program.state(run, "COMPLETED", "FAILED", "CRASHED")["type"] == "COMPLETED"
    [claim] = [each for each in program.ask("GET", f"/flow_run_states/?flow_run_id={run}") if each["type"] == "PENDING"]
    assert claim["message"] == "Claimed by runner 'beside'."
    program.process.send_signal(signal.SIGTERM)
    said, _ = program.process.communicate(timeout=PATIENCE)
    assert program.process.returncode == 0, said


def test_a_flow_runs_a_deployment_as_a_part_of_itself(served: Callable[..., Served]) -> None:
    program = served()
    run = program.run("-parent", mark=str(program.folder / "mark"))
    assert program.state(run, "COMPLETED", "FAILED", "CRASHED")["type"] == "COMPLETED"
    tasks = program.ask("POST", "/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    assert [task["state"]["type"] for task in tasks] == ["COMPLETED"]
    named = {"name": {"any_": ["child"]}}
    [child] = program.ask(
        "POST", "/flow_runs/filter", {"flow_runs": named, "flows": {"name": {"any_": [program.name]}}}
    )
    assert (child["parent_task_run_id"], child["tags"]) == (tasks[0]["id"], ["a"])
    assert program.mark("mark") == "8"


def test_a_run_whose_process_is_killed_crashes_and_says_why(served: Callable[..., Served]) -> None:
    program = served()
    run = program.run("-kill", mark=str(program.folder / "hook"))
    state = program.state(run, "CRASHED", "COMPLETED", "FAILED")
    assert state["type"] == "CRASHED"
    assert "SIGKILL" in state["message"]
    assert program.mark("hook") == f"{program.name}-kill Crashed Crashed"
    history = program.ask("GET", f"/flow_run_states/?flow_run_id={run}")
    [claim] = [each["message"] for each in history if each["type"] == "PENDING"]
    assert claim == f"Claimed by runner 'runner-{socket.gethostname()}-{program.process.pid}'."


def test_what_a_run_leaves_running_ends_with_it(served: Callable[..., Served]) -> None:
    program = served()
    run = program.run("-leave", mark=str(program.folder / "left"))
    program.state(run, "COMPLETED")
    left = program.mark("left").split()[0]
    program.until(lambda: not alive(left))
    assert program.mark("left").split() == [left, "heard"]


def test_a_cancelled_run_that_hears_nothing_is_killed_and_its_hooks_are_called(served: Callable[..., Served]) -> None:
    program = served(GRACE="0.5")
    begun = program.folder / "begun"
    run = program.run("-deaf", mark=str(program.folder / "hook"), begun=str(begun))
    pid = program.mark("begun")
    program.ask("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    told = "it did not end within 0.5 seconds of being told to, and was killed (SIGKILL)."
    assert program.state(run, "CANCELLED")["message"] == f"Its process was ended: exit code -9: {told}"
    assert not alive(pid)
    assert program.mark("hook") == f"{program.name}-deaf Cancelled Cancelling"


def test_the_program_says_whether_it_is_well(served: Callable[..., Served]) -> None:
    program = served()
    place = f"http://localhost:{program.port}"
    program.deployment()
    program.until(lambda: answers(place))
    assert httpx.get(f"{place}/health").json() == {"message": "OK"}
    run = program.run("-wait", mark=str(program.folder / "begun"), until=str(program.folder / "until"))
    program.mark("begun")
    assert httpx.get(f"{place}/run_count").json() == 1
    (program.folder / "until").touch()
    program.state(run, "COMPLETED")
    program.until(lambda: httpx.get(f"{place}/run_count").json() == 0)
    assert httpx.get(f"{place}/none").status_code == 404
    assert httpx.head(f"{place}/health").content == b""


def answers(place: str) -> bool:
    try:
        return httpx.get(f"{place}/health").is_success
    except httpx.ConnectError:
        return False


def test_no_more_runs_than_the_limit_go_on_at_once(served: Callable[..., Served]) -> None:
    program = served(limit=1)
    mark, until = str(program.folder / "begun"), program.folder / "until"
    runs = [program.run("-wait", mark=mark, until=str(until)) for _ in range(3)]
    program.mark("begun")
    states = [program.ask("GET", f"/flow_runs/{run}")["state"]["type"] for run in runs]
    assert states.count("SCHEDULED") == 2
    until.touch()
    for run in runs:
        program.state(run, "COMPLETED")
    assert len(program.mark("begun").split()) == 3


def test_a_server_that_answers_more_runs_than_there_is_room_for_begins_no_more() -> None:
    begun: list[UUID] = []

    class Asked(Runner):
        def due(self, most: int | None, patient: bool) -> list[FlowRun]:
            at = now()
            return [FlowRun(id=uuid4(), name="x", flow_id=uuid4(), created=at, updated=at) for _ in range(5)]

        def begin(self, run: FlowRun) -> bool:
            begun.append(run.id)
            return True

    assert Asked(limit=2).begin_due() == len(begun) == 2
    assert Asked(limit=None).begin_due() == 5


def test_what_runs_is_finished_when_the_program_is_told_to_end(served: Callable[..., Served]) -> None:
    program = served()
    mark, until = str(program.folder / "begun"), program.folder / "until"
    run = program.run("-wait", mark=mark, until=str(until))
    program.mark("begun")
    program.process.send_signal(signal.SIGTERM)
    program.until(lambda: program.ask("GET", f"/deployments/name/{program.name}/served")["paused"])
    until.touch()
    program.process.communicate(timeout=PATIENCE)
    assert program.ask("GET", f"/flow_runs/{run}")["state"]["type"] == "COMPLETED"


def test_what_runs_is_handed_back_at_the_second_signal(served: Callable[..., Served]) -> None:
    program = served()
    run = program.run("-wait", mark=str(program.folder / "begun"), until=str(program.folder / "never"))
    pid = program.mark("begun")
    program.process.send_signal(signal.SIGTERM)
    program.until(lambda: program.ask("GET", f"/deployments/name/{program.name}/served")["paused"])
    program.process.send_signal(signal.SIGTERM)
    program.process.communicate(timeout=PATIENCE)
    assert not alive(pid)
    state = program.ask("GET", f"/flow_runs/{run}")["state"]
    assert (state["type"], state["name"]) == ("SCHEDULED", "AwaitingRetry")


def test_a_suspended_run_goes_on_in_a_process_of_its_own_when_it_is_resumed(served: Callable[..., Served]) -> None:
    program = served()
    run = program.run("-hold", mark=str(program.folder / "mark"))
    assert program.state(run, "PAUSED")["name"] == "Suspended"
    [first] = program.mark("mark").split()
    assert program.ask("POST", f"/flow_runs/{run}/resume", {})["status"] == "ACCEPT"
    assert program.state(run, "COMPLETED", "FAILED", "CRASHED")["type"] == "COMPLETED"
    assert program.mark("mark").split()[0] == first
    assert len(program.mark("mark").split()) == 2


def test_a_cancelled_run_ends(served: Callable[..., Served]) -> None:
    program = served()
    run = program.run("-wait", mark=str(program.folder / "begun"), until=str(program.folder / "never"))
    pid = program.mark("begun")
    program.ask("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    assert program.state(run, "CANCELLED")["name"] == "Cancelled"
    program.until(lambda: not alive(pid))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, "exit code 0"),
        (-9, "exit code -9: it was killed (SIGKILL), as the system does when memory runs out"),
        (-1, "exit code -1: signal SIGHUP ended it"),
        (-99, "exit code -99: signal 99 ended it"),
        (127, "exit code 127: its command was not found"),
        (42, "exit code 42"),
    ],
)
def test_exit_codes_are_told_in_words(code: int, said: str) -> None:
    assert described(code) == said


BESIDE = """
import asyncio, sys
from lictor import aserve, flow, serve

@flow(name=NAME)
def work(number: int) -> int:
    return number

async def main():
    try:
        serve(await work.to_deployment("x"))
    except RuntimeError as error:
        print(error)
    made = await work.to_deployment("served")
    serving = asyncio.create_task(aserve(made, query_seconds=0.2, print_starting_message=False))
    line = await asyncio.to_thread(sys.stdin.readline)  # the loop goes on meanwhile
    if line == "cancel\\n":
        serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        print("cancelled")
    print("over")

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["signal", "cancel"])
def test_a_program_with_an_event_loop_serves_beside_it(end: str, server: str, tmp_path: Path) -> None:
    name = f"flow-{uuid4()}"
    (tmp_path / "program.py").write_text(f"NAME = {name!r}\n{BESIDE}")
    where = {"PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env={**clean_environment(), **where},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    program = Served.__new__(Served)
    program.process, program.name, program.api = process, name, httpx.Client(base_url=server, timeout=60)
    try:
        assert program.state(program.run(number=1), "COMPLETED", "FAILED", "CRASHED")["type"] == "COMPLETED"
        if end == "signal":
            process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(f"{end}\n", timeout=PATIENCE)
    finally:
        process.kill()
        process.communicate()
    told = ["An event loop runs here: `await aserve(…)` serves beside it."]
    assert said.splitlines() == [*told, *(["cancelled"] if end == "cancel" else []), "over"]
    assert process.returncode == 0
    assert program.ask("GET", f"/deployments/name/{name}/served")["paused"]
