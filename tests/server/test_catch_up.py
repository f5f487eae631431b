"""Catch-up policies through the API, and a server that is killed while it catches up."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.postgres import Cluster
from tests.running import Server
from tests.server.conftest import Api

MINUTELY = {"schedule": {"cron": "* * * * *"}, "slug": "minutely"}
PATIENCE = 60
SLOW = {"PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE": "1"}


def deployed(api: Api, *slugs: str) -> str:
    schedules = [{"schedule": {"cron": "0 * * * *"}, "slug": slug} for slug in slugs]
    body = {"name": str(uuid4()), "flow_id": api.flow(), "schedules": schedules}
    made: str = api("POST", "/deployments/", body)[1]["id"]
    return made


def test_policies_are_kept_by_slug(api: Api) -> None:
    path = f"/deployments/{deployed(api, 'a', 'b')}/catch_up"
    assert api("GET", path) == (200, [])
    body = [{"slug": "b", "policy": "skip"}, {"slug": "a", "policy": "run-all"}]
    status, made = api("POST", path, body)
    assert status == 200
    assert [(each["slug"], each["policy"]) for each in made] == [("a", "run-all"), ("b", "skip")]
    assert api("GET", path) == (200, made)
    status, left = api("POST", path, [{"slug": "a", "policy": None}, {"slug": "none", "policy": None}])
    assert left == made[1:]


def test_the_last_of_many_policies_counts(api: Api) -> None:
    path = f"/deployments/{deployed(api, 'a')}/catch_up"
    body = [{"slug": "a", "policy": policy} for policy in ("skip", "run-all", None)]
    assert api("POST", path, body) == (200, [])
    assert [each["policy"] for each in api("POST", path, body[:2])[1]] == ["run-all"]
    assert [each["policy"] for each in api("POST", path, [*body, {"slug": "a", "policy": "skip"}])[1]] == ["skip"]


def test_what_is_no_policy_is_refused(api: Api) -> None:
    path = f"/deployments/{deployed(api, 'a')}/catch_up"
    for body, said in (
        ([{"slug": "a", "policy": "all"}], "run-all"),
        ([{"slug": "b", "policy": "skip"}], "has no schedule 'b'; it has 'a'"),
        ([{"slug": "a"}], "policy"),
        ([{"slug": "a", "policy": "skip", "x": 1}], "x"),
        ({}, "list"),
    ):
        status, answer = api("POST", path, body)
        assert status == 422
        assert said in str(answer)
    assert api("GET", path) == (200, [])
    for method, sent in (("GET", None), ("POST", [])):
        assert api(method, f"/deployments/{uuid4()}/catch_up", sent)[0] == 404


class Home:
    """Servers on one database that come and go, and what asks the database itself."""

    def __init__(self, ask: Callable[[str], list[Any]], servers: list[Server]) -> None:
        self.ask, self.servers = ask, servers

    def post(self, path: str, body: Any) -> Any:
        return httpx.post(self.servers[0].url + path, json=body, timeout=60).raise_for_status().json()

    def apply(self) -> str:
        """Apply the deployment, as who serves a flow does when it starts."""
        flow_id = self.post("/flows/", {"name": "served"})["id"]
        made: str = self.post("/deployments/", {"name": "x", "flow_id": flow_id, "schedules": [MINUTELY]})["id"]
        return made

    def killed(self, draw: random.Random) -> None:
        """Start the servers, and kill one after the other while they catch up."""

        def start(server: Server) -> None:
            with suppress(RuntimeError):  # it is killed
                server.start()

        for server in self.servers:
            server.process = None
        starting = [threading.Thread(target=start, args=[server]) for server in self.servers]
        for thread in starting:
            thread.start()
        for server in self.servers:
            goal = self.count() + draw.randrange(1, 90 // len(self.servers))
            deadline = time.monotonic() + PATIENCE
            while server.process is None or self.count() < goal:
                assert time.monotonic() < deadline
            server.end(signal.SIGKILL)
        for thread in starting:
            thread.join()

    def count(self) -> int:
        return int(self.ask("select count(*) from flow_run")[0][0])


@pytest.fixture
def alone(tmp_path: Path) -> Home:
    """A server on SQLite."""
    server = Server(tmp_path, **SLOW)

    def ask(sql: str) -> list[Any]:
        (file,) = tmp_path.glob("*.db")
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as database, database:
            return database.execute(sql).fetchall()

    return Home(ask, [server])


@pytest.fixture
def together(cluster: Cluster) -> Iterator[Home]:
    """Two servers on PostgreSQL."""
    with cluster.database() as name:
        settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(name), **SLOW}
        yield Home(lambda sql: cluster.run(sql, database=name), [Server(None, **settings), Server(None, **settings)])


@pytest.mark.parametrize(("kind", "seed"), [("alone", 0), ("alone", 1), ("together", 2), ("together", 3)])
def test_servers_that_are_killed_while_they_catch_up_make_each_run_once(
    request: pytest.FixtureRequest, kind: str, seed: int
) -> None:
    draw, home = random.Random(seed), request.getfixturevalue(kind)
    with home.servers[0]:
        made = home.apply()
        home.post(f"/deployments/{made}/catch_up", [{"slug": "minutely", "policy": "run-all"}])
    since = datetime.now(UTC).replace(second=30, microsecond=0) - timedelta(hours=5)
    home.ask("delete from flow_run")
    home.ask(f"update catch_up set settled = {int(since.timestamp() * 1_000_000)}")
    for _ in range(3):
        home.killed(draw)
    with home.servers[0]:
        home.apply()
        due = [
            datetime.fromtimestamp(micros / 1_000_000, UTC)
            for (micros,) in home.ask("select expected_start_time from flow_run order by expected_start_time")
        ]
    first = since.replace(second=0) + timedelta(minutes=1)
    assert due[: 5 * 60] == [first + number * timedelta(minutes=1) for number in range(5 * 60)]
    assert len(due) == len(set(due))


@pytest.mark.parametrize(("policy", "handed_out"), [("newest-only", 1), ("skip", 0), ("run-all", 5)])
def test_workers_that_ask_at_once_get_what_the_policy_leaves(alone: Home, policy: str, handed_out: int) -> None:
    """Runs that were planned, and those that were not, are settled before a server that starts answers anybody."""
    half_an_hour_ago = datetime.now(UTC) - timedelta(minutes=30)
    schedule = {"schedule": {"cron": f"{half_an_hour_ago.minute} * * * *"}, "slug": "hourly"}
    with alone.servers[0]:
        flow_id = alone.post("/flows/", {"name": "asked"})["id"]
        body = {"name": "x", "flow_id": flow_id, "schedules": [schedule]}
        made = alone.post("/deployments/", body)["id"]
        alone.post(f"/deployments/{made}/catch_up", [{"slug": "hourly", "policy": policy}])
        planned = {"start_time": (half_an_hour_ago - timedelta(hours=4.5)).isoformat(), "max_runs": 2}
        alone.post(f"/deployments/{made}/schedule", planned)
    settled = half_an_hour_ago - timedelta(hours=2.5)
    alone.ask(f"update catch_up set settled = {int(settled.timestamp() * 1_000_000)}")
    with alone.servers[0]:
        asked = {"deployment_ids": [made], "scheduled_before": datetime.now(UTC).isoformat()}
        runs = alone.post("/deployments/get_scheduled_flow_runs", asked)
    assert len(runs) == handed_out
    if policy == "newest-only":
        newest = half_an_hour_ago.replace(second=0, microsecond=0)
        assert datetime.fromisoformat(runs[0]["expected_start_time"]) == newest
