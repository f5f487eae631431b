"""Beside an in-process durable library: a step of DBOS on SQLite, and a task call of Lictor with its server."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.client_rows import task_calls
from benchmarks.measure import median
from benchmarks.servers import Lictor

PACKAGE = "dbos==3.4.0"
TIMES = 500
SCRIPT = """
import json, sys, time
from dbos import DBOS, DBOSConfig
DBOS(config={"name": "benchmark", "system_database_url": "sqlite:///" + sys.argv[1], "log_level": "ERROR"})

@DBOS.step()
def noop(): pass

@DBOS.workflow()
def sequential(times):
    before = time.process_time()
    for _ in range(times): noop()
    return time.process_time() - before

@DBOS.step()
def fibonacci(number):
    def counted(n): return n if n < 2 else counted(n - 1) + counted(n - 2)
    return counted(number)

@DBOS.workflow()
def several(number, times):
    began = time.perf_counter()
    for _ in range(times): fibonacci(number)
    return time.perf_counter() - began

DBOS.launch()
if len(sys.argv) > 4:
    several(10, 2)
    print(json.dumps([several(int(sys.argv[4]), int(sys.argv[2])) * 1000 for _ in range(int(sys.argv[3]))]))
    DBOS.destroy()
    sys.exit()
sequential(20)
print(json.dumps([sequential(int(sys.argv[2])) * 1000 / int(sys.argv[2]) for _ in range(int(sys.argv[3]))]))
DBOS.destroy()
"""


def python() -> str:
    """Return the Python of an environment with the library, made if need be."""
    folder = Path(".venv-durable")
    if not (folder / "made").exists():
        subprocess.run(["python3", "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin/python"), "-m", "pip", "install", "-q", PACKAGE], check=True)
        (folder / "made").touch()
    return str((folder / "bin/python").absolute())


def step(rounds: int) -> list[float]:
    """Return CPU milliseconds of a step that does nothing."""
    return told(TIMES, rounds)


def shape(number: int, times: int, rounds: int) -> float:
    """Return the wall milliseconds of a workflow of some steps, each of which counts a Fibonacci number."""
    return median(told(times, rounds, number))


def told(*arguments: int) -> list[float]:
    """Run the script and return what it measured."""
    folder = tempfile.mkdtemp(prefix="durable-")
    answer = subprocess.run(
        [python(), "-c", SCRIPT, f"{folder}/steps.db", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    found: list[float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def compared(rounds: int) -> dict[str, Any]:
    """Return the milliseconds of both."""
    theirs = median(step(rounds))
    with Lictor() as server:
        ours = median(task_calls(server, "sequential", TIMES, rounds)["both"])
    return {
        "unit": "ms CPU",
        "a step of DBOS": round(theirs, 3),
        "a task call of Lictor, server included": round(ours, 3),
    }
