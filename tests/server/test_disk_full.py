"""A full disk is said clearly, loses nothing that was answered, and is got over when there is room again."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.running import Server

ROOM = 6_000_000
PLENTY = resource.RLIM_INFINITY


def make_run(http: httpx.Client, flow_id: str) -> httpx.Response:
    return http.post("/flow_runs/", json={"flow_id": flow_id, "parameters": {"x": "y" * 100_000}})


def test_a_full_disk(tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []
    with Server(tmp_path) as server:
        http = httpx.Client(base_url=server.url, timeout=20)
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
