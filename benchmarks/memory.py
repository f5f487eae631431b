"""How much the memory of a client grows with the tasks that one flow has called, mapped or submitted."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.running import clean_environment

from benchmarks.measure import median
from benchmarks.servers import QUIET, Lictor, Reference, Subject

WORKS = ("called", "mapped", "submitted")
STEPS = 4
TASKS = {"Lictor": 10_000, "reference": 1_000}
"""Tasks in a step."""

CLIENT = """
import gc, json, os, sys
from {package} import flow, task

def resident():
    gc.collect()
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

@task
def boxed(number): return {{"number": number}}

def called(times):
    for number in range(times): boxed(number)

def mapped(times):
    for _ in range(times // 500): boxed.map(range(500)).result()

def submitted(times):
    for _ in range(times // 500):
        for future in [boxed.submit(number) for number in range(500)]: future.result()

@flow
def growing(work, times, steps):
    sizes = []
    for _ in range(steps):
        globals()[work](times)
        sizes.append(resident())
    return sizes

print(json.dumps(growing(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
"""


def growth(kind: type[Lictor | Reference], work: str) -> float:
    """Return the MB by which a client grows in 10,000 tasks of one flow, the first step left out.

    Each client has a server of its own: one that still writes down what the last client told refuses the next.
    """
    with kind() as server:
        sizes = sizes_of(server, work)
    return (sizes[-1] - sizes[0]) / (STEPS - 1) * 10_000 / TASKS[kind.name]


def sizes_of(server: Subject, work: str) -> list[float]:
    """Return the MB that a client has after each step."""
    home = tempfile.mkdtemp(prefix="benchmark-client-")
    environment = {**clean_environment(), **QUIET, "PREFECT_HOME": home, "PREFECT_API_URL": server.url}
    if isinstance(server, Lictor):
        environment["PYTHONPATH"] = str(Path("src").absolute())
    code = CLIENT.format(package=server.package)
    answer = subprocess.run(
        [server.python, "-c", code, work, str(TASKS[server.name]), str(STEPS)],
        env={**environment, "PREFECT_LOGGING_LEVEL": "ERROR"},
        check=False,
        capture_output=True,
        text=True,
        cwd=os.getcwd(),
    )
    if answer.returncode:
        raise RuntimeError(f"{server.name}, {work}: {answer.stderr[-2000:]}")
    sizes: list[float] = json.loads(answer.stdout.splitlines()[-1])
    return sizes


def compared(rounds: int) -> list[dict[str, Any]]:
    """Return the growth of each work, of the reference and of Lictor."""
    found: dict[str, dict[str, Any]] = {work: {"10,000 tasks of one flow, MB": work} for work in WORKS}
    for kind in (Reference, Lictor):
        for work in WORKS:
            found[work][kind.name] = round(median([growth(kind, work) for _ in range(rounds)]), 1)
    return list(found.values())
