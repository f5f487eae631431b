"""A full disk is said clearly, loses nothing that was answered, and is got over when there is room again."""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.running import Server

ROOM = 6_000_000
PLENTY = resource.RLIM_INFINITY


def make_run(http: httpx.Client, flow_id: str) -> httpx.Response:
    return http.post("/flow_runs/", json={"flow_id": flow_id, "parameters": {"x": "y" * 100_000}})


def test_a_full_disk(tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []
    with Server(tmp_path) as server:
        http = httpx.Client(base_url=server.url, timeout=60)
        flow_id = http.post("/flows/", json={"name": "large"}).json()["id"]
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (ROOM, PLENTY))
        answer = make_run(http, flow_id)
        while answer.status_code == 201:
            made.append(answer.json())
            answer = make_run(http, flow_id)
        assert answer.status_code in (503, 507)
        assert "cannot be written" in answer.json()["detail"]
        assert made
        assert http.get(f"/flow_runs/{made[-1]['id']}").json()["id"] == made[-1]["id"]
        assert http.get("/health").status_code == 200
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (PLENTY, PLENTY))
        answer = make_run(http, flow_id)
        assert answer.status_code == 201
        made.append(answer.json())
        assert http.post("/flow_runs/count", json={}).json() == len(made)
    with closing(sqlite3.connect(tmp_path / "lictor.db")) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert db.execute("select count(*) from flow_run").fetchone() == (len(made),)


def an_event(number: int) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "occurred": "2026-03-01T12:00:00Z",
        "event": "it.happened",
        "resource": {"prefect.resource.id": f"thing.{number}"},
        "payload": {"text": "x" * 500},
    }


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        number: int = db.execute(f"select count(*) from {table}").fetchone()[0]
        return number


def test_retention_on_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "lictor.db"
    with Server(tmp_path) as server:
        http = httpx.Client(base_url=server.url, timeout=60)
        flow_id = http.post("/flows/", json={"name": "kept"}).json()["id"]
        http.post("/flow_runs/", json={"flow_id": flow_id, "state": {"type": "COMPLETED"}})
        for _ in range(10):
            assert http.post("/events", json=[an_event(number) for number in range(200)]).is_success
    stored = count(path, "event")
    assert stored >= 2000
    often = {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "0.5",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "PT0.001S",
    }
    with Server(tmp_path, **often) as server:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (100_000, PLENTY))
        wait_for(lambda: "old-events tries again at its next pass" in server.log.read_text())
        wait_for(lambda: server.log.read_text().count("old-events tries again at its next pass") >= 2)
        assert count(path, "event") > 0
        with httpx.Client(base_url=server.url, timeout=60) as http:
            assert http.post("/flow_runs/count", json={}).json() == 1
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (PLENTY, PLENTY))
            wait_for(lambda: count(path, "event") == 0)
            assert http.post("/flow_runs/count", json={}).json() == 1
            assert http.post("/flows/", json={"name": "after"}).status_code == 201
    assert "Traceback" not in server.log.read_text()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
