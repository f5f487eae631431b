"""Nothing that was answered with success is lost: not to kill -9, not to SIGTERM under load."""

from __future__ import annotations

import random
import signal
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.running import Server

CLIENTS = 8


class Client(threading.Thread):
    """Writes until the server is gone, and keeps what was answered with success."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.http = httpx.Client(base_url=server.url, timeout=60)
        self.name_of_flow = f"flow {uuid4()}"
        self.states: dict[str, list[str]] = {}
        self.lines: set[str] = set()
        self.events: set[str] = set()
        self.started = threading.Event()

    def run(self) -> None:
        try:
            flow_id = self.post("/flows/", {"name": self.name_of_flow})["id"]
            while True:
                self.write(flow_id)
                self.started.set()
        except httpx.TransportError:
            return
        except RuntimeError:  # refused while the server stops
            return

    def post(self, path: str, body: Any) -> Any:
        answer = self.http.post(path, json=body)
        if answer.status_code >= 300:
            raise RuntimeError(answer.text)
        return answer.json() if answer.content else None

    def write(self, flow_id: str) -> None:
        run = self.post("/flow_runs/", {"flow_id": flow_id})
        self.states[run["id"]] = [run["state"]["id"]]
        for state in ("RUNNING", "COMPLETED"):
            answer = self.post(f"/flow_runs/{run['id']}/set_state", {"state": {"type": state}})
            self.states[run["id"]].append(answer["state"]["id"])
        text, event_id = str(uuid4()), str(uuid4())
        stamp = "2026-11-25T22:40:47Z"
        self.post("/logs/", [{"name": "n", "level": 20, "message": text, "timestamp": stamp, "flow_run_id": run["id"]}])
        self.lines.add(text)
        self.post(
            "/events", [{"id": event_id, "occurred": stamp, "event": "e", "resource": {"prefect.resource.id": "x"}}]
        )
        self.events.add(event_id)


def load(server: Server) -> list[Client]:
    """Let clients write, each at least one round."""
    clients = [Client(server) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        assert client.started.wait(20)
    return clients


def check(server: Server, clients: list[Client]) -> int:
    """Assert that all that was answered with success is there, and return how many changes that were."""
    http = httpx.Client(base_url=server.url, timeout=60)
    found = 0
    for client in clients:
        client.join(20)
        for run_id, states in client.states.items():
            history = http.get("/flow_run_states/", params={"flow_run_id": run_id}).json()
            assert [state["id"] for state in history][: len(states)] == states
            run = http.get(f"/flow_runs/{run_id}").json()
            assert run["state_id"] == history[-1]["id"]
            lines = http.post("/logs/filter", json={"logs": {"flow_run_id": {"any_": [run_id]}}}).json()
            client.lines -= {line["message"] for line in lines}
            found += len(states)
        assert not client.lines
        wanted = sorted(client.events)
        for at in range(0, len(wanted), 50):
            page = http.post("/events/filter", json={"filter": {"id": {"id": wanted[at : at + 50]}}}).json()
            assert page["total"] == len(wanted[at : at + 50])
    return found


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path, seed: int) -> None:
    server = Server(tmp_path).start()
    clients = load(server)
    time.sleep(random.Random(seed).uniform(0, 0.5))  # the moment is the experiment
    server.end(signal.SIGKILL)
    with server:
        assert check(server, clients) > CLIENTS


def test_a_stop_finishes_what_was_accepted(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    clients = load(server)
    assert server.end(signal.SIGTERM) == 0
    assert not list(tmp_path.glob("*.db-wal"))
    with server:
        assert check(server, clients) > CLIENTS
    assert "Traceback" not in server.log.read_text()
