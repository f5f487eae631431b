"""Two servers on one PostgreSQL database plan runs: none twice, and one alone goes on."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.postgres import Cluster
from tests.running import Server

PATIENCE = 60.0
QUICK = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "0.2",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "0.2",
}
MONTHLY = {"interval": 30 * 86_400, "anchor_date": "2020-01-01T00:00:00Z"}
EACH = 3
"""How many runs it has planned, in a hundred days."""


@pytest.fixture
def pair(cluster: Cluster) -> Iterator[tuple[Server, Server]]:
    with cluster.database() as name:
        settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(name), **QUICK}
        with Server(None, **settings) as first, Server(None, **settings) as second:
            yield first, second


def deploy(client: httpx.Client, name: str) -> None:
    flow = client.post("/flows/", json={"name": "scheduled"}).raise_for_status().json()["id"]
    body = {"name": name, "flow_id": flow, "schedules": [{"schedule": MONTHLY}]}
    client.post("/deployments/", json=body).raise_for_status()


def planned(client: httpx.Client, deployments: int) -> list[str]:
    """Wait until there are as many runs as so many deployments make; return their keys."""
    end = time.monotonic() + PATIENCE
    while client.post("/flow_runs/count", json={}).json() < deployments * EACH:
        assert time.monotonic() < end, "the runs are not planned"
        time.sleep(0.05)
    runs = client.post("/flow_runs/filter", json={"limit": 200}).raise_for_status().json()
    return [run["idempotency_key"] for run in runs]


def test_runs_are_planned_once_and_by_the_server_that_is_left(pair: tuple[Server, Server]) -> None:
    first, second = pair
    with httpx.Client(base_url=first.url, timeout=60) as client, httpx.Client(base_url=second.url, timeout=60) as other:
        for number in range(10):
            deploy(other, f"before {number}")
        assert len(set(planned(client, 10))) == len(planned(client, 10)) == 10 * EACH
        assert second.process is not None
        second.process.send_signal(signal.SIGKILL)
        second.process.wait(20)
        for number in range(10):
            deploy(client, f"after {number}")
        keys = planned(client, 20)
        assert len(set(keys)) == len(keys) == 20 * EACH
