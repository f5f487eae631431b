"""The reference's client, commands and worker with Lictor's work pools, and Lictor's client with the reference's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reference.conftest import Run, Start
from tests.running import Server

PATIENCE = 180.0
SOON = {
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS": "1",
}
FLOW = """
from prefect import flow

@flow
def hello(name):
    return f"Hello {name}"
"""


@pytest.fixture(scope="module")
def watchful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that looks for silent workers every second, and for runs that do not end when they are cancelled."""
    with Server(tmp_path_factory.mktemp("watchful"), **SOON) as server:
        yield server


def ask(server: Server, method: str, path: str, body: Any = None) -> Any:
    answer = httpx.request(method, f"{server.url}{path}", json=body, timeout=60)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def wait_for(holds: Callable[[], bool]) -> None:
    """Wait until something holds that another process brings about."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_both_clients_keep_pools_on_both_servers(run: Run, lictor_server: Server, reference_server: Server) -> None:
    told = {}
    for sdk in ("lictor", "prefect"):
        for server in (lictor_server, reference_server):
            done = run(sdk, server, "pools.py")
            assert done.returncode == 0, done.stderr
            told[sdk, server.url] = json.loads(done.stdout.splitlines()[-1])
    first = told["lictor", lictor_server.url]
    assert "made twice" not in first
    assert "there still" not in first
    assert [name for name, found in told.items() if found != first] == []


COMMANDS = [
    "work-pool create {0} --type process",
    "work-pool create {0} --type process --overwrite",
    "work-pool ls",
    "work-pool inspect {0}",
    "work-pool update {0} --description mine",
    "work-pool set-concurrency-limit {0} 3",
    "work-queue create q1 --pool {0} --limit 2 --priority 1",
    "work-queue ls --pool {0}",
    "work-queue inspect q1 --pool {0}",
    "work-queue pause q1 --pool {0}",
    "work-pool slots {0}",
    "work-queue delete q1 --pool {0}",
    "work-pool delete {0}",
]


def test_the_references_commands_keep_lictors_pools(start: Start, lictor_server: Server) -> None:
    for command in COMMANDS:
        process = start("prefect", lictor_server, None, "--no-prompt", *command.format("told").split())
        said, wrong = process.communicate(timeout=240)
        assert process.returncode == 0, f"{command}\n{said}\n{wrong}"


def test_the_references_worker_serves_a_pool_of_lictor(
    start: Start, watchful: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = {"PREFECT_WORKER_HEARTBEAT_SECONDS": "1", "PREFECT_WORKER_QUERY_SECONDS": "1"}
    monkeypatch.setattr(watchful, "client_settings", settings)
    worker = start(
        "prefect", watchful, None, "worker", "start", "--type", "process", "--pool", "served", "--name", "w1"
    )

    def workers(status: str) -> bool:
        try:
            found = ask(watchful, "POST", "/work_pools/served/workers/filter", {})
        except httpx.HTTPStatusError:
            return False  # the worker makes the pool
        return [(each["name"], each["status"]) for each in found] == [("w1", status)]

    def statuses() -> tuple[str, str]:
        pool = ask(watchful, "GET", "/work_pools/served")
        return pool["status"], ask(watchful, "GET", f"/work_queues/{pool['default_queue_id']}")["status"]

    wait_for(lambda: workers("ONLINE"))
    wait_for(lambda: statuses() == ("READY", "READY"))
    assert ask(watchful, "GET", "/work_pools/served")["base_job_template"]["job_configuration"]
    (tmp_path / "hello.py").write_text(FLOW)
    flow = ask(watchful, "POST", "/flows/", {"name": "hello"})["id"]
    steps = [{"prefect.deployments.steps.set_working_directory": {"directory": str(tmp_path)}}]
    deployment = {"name": "d", "flow_id": flow, "entrypoint": "hello.py:hello", "pull_steps": steps}
    made = ask(watchful, "POST", "/deployments/", {**deployment, "work_pool_name": "served"})["id"]
    run = ask(watchful, "POST", f"/deployments/{made}/create_flow_run", {"parameters": {"name": "you"}})["id"]
    wait_for(lambda: ask(watchful, "GET", f"/flow_runs/{run}")["state_type"] in ("COMPLETED", "FAILED", "CRASHED"))
    states = ask(watchful, "GET", f"/flow_run_states/?flow_run_id={run}")
    assert [state["type"] for state in states] in (
        ["SCHEDULED", "PENDING", "RUNNING", "COMPLETED"],
        ["SCHEDULED", "PENDING", "PENDING", "RUNNING", "COMPLETED"],
    )
    worker.send_signal(signal.SIGINT)
    worker.wait(120)
    wait_for(lambda: workers("OFFLINE"))
    wait_for(lambda: statuses()[0] == "NOT_READY")


def test_the_references_worker_ends_what_is_left_of_a_cancelled_run(start: Start, watchful: Server) -> None:
    ask(watchful, "POST", "/work_pools/", {"name": "cleaned", "type": "process"})
    start("prefect", watchful, "cleaning.py", "cleaned")
    flow = ask(watchful, "POST", "/flows/", {"name": "stray"})["id"]
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        place = {"work_pool_name": "cleaned", "work_queue_name": "default"}
        run = ask(watchful, "POST", "/flow_runs/", {"flow_id": flow, "state": {"type": "RUNNING"}, **place})["id"]
        ask(watchful, "PATCH", f"/flow_runs/{run}", {"infrastructure_pid": f"here:{process.pid}"})
        ask(watchful, "POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
        assert process.wait(PATIENCE) == -signal.SIGTERM
    assert ask(watchful, "GET", f"/flow_runs/{run}")["state_type"] == "CANCELLED"


@pytest.mark.parametrize("kind", ["docker", "kubernetes"])
def test_workers_of_other_packages_register_ask_and_claim(
    kind: str, start: Start, watchful: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no Docker and no Kubernetes here: what they claim crashes, and the worker says why."""
    settings = {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_ENABLED": "false"}
    monkeypatch.setattr(watchful, "client_settings", settings)
    worker = start("workers", watchful, None, "worker", "start", "--type", kind, "--pool", kind, "--name", kind)
    try:
        wait_for(lambda: registered(watchful, kind, worker))
        assert ask(watchful, "GET", f"/work_pools/{kind}")["type"] == kind
        flow = ask(watchful, "POST", "/flows/", {"name": "hello"})["id"]
        deployment = {"name": kind, "flow_id": flow, "entrypoint": "hello.py:hello", "work_pool_name": kind}
        made = ask(watchful, "POST", "/deployments/", deployment)["id"]
        run = ask(watchful, "POST", f"/deployments/{made}/create_flow_run", {})["id"]
        wait_for(lambda: ask(watchful, "GET", f"/flow_runs/{run}")["state_type"] in ("FAILED", "CRASHED"))
        states = ask(watchful, "GET", f"/flow_run_states/?flow_run_id={run}")
        assert [states[0]["type"], states[1]["type"]] == ["SCHEDULED", "PENDING"]
        assert states[-1]["type"] == "CRASHED"
    finally:
        worker.send_signal(signal.SIGINT)
        said, wrong = worker.communicate(timeout=120)
    assert f"Worker '{kind}' stopped!" in said + wrong


def registered(server: Server, pool: str, worker: subprocess.Popen[str]) -> bool:
    """Tell whether a worker is known to the server."""
    assert worker.poll() is None, worker.communicate()
    try:
        found = ask(server, "POST", f"/work_pools/{pool}/workers/filter", {})
    except httpx.HTTPStatusError:
        return False  # the worker makes the pool
    return [(each["name"], each["status"]) for each in found] == [(pool, "ONLINE")]
