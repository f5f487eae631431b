"""`python -m benchmarks.retention`: how long a writer waits while old runs and events are removed, and while none are.

Fills a database with runs of a year, starts Lictor on it twice, without retention and with one of two hours, and lets
one client make runs and move them meanwhile. Prints the milliseconds of its requests.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from tests.postgres import Cluster

from benchmarks.__main__ import plain_table
from benchmarks.http import Connection
from benchmarks.queries import filled
from benchmarks.servers import Lictor, connection
from benchmarks.writers import written

OFF = {"PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "false"}
ON = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "true",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "0.2",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "PT2H",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "PT2H",
}


def waits(what: str, folder: Path | None, settings: dict[str, str], seconds: float) -> dict[str, Any]:
    """Return how long a writer waits on a server with some settings, and what there was before and after."""
    with Lictor(folder, **settings) as server:
        api = connection(server)
        before = there(api)
        found = written(server, 1, seconds)
        after = there(api)
    shown = ("requests a second", "errors", "p50 ms", "p95 ms", "p99 ms", "slowest ms")
    counts = {"runs": f"{before[0]:,} → {after[0]:,}", "events": f"{before[1]:,} → {after[1]:,}"}
    return {"retention": what, **{name: found[name] for name in shown}, **counts}


def there(api: Connection) -> tuple[int, int]:
    """Return how many flow runs and events there are."""
    since = {"filter": {"occurred": {"since": "2000-01-01T00:00:00Z"}}, "limit": 1}
    return api.ask("POST", "/flow_runs/count", {})[1], api.ask("POST", "/events/filter", since)[1]["total"]


def compared(folder: Path | None, settings: dict[str, str], seconds: float) -> list[dict[str, Any]]:
    """Return the waits without retention and with it."""
    return [
        waits("none", folder, {**settings, **OFF}, seconds),
        waits("2 hours", folder, {**settings, **ON}, seconds),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retention", description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    console = Console(width=130)
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    filled(folder, options.runs, None)
    console.print(plain_table("SQLite", compared(folder, {}, options.seconds)))
    shutil.rmtree(folder)
    cluster = Cluster()
    try:
        url = f"{cluster.origin}/postgres".replace("postgresql:", "postgresql+asyncpg:")
        filled(Path(tempfile.mkdtemp(prefix="benchmark-")), options.runs, url)
        cluster.run("vacuum analyze")
        settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": url}
        console.print(plain_table("PostgreSQL", compared(None, settings, options.seconds)))
    finally:
        cluster.close()


if __name__ == "__main__":
    main()
