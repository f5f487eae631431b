"""How long a trivial run of a deployment takes with a process worker, from when it is made to its end."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.running import clean_environment

from benchmarks.measure import median, total_cpu
from benchmarks.servers import QUIET, Lictor, Reference, Subject, connection, patiently

AT_ONCE = (1, 20)
FLOW = "from {package} import flow\n\n@flow\ndef trivial() -> None: ...\n"
POOL = "machines"


@contextmanager
def worker(server: Subject) -> Iterator[tuple[int, str]]:
    """Run a worker; give its process and a deployment that it runs."""
    folder, api = Path(tempfile.mkdtemp(prefix="benchmark-starts-")), connection(server)
    (folder / "work.py").write_text(FLOW.format(package=server.package))
    patiently(api, "POST", "/work_pools/", {"name": POOL, "type": "process"})
    environment = {**clean_environment(), **QUIET, "PREFECT_HOME": str(folder), "PREFECT_API_URL": server.url}
    if isinstance(server, Lictor):
        command = [server.python, "-m", "lictor.cli.main"]
        environment["PYTHONPATH"] = str(Path("src").absolute())
    else:
        command = [str(Path(server.python).parent / "prefect")]
    started = subprocess.Popen(
        [*command, "worker", "start", "--pool", POOL, "--type", "process"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not patiently(api, "POST", f"/work_pools/{POOL}/workers/filter", {}):
            time.sleep(0.1)
        body = {
            "name": "trivial",
            "flow_id": patiently(api, "POST", "/flows/", {"name": "trivial"})["id"],
            "work_pool_name": POOL,
            "entrypoint": "work.py:trivial",
            "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}],
        }
        yield started.pid, patiently(api, "POST", "/deployments/", body)["id"]
    finally:
        started.terminate()
        started.wait(60)


def seconds(server: Subject, deployment: str, number: int) -> float:
    """Make runs at once, and return the seconds until all have completed."""
    api, began = connection(server), time.perf_counter()
    for _ in range(number):
        patiently(api, "POST", f"/deployments/{deployment}/create_flow_run", {})
    left = {"flow_runs": {"state": {"type": {"not_any_": ["COMPLETED"]}}}}
    while patiently(api, "POST", "/flow_runs/count", left):
        time.sleep(0.05)
    return time.perf_counter() - began


def parts(server: Subject) -> str:
    """Return where the time of the last run went: the seconds until it was claimed, ran, and had ended."""
    api = connection(server)
    last = {"sort": "EXPECTED_START_TIME_DESC", "limit": 1}
    [run] = patiently(api, "POST", "/flow_runs/filter", last)
    states = patiently(api, "GET", f"/flow_run_states/?flow_run_id={run['id']}")
    first = datetime.fromisoformat(states[0]["timestamp"])
    found = {each["type"]: (datetime.fromisoformat(each["timestamp"]) - first).total_seconds() for each in states}
    return " / ".join(f"{found[kind]:.2f}" for kind in ("PENDING", "RUNNING", "COMPLETED"))


def compared(rounds: int) -> list[dict[str, Any]]:
    """Return the wall seconds, and the CPU seconds a run of worker and runs, of both."""
    rows: dict[int, dict[str, Any]] = {number: {"runs at once": number} for number in AT_ONCE}
    for kind in (Reference, Lictor):
        with kind() as server, worker(server) as (pid, deployment):
            seconds(server, deployment, 1)
            for number in AT_ONCE:
                used = total_cpu(pid)
                wall = median([seconds(server, deployment, number) for _ in range(rounds)])
                rows[number][f"{kind.name}, s"] = round(wall, 2)
                rows[number][f"{kind.name}: claimed / running / over after, s"] = parts(server)
                rows[number][f"{kind.name}, CPU s a run"] = round((total_cpu(pid) - used) / number / rounds, 2)
    return list(rows.values())
