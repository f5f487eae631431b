"""The server's rows on PostgreSQL: what the server costs, what the database's own processes cost, and many writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.postgres import Cluster

from benchmarks import client_rows, server_rows
from benchmarks.measure import cpu, median
from benchmarks.servers import Lictor, Reference, Subject
from benchmarks.writers import written

CLIENTS = (1, 8, 32)
Row = Callable[[server_rows.Load, int], float]


@contextmanager
def started(kind: type[Lictor] | type[Reference]) -> Iterator[tuple[Subject, int]]:
    """Start a cluster and a server on it; give the server, and the process id of the cluster."""
    cluster = Cluster()
    assert cluster.process is not None
    try:
        with cluster.database() as name:
            server = kind()
            server.settings = {**server.settings, "PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(name)}
            with server:
                yield server, cluster.process.pid
    finally:
        cluster.close()


def measured(kind: type[Lictor] | type[Reference], rows: dict[str, Row], times: int, rounds: int) -> dict[str, Any]:
    """Return the milliseconds of CPU of each row: of the server, and of the database's processes."""
    found = {}
    with started(kind) as (server, database):
        load = server_rows.Load(server)
        for name, row in rows.items():
            row(load, max(times // 10, 2))
            taken = [both(row, load, times, database) for _ in range(rounds)]
            found[name] = median([ours for ours, _ in taken]), median([theirs for _, theirs in taken])
        for work in ("sequential", "submitted"):
            found[f"{work} task call: client + server"] = task_calls(server, work, times * 2, rounds, database)
        found["empty flow call, ms wall"] = median(client_rows.empty_flow(server, rounds)), 0.0
    return found


def task_calls(server: Subject, work: str, times: int, rounds: int, database: int) -> tuple[float, float]:
    """Return the milliseconds of a task call: of client and server, and of the database."""
    before = cpu(database)
    found = client_rows.task_calls(server, work, times, rounds)["both"]
    return median(found), (cpu(database) - before) * 1000 / (times * rounds + max(times // 10, 5))


def both(row: Row, load: server_rows.Load, times: int, database: int) -> tuple[float, float]:
    """Return what a row costs the server and the database: they share the row's CPU as they shared all of it."""
    server_before, database_before = cpu(load.pid), cpu(database)
    cost = row(load, times)
    share = (cpu(database) - database_before) / (cpu(load.pid) - server_before)
    return cost, cost * share


def compared(rows: dict[str, Row], times: dict[str, int], rounds: int) -> list[dict[str, Any]]:
    """Return the rows of both servers, and how many times less Lictor and its database take together."""
    theirs = measured(Reference, rows, times[Reference.name], rounds)
    ours = measured(Lictor, rows, times[Lictor.name], rounds)
    answer = []
    for name in ours:
        answer.append(
            {
                "row on PostgreSQL": name,
                "reference + database": f"{theirs[name][0]:.2f} + {theirs[name][1]:.2f}",
                "Lictor + database": f"{ours[name][0]:.3f} + {ours[name][1]:.3f}",
                "ratio": round(sum(theirs[name]) / sum(ours[name]), 1),
            }
        )
    return answer


def writers() -> list[dict[str, Any]]:
    """Let clients write at once, on both servers."""
    found = []
    for kind in (Lictor, Reference):
        for clients in CLIENTS:
            with started(kind) as (server, _):
                found.append(written(server, clients))
    return found
