"""`python -m benchmarks.queries`: the first pages of what command lines and web pages ask most, of a million flow runs.

Fills a SQLite file and, if it can start one, a PostgreSQL cluster, starts Lictor on each, and prints the median wall
time of every query over HTTP. `--runs` makes fewer, `--keep FOLDER` keeps the SQLite file for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.postgres import Cluster

from benchmarks.crowd import Crowd, fill
from benchmarks.servers import Lictor, connection
from lictor.settings import Settings
from lictor.store.address import database_place
from lictor.store.opening import open_store

TARGET_MS = 50.0
ROUNDS = 9
Query = tuple[str, str, str, Any]


def queries(crowd: Crowd) -> list[Query]:
    """Return who asks, the method, the path and the body of each query."""
    day, week = ((crowd.now - timedelta(days=days)).isoformat() for days in (1, 7))
    busy, deployment = str(crowd.busy), str(crowd.deployments[14])
    fifty = [str(run_id) for run_id in crowd.recent[-50:]]

    def state(*kinds: str, **more: Any) -> dict[str, Any]:
        return {"state": {"type": {"any_": list(kinds)}}, **more}

    def named(*names: str, **more: Any) -> dict[str, Any]:
        return {"state": {"name": {"any_": list(names)}}, **more}

    lately, today = {"expected_start_time": {"after_": week}}, {"expected_start_time": {"after_": day}}
    one_flow = {"id": {"any_": [str(crowd.flows[7])]}}
    soonest = {"sort": "NEXT_SCHEDULED_START_TIME_ASC", "limit": 10}
    newest = {"sort": "START_TIME_DESC", "limit": 50, "page": 1}
    due = {"sort": "EXPECTED_START_TIME_DESC", "limit": 15}
    runs, pages, counts = "/flow_runs/filter", "/flow_runs/paginate", "/flow_runs/count"
    return [
        ("flow-run ls", "POST", runs, due),
        ("flow-run ls --state FAILED", "POST", runs, {**due, "flow_runs": state("FAILED")}),
        ("flow-run ls --state Late", "POST", runs, {**due, "flow_runs": named("Late")}),
        ("flow-run ls --state Paused", "POST", runs, {**due, "flow_runs": named("Paused")}),
        ("flow-run ls --flow-name", "POST", runs, {**due, "flows": {"name": {"any_": ["flow-007"]}}}),
        ("flow-run inspect", "GET", f"/flow_runs/{busy}", None),
        ("flow-run logs", "POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [busy]}}, "sort": "TIMESTAMP_ASC"}),
        ("flow ls", "POST", "/flows/filter", {"sort": "CREATED_DESC", "limit": 15}),
        ("runs page: a week", "POST", pages, {**newest, "flow_runs": lately}),
        ("runs page: all", "POST", pages, newest),
        ("runs page: name", "POST", pages, {**newest, "flow_runs": {**lately, "name": {"like_": "otter"}}}),
        ("runs page: tag", "POST", pages, {**newest, "flow_runs": {**lately, "tags": {"all_": ["production"]}}}),
        ("runs page: states", "POST", pages, {**newest, "flow_runs": state("FAILED", "CRASHED", **lately)}),
        ("runs page: state names", "POST", pages, {**newest, "flow_runs": named("Failed", "TimedOut", **lately)}),
        ("runs page: flow", "POST", pages, {**newest, "flows": one_flow, "flow_runs": lately}),
        ("runs page: deployment", "POST", pages, {**newest, "flow_runs": {"deployment_id": {"any_": [deployment]}}}),
        ("upcoming", "POST", runs, {**soonest, "flow_runs": state("SCHEDULED")}),
        (
            "dashboard: bars",
            "POST",
            "/ui/flow_runs/history",
            {"sort": "EXPECTED_START_TIME_DESC", "limit": 1000, "flow_runs": {"start_time": {"after_": day}}},
        ),
        (
            "dashboard: history",
            "POST",
            "/flow_runs/history",
            {"history_start": week, "history_end": crowd.now.isoformat(), "history_interval_seconds": 3600},
        ),
        ("dashboard: failed", "POST", counts, {"flow_runs": state("FAILED", "CRASHED", **today)}),
        ("dashboard: running", "POST", counts, {"flow_runs": state("RUNNING")}),
        ("dashboard: lateness", "POST", "/flow_runs/lateness", {"flow_runs": today}),
        (
            "dashboard: task runs",
            "POST",
            "/ui/task_runs/dashboard/counts",
            {"task_runs": {"start_time": {"after_": day, "before_": crowd.now.isoformat()}}},
        ),
        ("flows page", "POST", "/flows/paginate", {"sort": "NAME_ASC", "limit": 10, "page": 1}),
        ("flows page: last run", "POST", runs, {"flows": one_flow, "sort": "START_TIME_DESC", "limit": 1}),
        ("flows page: count", "POST", counts, {"flows": one_flow}),
        ("run lists: task runs", "POST", "/ui/flow_runs/count-task-runs", {"flow_run_ids": fifty}),
        ("run page: graph", "GET", f"/flow_runs/{busy}/graph-v2", None),
        (
            "run page: task runs",
            "POST",
            "/task_runs/paginate",
            {"flow_runs": {"id": {"any_": [busy]}}, "sort": "EXPECTED_START_TIME_DESC", "limit": 20, "page": 1},
        ),
        ("events page", "POST", "/events/filter", {"filter": {"occurred": {"since": day}}, "limit": 50}),
        (
            "events page: chart",
            "POST",
            "/events/count-by/time",
            {"filter": {"occurred": {"since": day}}, "time_unit": "hour", "time_interval": 1},
        ),
    ]


OTHER_TARGETS = {"run page: graph": 300.0}
"""Milliseconds of what reads more than a page."""


def measured(server: Lictor, crowd: Crowd, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each query."""
    api = connection(server)
    found = {}
    for name, method, path, body in queries(crowd):
        times = []
        for _ in range(rounds + 1):
            begun = time.perf_counter()
            status, content = api.ask(method, path, body)
            times.append((time.perf_counter() - begun) * 1000)
            assert status == 200, (name, status, content)
        found[name] = statistics.median(times[1:])
    return found


def filled(folder: Path, runs: int, url: str | None) -> Crowd:
    """Return what is in the database, filled if it is not there yet."""
    note = folder / "crowd.pickle"
    if note.exists():
        kept: Crowd = pickle.loads(note.read_bytes())
        return kept
    crowd = Crowd(runs)
    environment = {"PREFECT_HOME": str(folder), **({"PREFECT_SERVER_DATABASE_CONNECTION_URL": url} if url else {})}

    async def work() -> None:
        settings = Settings(environment)
        store = await open_store(database_place(settings), settings)
        try:
            await fill(store, crowd)
        finally:
            await store.close()

    asyncio.run(work())
    note.write_bytes(pickle.dumps(crowd))
    return crowd


def on_sqlite(folder: Path, runs: int, rounds: int) -> dict[str, float]:
    """Measure a SQLite file."""
    crowd = filled(folder, runs, None)
    with Lictor(folder) as server:
        return measured(server, crowd, rounds)


def on_postgres(runs: int, rounds: int) -> dict[str, float]:
    """Measure a PostgreSQL database."""
    cluster = Cluster()
    try:
        url = f"{cluster.origin}/postgres".replace("postgresql:", "postgresql+asyncpg:")
        crowd = filled(Path(tempfile.mkdtemp(prefix="benchmark-")), runs, url)
        cluster.run("vacuum analyze")
        with Lictor(None, PREFECT_SERVER_DATABASE_CONNECTION_URL=url) as server:
            return measured(server, crowd, rounds)
    finally:
        cluster.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", type=Path, help="folder of the SQLite file, filled if it is empty")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--output", choices=["table", "json"], default="table")
    options = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    if options.database != "postgres":
        folder = options.keep or Path(tempfile.mkdtemp(prefix="benchmark-"))
        figures["SQLite"] = on_sqlite(folder, options.runs, options.rounds)
    if options.database != "sqlite":
        figures["PostgreSQL"] = on_postgres(options.runs, options.rounds)
    if options.output == "json":
        print(json.dumps(figures, indent=1))
        return
    table = Table("query", *figures, "target", title=f"first pages of {options.runs:,} flow runs, ms")
    for name in next(iter(figures.values())):
        target = OTHER_TARGETS.get(name, TARGET_MS)
        cells = [f"[{'green' if found[name] < target else 'red'}]{found[name]:.1f}[/]" for found in figures.values()]
        table.add_row(name, *cells, f"{target:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
