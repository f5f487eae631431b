"""Workers, programs that serve, their runs' processes and the server are killed: no run is lost, none runs twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.running import Server, clean_environment

PATIENCE = 120.0
CLAIMS = {
    "PREFECT_SERVER_SERVICES_EXPIRED_CLAIMS_TIMEOUT_SECONDS": "5",
    "PREFECT_SERVER_SERVICES_EXPIRED_CLAIMS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_EXPIRED_CLAIMS_MAX_EXPIRATIONS": "50",
}
WORKER = (sys.executable, "-m", "lictor.cli.main", "worker", "start", "--limit", "3", "--pool")
PROGRAM = """
import fcntl, os, time
from pathlib import Path
from lictor import flow, task

HERE = Path(__file__).parent
if "GATE" in os.environ and "PREFECT__FLOW_RUN_ID" in os.environ:  # the run's process stops before the run begins
    (HERE / "loading").write_text(str(os.getpid()))
    while not (HERE / os.environ["GATE"]).exists():
        time.sleep(0.02)

@task
def step() -> None:
    time.sleep(0.1)

@flow
def work(number: int) -> None:
    file = (HERE / f"run-{number}").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        (HERE / "overlap").touch()
        raise
    file.write(f"{os.getpid()}\\n")
    file.flush()
    for _ in range(5):
        step()

if __name__ == "__main__":
    work.serve("served", pause_on_shutdown=False)
"""


class Yard:
    """A server, a deployment of the program, and those who run what falls due of it."""

    def __init__(self, server: Server, folder: Path, kind: str = "worker") -> None:
        self.server, self.folder, self.kind, self.pool = server, folder, kind, f"pool-{uuid4()}"
        self.api = httpx.Client(base_url=server.url, timeout=60)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.runs: dict[int, str] = {}
        (folder / "program.py").write_text(PROGRAM)
        self.ask("POST", "/work_pools/", {"name": self.pool, "type": "process"})
        flow = self.ask("POST", "/flows/", {"name": "work"})["id"]
        where = {"work_pool_name": self.pool} if kind == "worker" else {}
        body = {"name": "served", "flow_id": flow, "entrypoint": "program.py:work", "path": str(folder), **where}
        self.deployment = self.ask("POST", "/deployments/", body)["id"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        """Start a worker, or a program that serves."""
        where = {"PREFECT_API_URL": self.server.url, "PREFECT_HOME": str(self.folder)}
        environment = {**clean_environment(), **where, **more, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [*WORKER, self.pool] if self.kind == "worker" else [sys.executable, "program.py"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.workers.append(process)
        return process

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        self.workers.remove(worker)
        worker.kill()
        worker.wait()

    def run(self) -> int:
        """Make a run; return its number."""
        number = len(self.runs)
        body = {"parameters": {"number": number}}
        self.runs[number] = self.ask("POST", f"/deployments/{self.deployment}/create_flow_run", body)["id"]
        return number

    def begun(self, number: int) -> list[int]:
        """Return the processes that ran a run."""
        path = self.folder / f"run-{number}"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def history(self, number: int) -> list[Any]:
        return list(self.ask("GET", f"/flow_run_states/?flow_run_id={self.runs[number]}"))

    def ended(self, number: int) -> str:
        """Wait for a run's end; return the type of its state."""
        final = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
        seen = lambda: (kind := self.history(number)[-1]["type"]) in final and kind  # noqa: E731
        return str(self.until(seen, lambda: f"{self.history(number)}\n{(self.folder / 'log').read_text()[-4000:]}"))

    def until(self, seen: Callable[[], Any], otherwise: Callable[[], Any] = lambda: "it never came") -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := seen()):
            assert time.monotonic() < end, otherwise()
            time.sleep(0.05)
        return found

    def close(self) -> None:
        for worker in list(self.workers):
            self.kill(worker)
        mark = f"PREFECT_HOME={self.folder}\0".encode()
        for place in Path("/proc").glob("[0-9]*/environ"):  # runs, begun or not, whose worker was killed
            with suppress(OSError):
                if mark in place.read_bytes():
                    end(int(place.parent.name))


def parent(pid: int) -> int:
    """Return a process's parent, 0 if it has ended."""
    try:
        state, over = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if state == "Z" else int(over)


def end(pid: int) -> None:
    if parent(pid):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(None, **CLAIMS) as server:
        yield server


@pytest.fixture
def yards(server: Server, tmp_path: Path) -> Iterator[Callable[..., Yard]]:
    made: list[Yard] = []

    def yard(*more: Any) -> Yard:
        made.append(Yard(server, tmp_path, *more))
        return made[-1]

    yield yard
    for each in made:
        each.close()


@pytest.mark.parametrize("kind", ["worker", "program"])
@pytest.mark.parametrize("machine", [True, False], ids=["and its process", "alone"])
def test_a_run_whose_worker_dies_before_it_begins_is_taken_by_another_once(
    yards: Callable[..., Yard], kind: str, machine: bool
) -> None:
    yard = yards(kind)
    first = yard.start(GATE="open")
    number = yard.run()
    loading = yard.folder / "loading"
    pid = int(yard.until(lambda: loading.exists() and loading.read_text()))
    yard.kill(first)
    if machine:
        end(pid)
    yard.start()
    assert yard.ended(number) == "COMPLETED"
    (yard.folder / "open").touch()
    yard.until(lambda: not parent(pid))
    names = [state["name"] for state in yard.history(number)]
    assert names == ["Scheduled", "Pending", "ClaimExpired", "Pending", "Running", "Completed"]
    assert len(yard.begun(number)) == 1
    assert yard.begun(number) != [pid]


@pytest.mark.parametrize("seed", range(int(os.environ.get("KILL_SEEDS", "2"))))
def test_whoever_is_killed_at_whatever_moment_every_run_ends_and_none_runs_twice(
    yards: Callable[..., Yard], seed: int
) -> None:
    drawn, yard, killed = random.Random(seed), yards(), set()
    for _ in range(2):
        yard.start()
    for _ in range(8):
        for _ in range(2):
            yard.run()
        time.sleep(drawn.uniform(0.1, 1.0))  # the moment is the experiment
        victim = drawn.choice(("worker", "process", "server"))
        if victim == "worker":
            yard.kill(drawn.choice(yard.workers))
            yard.start()
        elif victim == "server":
            yard.server.end(signal.SIGKILL)
            yard.server.start()
        else:
            watched = {worker.pid for worker in yard.workers}
            live = [(number, pid) for number in yard.runs for pid in yard.begun(number) if parent(pid) in watched]
            for number, pid in drawn.sample(live, min(1, len(live))):
                end(pid)
                killed.add(number)
                yard.ended(number)  # its worker alone can tell that at once: it is not killed meanwhile
    ends = {number: yard.ended(number) for number in yard.runs}
    wrong = {number for number, kind in ends.items() if kind != "COMPLETED"} - killed
    told = [[f"{state['name']}: {state['message']}" for state in yard.history(number)] for number in wrong]
    assert not wrong, "\n".join(map(str, told))
    assert {ends[number] for number in killed} <= {"COMPLETED", "CRASHED"}
    assert [len(yard.begun(number)) for number in yard.runs] == [1] * len(ends)
    assert not (yard.folder / "overlap").exists()


def test_a_worker_that_is_there_before_its_server_waits_for_it(yards: Callable[..., Yard]) -> None:
    yard = yards()
    number = yard.run()
    yard.server.end()
    yard.start()
    yard.until(lambda: b"No server answers" in (yard.folder / "log").read_bytes())
    yard.server.start()
    assert yard.ended(number) == "COMPLETED"


@pytest.mark.parametrize("kind", ["worker", "program"])
@pytest.mark.parametrize("signals", [1, 2])
def test_who_is_told_to_end_while_the_server_is_away_does_not_wait_for_it(
    yards: Callable[..., Yard], kind: str, signals: int
) -> None:
    yard = yards(kind)
    process = yard.start(GATE="never") if signals > 1 else yard.start()
    number = yard.run()
    if signals > 1:
        yard.until((yard.folder / "loading").exists)
    else:
        yard.ended(number)
    yard.server.end(signal.SIGKILL)
    yard.until(lambda: b"is away" in (yard.folder / "log").read_bytes())
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
    assert process.wait(45) == 0
