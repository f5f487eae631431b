"""How long it takes until the runs of 500 deployments are planned, each with a schedule that fires every hour."""

from __future__ import annotations

import time
from typing import Any

from tests.postgres import Cluster

from benchmarks.measure import cpu, median
from benchmarks.servers import Lictor, Reference, Subject, connection, patiently

DEPLOYMENTS, RUNS = 500, 1500
ENABLED = "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED"
HOURLY = {"interval": 3600, "anchor_date": "2025-01-01T00:00:00Z"}


def seconds(server: Subject) -> tuple[float, float]:
    """Make deployments, start the server again, and return the wall and CPU seconds until all runs are planned."""
    server.settings[ENABLED] = "false"
    with server:
        api = connection(server)
        flow = patiently(api, "POST", "/flows/", {"name": "scheduled"})["id"]
        for number in range(DEPLOYMENTS):
            body = {"name": f"number {number}", "flow_id": flow, "schedules": [{"schedule": HOURLY}]}
            patiently(api, "POST", "/deployments/", body)
    server.settings[ENABLED] = "true"
    with server:
        api, began, used = connection(server), time.perf_counter(), cpu(server.pid)
        while patiently(api, "POST", "/flow_runs/count", {}) < RUNS:
            time.sleep(0.05)
        return time.perf_counter() - began, cpu(server.pid) - used


def row(name: str, found: list[tuple[float, float]]) -> dict[str, Any]:
    """Return the medians of one server."""
    wall, used = (median(list(each)) for each in zip(*found, strict=True))
    return {"server": name, "seconds": round(wall, 2), "CPU seconds": round(used, 2)}


def compared(rounds: int) -> list[dict[str, Any]]:
    """Return the seconds of both servers, and of Lictor on PostgreSQL."""
    rows = [row(kind.name, [seconds(kind()) for _ in range(rounds)]) for kind in (Reference, Lictor)]
    cluster = Cluster()
    try:
        found = []
        for _ in range(rounds):
            with cluster.database() as name:
                found.append(seconds(Lictor(None, PREFECT_SERVER_DATABASE_CONNECTION_URL=cluster.url(name))))
    finally:
        cluster.close()
    return [*rows, row("Lictor on PostgreSQL", found)]
