"""What a client costs: scripts run in processes of their own, against either server."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.running import clean_environment

from benchmarks.measure import cpu, median, resident, settle, total_cpu
from benchmarks.servers import QUIET, Lictor, Reference, Subject, reference_python

CLIENT = """
import asyncio, json, sys, time
from {package} import flow, task

@task
def noop(number=0): pass

@task
async def anoop(): pass

@task
def fibonacci(number):
    def counted(n): return n if n < 2 else counted(n - 1) + counted(n - 2)
    return counted(number)

@flow
def sequential(times):
    for _ in range(times): noop()

@flow
def submitted(times):
    for future in [noop.submit() for _ in range(times)]: future.result()

@flow
def mapped(times):
    noop.map(range(times)).result()

@flow
async def gathering(times):
    await asyncio.gather(*[anoop() for _ in range(times)])

def gathered(times):
    asyncio.run(gathering(times))

@flow
def empty(times=0): pass

@flow
def subflows(times):
    for _ in range(times): empty()

@flow
def fibonacci_10(times):
    for _ in range(times): fibonacci(10)

@flow
def fibonacci_33(times):
    for _ in range(times): fibonacci(33)

work = globals()[sys.argv[1]]
work(1)
for line in sys.stdin:
    times, repeats = map(int, line.split())
    before, began = time.process_time(), time.perf_counter()
    for _ in range(repeats): work(times)
    print(json.dumps([time.process_time() - before, time.perf_counter() - began]), flush=True)
"""


class Client:
    """A process that runs flows when it is told to."""

    def __init__(self, server: Subject, work: str) -> None:
        home = tempfile.mkdtemp(prefix="benchmark-client-")
        environment = {**clean_environment(), **QUIET, "PREFECT_HOME": home, "PREFECT_API_URL": server.url}
        if isinstance(server, Lictor):
            environment["PYTHONPATH"] = str(Path("src").absolute())
        script = Path(home) / "client.py"
        script.write_text(CLIENT.format(package=server.package))
        self.process = subprocess.Popen(
            [server.python, str(script), work],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, times: int, repeats: int = 1) -> tuple[float, float]:
        """Run the work and return its CPU and wall seconds."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{times} {repeats}\n")
        self.process.stdin.flush()
        cpu_seconds, wall = json.loads(self.process.stdout.readline())
        return cpu_seconds, wall

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def task_calls(server: Subject, work: str, times: int, rounds: int) -> dict[str, list[float]]:
    """Return milliseconds a task call: of the client, and of client and server, until everything is stored."""
    client = Client(server, work)
    found: dict[str, list[float]] = {"client": [], "both": []}
    client.run(max(times // 10, 5))
    settle(server.pid)
    for _ in range(rounds):
        before, own = cpu(server.pid), cpu(client.process.pid)
        in_flow, _ = client.run(times)
        settle(server.pid)
        whole = cpu(client.process.pid) - own
        found["client"].append(max(in_flow, whole) * 1000 / times)
        found["both"].append((cpu(server.pid) - before + whole) * 1000 / times)
    client.close()
    return found


def empty_flow(server: Subject, rounds: int) -> list[float]:
    """Return the wall milliseconds of an empty flow call, warm."""
    client = Client(server, "empty")
    repeats = 20 if isinstance(server, Lictor) else 2
    client.run(0, 1)
    found = [client.run(0, repeats)[1] * 1000 / repeats for _ in range(rounds)]
    client.close()
    return found


def shape(server: Subject, work: str, times: int, rounds: int) -> float:
    """Return the wall milliseconds of a flow of some tasks, until its caller has the result, warm."""
    client = Client(server, work)
    client.run(1)
    found = median([client.run(times)[1] * 1000 for _ in range(rounds)])
    client.close()
    return found


def command_cost(server: Subject, arguments: list[str], rounds: int) -> list[float]:
    """Return the CPU milliseconds of a command."""
    home = tempfile.mkdtemp(prefix="benchmark-client-")
    environment: dict[str, Any] = {**clean_environment(), **QUIET, "PREFECT_HOME": home, "PREFECT_API_URL": server.url}
    if isinstance(server, Lictor):
        environment["PYTHONPATH"] = str(Path("src").absolute())
    program = str(Path(server.python).parent / server.package)
    found = []
    for _ in range(rounds + 1):
        before = os.times()
        subprocess.run([program, *arguments], env=environment, capture_output=True, check=True)
        after = os.times()
        found.append(
            (after.children_user + after.children_system - before.children_user - before.children_system) * 1000
        )
    return found[1:]


def import_cost(server: Subject, rounds: int) -> list[float]:
    """Return the CPU milliseconds of a process that imports flow and task."""
    environment: dict[str, Any] = {**clean_environment(), **QUIET, "PREFECT_HOME": tempfile.mkdtemp()}
    if isinstance(server, Lictor):
        environment["PYTHONPATH"] = str(Path("src").absolute())
    code = (
        f"from {server.package} import flow, task\n"
        "import resource; used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime)"
    )
    found = []
    for _ in range(rounds + 1):
        answer = subprocess.run(
            [server.python, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        found.append(float(answer.stdout.splitlines()[-1]) * 1000)
    return found[1:]


def start_cost(kind: type[Lictor] | type[Reference], rounds: int) -> dict[str, list[float]]:
    """Return CPU seconds of a server until it answers, and its resident memory in MB once idle."""
    found: dict[str, list[float]] = {"start": [], "memory": []}
    for _ in range(rounds):
        server = kind()
        with server:
            found["start"].append(total_cpu(server.pid))
            time.sleep(1)
            settle(server.pid)
            found["memory"].append(resident(server.pid))
    return found


def all_packages() -> dict[str, int]:
    """Return how many packages each environment has: Lictor's by its lock file, the reference's as installed."""
    lock = Path("requirements.lock").read_text()
    ours = [line for line in lock.splitlines() if "==" in line and "sys_platform == 'win32'" not in line]
    code = "from importlib.metadata import distributions; print(len({each.name for each in distributions()}))"
    listed = subprocess.run([reference_python(), "-c", code], capture_output=True, text=True, check=True)
    return {"Lictor": len(ours) + 1, "reference": int(listed.stdout), "at most": 45}
