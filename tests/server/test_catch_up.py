"""Catch-up policies through the API, and a server that is killed while it catches up."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.running import Server
from tests.server.conftest import Api

MINUTELY = {"schedule": {"cron": "* * * * *"}, "slug": "minutely"}
PATIENCE = 60


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
    """The database of a server that comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder, PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE="1")

    def ask(self, sql: str, *values: Any) -> list[Any]:
        (file,) = self.server.home.glob("*.db")
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as database, database:
            return database.execute(sql, values).fetchall()

    def post(self, path: str, body: Any) -> Any:
        return httpx.post(self.server.url + path, json=body, timeout=60).raise_for_status().json()

    def apply(self) -> str:
        """Apply the deployment, as who serves a flow does when it starts."""
        flow_id = self.post("/flows/", {"name": "served"})["id"]
        made: str = self.post("/deployments/", {"name": "x", "flow_id": flow_id, "schedules": [MINUTELY]})["id"]
        return made

    def killed_once(self, runs: int) -> None:
        """Start the server, and kill it when so many runs are made."""

        def start() -> None:
            with suppress(RuntimeError):  # it is killed
                self.server.start()

        before, self.server.process = self.count(), None
        starting = threading.Thread(target=start)
        starting.start()
        deadline = time.monotonic() + PATIENCE
        while self.server.process is None or self.count() < before + runs:
            assert time.monotonic() < deadline
        self.server.end(signal.SIGKILL)
        starting.join()

    def count(self) -> int:
        return int(self.ask("select count(*) from flow_run")[0][0])


@pytest.mark.parametrize("seed", range(3))
def test_a_server_that_is_killed_while_it_catches_up_makes_each_run_once(tmp_path: Path, seed: int) -> None:
    draw, home = random.Random(seed), Home(tmp_path)
    with home.server:
        made = home.apply()
        home.post(f"/deployments/{made}/catch_up", [{"slug": "minutely", "policy": "run-all"}])
    since = datetime.now(UTC).replace(second=30, microsecond=0) - timedelta(hours=5)
    home.ask("delete from flow_run")
    home.ask("update catch_up set settled = ?", int(since.timestamp() * 1_000_000))
    for _ in range(3):
        home.killed_once(draw.randrange(1, 60))
    with home.server:
        home.apply()
        due = [
            datetime.fromtimestamp(micros / 1_000_000, UTC)
            for (micros,) in home.ask("select expected_start_time from flow_run order by expected_start_time")
        ]
    first = since.replace(second=0) + timedelta(minutes=1)
    assert due[: 5 * 60] == [first + number * timedelta(minutes=1) for number in range(5 * 60)]
    assert len(due) == len(set(due))
