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

DBOS.launch()
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
    folder = tempfile.mkdtemp(prefix="durable-")
    answer = subprocess.run(
        [python(), "-c", SCRIPT, f"{folder}/steps.db", str(TIMES), str(rounds)],
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
