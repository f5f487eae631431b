"""Two servers on one PostgreSQL database behind nginx: either answers for both, and one alone goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.postgres import Cluster
from tests.running import Server, clean_environment
from tests.security.asking import SECRET, basic
from tests.security.proxy import Nginx

FLOW = """
from lictor import flow, task

@task
def double(number: int) -> int:
    return 2 * number

@flow
def several() -> int:
    return sum(future.result() for future in double.map(range(20)))

assert several() == 380
"""


class Site(NamedTuple):
    """What users see as one server."""

    first: Server
    second: Server
    nginx: Nginx
    client: httpx.Client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.client.request(method, path, json=body, headers=headers)


@pytest.fixture(scope="module")
def site(cluster: Cluster) -> Iterator[Site]:
    with cluster.database() as name:
        settings = {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": cluster.url(name),
            "PREFECT_SERVER_API_AUTH_STRING": SECRET,
            "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
            "PREFECT_SERVER_TRUSTED_PROXIES": "127.0.0.1",
        }
        with (
            Server(None, **settings) as first,
            Server(None, **settings) as second,
            Nginx(first, second) as nginx,
            httpx.Client(base_url=f"{nginx.base('plain')}/api", headers=basic(), timeout=60) as client,
        ):
            yield Site(first, second, nginx, client)


def run_flow(site: Site) -> subprocess.CompletedProcess[str]:
    """Run a flow of twenty tasks against the site."""
    address = {"PREFECT_API_URL": f"{site.nginx.base('plain')}/api", "PREFECT_API_AUTH_STRING": SECRET}
    environment = {**clean_environment(), **address}
    command = [sys.executable, "-c", FLOW]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)


@contextmanager
def listening(site: Site, resource: str) -> Iterator[ClientConnection]:
    """Open a subscription through nginx to the events of a resource."""
    address = f"{site.nginx.base('plain')}/api/events/out".replace("http", "ws", 1)
    until = {"since": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
    wanted = {"occurred": until, "resource": {"id": [resource]}}
    with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
        socket.send(json.dumps({"type": "auth", "token": SECRET}))
        assert json.loads(socket.recv(timeout=60)) == {"type": "auth_success"}
        socket.send(json.dumps({"type": "filter", "filter": wanted, "backfill": True}))
        yield socket


def tell(server: Server, resource: str) -> str:
    """Give a server an event; return its id."""
    event_id = str(uuid4())
    one = {
        "id": event_id,
        "occurred": datetime.now(UTC).isoformat(),
        "event": "something.happened",
        "resource": {"prefect.resource.id": resource},
    }
    with httpx.Client(base_url=server.url, headers=basic(), timeout=60) as client:
        proof = proof_of(client.get("/csrf-token", params={"client": "teller"}).json())
        assert client.post("/events", json=[one], headers=proof).status_code == 204
    return event_id


def proof_of(token: dict[str, str]) -> dict[str, str]:
    return {"Prefect-Csrf-Token": token["token"], "Prefect-Csrf-Client": token["client"]}


def test_tokens_and_sessions_of_one_server_serve_on_the_other(site: Site) -> None:
    proof = proof_of(site.ask("GET", "/csrf-token?client=me").json())
    for number in range(6):
        assert site.ask("POST", "/flows/", {"name": f"flow {number}"}, **proof).status_code == 201
    cookie = site.ask("POST", "/session", **proof).headers["set-cookie"].partition(";")[0]
    with httpx.Client(base_url=site.client.base_url, headers={"Cookie": cookie}) as browser:
        assert [browser.get("/hello").status_code for _ in range(6)] == [200] * 6
        ended = browser.delete("/session", headers=proof)
        assert ended.status_code == 204
    for server in (site.first, site.second):
        assert httpx.get(f"{server.url}/hello", headers={"Cookie": cookie}).status_code == 401


def test_events_of_either_server_reach_every_socket(site: Site) -> None:
    with listening(site, "a.thing") as one, listening(site, "a.thing") as other:
        told = [tell(server, "a.thing") for server in (site.first, site.second)]
        for socket in (one, other):
            heard = [json.loads(socket.recv(timeout=60))["event"]["id"] for _ in told]
            assert sorted(heard) == sorted(told)


def test_a_flow_runs_on_both_and_on_the_one_that_is_left(site: Site) -> None:
    done = run_flow(site)
    assert done.returncode == 0, done.stderr
    assert site.second.process is not None
    site.second.process.send_signal(signal.SIGKILL)
    site.second.process.wait(20)
    proof = proof_of(site.ask("GET", "/csrf-token?client=after").json())
    for number in range(10):
        assert site.ask("POST", "/flows/", {"name": f"after {number}"}, **proof).status_code == 201
    done = run_flow(site)
    assert done.returncode == 0, done.stderr
    found = site.ask("POST", "/flow_runs/filter", {"flows": {"name": {"any_": ["several"]}}}, **proof).json()
    assert [run["state_type"] for run in found] == ["COMPLETED"] * 2
