"""One open server for the tests of its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.postgres import Cluster
from tests.running import Server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "sqlite":
        with Server() as server:
            yield server
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as name, Server(PREFECT_SERVER_DATABASE_CONNECTION_URL=cluster.url(name)) as server:
        yield server


class Api:
    """Asks a server, and tells the status and the JSON of what it answers."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=60)

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        answer = self.http.request(method, path, json=body, **options)
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def flow(self) -> str:
        flow_id: str = self("POST", "/flows/", {"name": "a flow"})[1]["id"]
        return flow_id

    def flow_run(self, state: str = "PENDING", **fields: Any) -> str:
        body = {"flow_id": self.flow(), "state": {"type": state}, **fields}
        run_id: str = self("POST", "/flow_runs/", body)[1]["id"]
        return run_id


@pytest.fixture(scope="session")
def api(running: Server) -> Api:
    return Api(running)
