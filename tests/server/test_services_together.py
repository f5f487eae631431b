"""Two servers on one PostgreSQL database run every service: nothing happens twice, and one alone goes on."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from lictor.server.services import SERVICES
from tests.postgres import Cluster
from tests.running import Server

PATIENCE = 120.0
WANTED_SECONDS = 30.0
"""Within so long after one was killed the other has done what was left, the time aside that a thing must last."""
EACH = 5
"""How many of each are made while both servers run, and again when one is left."""
QUICK = {f"{service.loop_seconds.name}": "0.2" for service in SERVICES} | {
    "PREFECT_SERVER_SERVICES_EXPIRED_CLAIMS_TIMEOUT_SECONDS": "1",
    "PREFECT_SERVER_API_AUTH_STRING": "",
}
MONTHLY = {"interval": 30 * 86_400, "anchor_date": "2020-01-01T00:00:00Z"}
SILENT_SECONDS = 30.0


class Client(httpx.Client):
    """Asks one of the servers."""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def set(self, run: str, **state: Any) -> None:
        self.ask("POST", f"/flow_runs/{run}/set_state", {"state": state, "force": True})

    def states(self, kind: str, run: str) -> list[str]:
        return [state["name"] for state in self.ask("GET", f"/{kind}_run_states/?{kind}_run_id={run}")]

    def events(self, resource: str) -> list[str]:
        wanted = {"filter": {"resource": {"id": [resource]}, "order": "ASC"}, "limit": 50}
        return [event["event"].split(".")[-1] for event in self.ask("POST", "/events/filter", wanted)["events"]]


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def flow_run(client: Client, **fields: Any) -> str:
    flow = client.ask("POST", "/flows/", {"name": "served"})["id"]
    run: str = client.ask("POST", "/flow_runs/", {"flow_id": flow, **fields})["id"]
    return run


def pool(client: Client) -> str:
    name = f"pool-{uuid4()}"
    client.ask("POST", "/work_pools/", {"name": name, "type": "process"})
    return name


def late_run(client: Client) -> str:
    return flow_run(client, state={"type": "SCHEDULED", "state_details": {"scheduled_time": soon(-60)}})


def paused_run(client: Client) -> str:
    run = flow_run(client, state={"type": "RUNNING"})
    client.set(run, type="PAUSED", state_details={"pause_timeout": soon(0.5), "pause_key": "1"})
    return run


def left_task_run(client: Client) -> str:
    run = flow_run(client, state={"type": "RUNNING"})
    body = {"flow_run_id": run, "task_key": "key", "dynamic_key": "0", "state": {"type": "RUNNING"}}
    task_run: str = client.ask("POST", "/task_runs/", body)["id"]
    client.set(run, type="CANCELLED")
    return task_run


def claimed_run(client: Client) -> str:
    name = pool(client)
    flow = client.ask("POST", "/flows/", {"name": "served"})["id"]
    body = {"name": str(uuid4()), "flow_id": flow, "work_pool_name": name}
    deployment = client.ask("POST", "/deployments/", body)["id"]
    run: str = client.ask("POST", f"/deployments/{deployment}/create_flow_run", {})["id"]
    client.ask("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}})
    return run


def silent_run(client: Client) -> str:
    run = flow_run(client, state={"type": "RUNNING"})
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    for seconds in (-2, -1):
        beat = {"id": str(uuid4()), "event": "prefect.flow-run.heartbeat", "resource": resource}
        client.ask("POST", "/events", [{**beat, "occurred": soon(seconds)}])
    return run


def silent_worker(client: Client) -> str:
    name = pool(client)
    body = {"name": "worker", "heartbeat_interval_seconds": 1}
    client.ask("POST", f"/work_pools/{name}/workers/heartbeat", body)
    found: str = client.ask("GET", f"/work_pools/{name}")["id"]
    return found


def scheduled_deployment(client: Client) -> str:
    flow = client.ask("POST", "/flows/", {"name": "served"})["id"]
    body = {"name": str(uuid4()), "flow_id": flow, "schedules": [{"schedule": MONTHLY}]}
    deployment: str = client.ask("POST", "/deployments/", body)["id"]
    return deployment


def planned(client: Client, deployment: str) -> list[str]:
    wanted = {"deployments": {"id": {"any_": [deployment]}}}
    return [run["state_name"] for run in client.ask("POST", "/flow_runs/filter", wanted)]


class Row(NamedTuple):
    """What is made for a service to find, how what became of it is read, and what must have become of it."""

    service: str
    make: Callable[[Client], str]
    read: Callable[[Client, str], list[Any]]
    wanted: list[Any]


ROWS = (
    Row("silent-runs", silent_run, lambda client, run: client.states("flow", run), ["Running", "Crashed"]),
    Row("scheduler", scheduled_deployment, planned, ["Scheduled"] * 3),
    Row("late-runs", late_run, lambda client, run: client.states("flow", run), ["Scheduled", "Late"]),
    Row(
        "pause-expirations",
        paused_run,
        lambda client, run: client.states("flow", run),
        ["Running", "Paused", "Failed"],
    ),
    Row(
        "cancellation-cleanup",
        left_task_run,
        lambda client, run: client.states("task", run),
        ["Running", "Cancelled"],
    ),
    Row(
        "expired-claims",
        claimed_run,
        lambda client, run: client.states("flow", run),
        ["Scheduled", "Pending", "ClaimExpired"],
    ),
    Row(
        "worker-health",
        silent_worker,
        lambda client, found: client.events(f"prefect.work-pool.{found}"),
        ["created", "not-ready", "ready", "not-ready"],
    ),
)
ALIKE = {"recent-schedules": "scheduler", "missed-runs": "scheduler"}
WITHOUT = {"old-events", "old-runs", "old-logs", "orphans", "repossessor"}
"""They remove rows, and what is removed twice is gone no less; slots count as free from the end of their lease on."""


@pytest.fixture
def pair(cluster: Cluster) -> Iterator[tuple[Server, Server]]:
    with cluster.database() as name:
        settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(name), **QUICK}
        with Server(None, **settings) as first, Server(None, **settings) as second:
            yield first, second


def outcome(client: Client, made: dict[str, list[str]]) -> dict[str, list[list[Any]]]:
    """Return what became of all that was made."""
    return {row.service: [row.read(client, one) for one in made[row.service]] for row in ROWS}


def settled(client: Client, made: dict[str, list[str]]) -> float:
    """Wait until all that was made has become what it must; return the seconds that took."""
    began = time.monotonic()
    wanted = {row.service: [row.wanted] * len(made[row.service]) for row in ROWS}
    while (found := outcome(client, made)) != wanted:
        other = {name: each for name, each in found.items() if each != wanted[name]}
        assert time.monotonic() - began < PATIENCE, other
        time.sleep(0.5)
    return time.monotonic() - began


def marked(client: Client, run: str) -> None:
    """Wait until a run is marked late."""
    end = time.monotonic() + PATIENCE
    while client.states("flow", run) == ["Scheduled"]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_every_service_is_in_the_table() -> None:
    known = {row.service for row in ROWS} | WITHOUT | ALIKE.keys()
    assert {service.name for service in SERVICES} == known


def test_services_do_nothing_twice_and_go_on_when_a_server_is_killed(pair: tuple[Server, Server]) -> None:
    first, second = pair
    with Client(base_url=first.url, timeout=60) as client, Client(base_url=second.url, timeout=60) as other:
        made = {row.service: [row.make(other) for _ in range(EACH)] for row in ROWS}
        marked(client, made["late-runs"][0])
        second.end(signal.SIGKILL)
        for row in ROWS:
            made[row.service] += [row.make(client) for _ in range(EACH)]
        assert settled(client, made) < SILENT_SECONDS + WANTED_SECONDS
        marked(client, late_run(client))  # the services have passed once more
        settled(client, made)
