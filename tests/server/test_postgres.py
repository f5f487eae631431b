"""Servers on PostgreSQL: several of them, killed, cut off, and pushed."""

from __future__ import annotations

import json
import os
import random
import signal
import string
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.postgres import Cluster, as_postgres, program
from tests.running import Server
from tests.server.conftest import Api
from tests.server.test_events import event, socket
from tests.server.test_kill import CLIENTS, Client, check, load

URL = "PREFECT_SERVER_DATABASE_CONNECTION_URL"

WANTED = {"event": {"prefix": ["test."]}, "occurred": {"until": "2100-01-01T00:00:00Z"}}
SUBSCRIPTION = {"type": "filter", "filter": WANTED, "backfill": False}


def server_on(cluster: Cluster, database: str) -> Server:
    """Return a server that keeps its data in a PostgreSQL database."""
    return Server(PREFECT_SERVER_DATABASE_CONNECTION_URL=cluster.url(database))


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    with cluster.database() as name:
        yield name


@pytest.fixture
def server(cluster: Cluster, database: str) -> Iterator[Server]:
    with server_on(cluster, database) as running:
        yield running


@pytest.fixture
def two(cluster: Cluster, database: str) -> Iterator[tuple[Server, Server]]:
    """Give two servers that start at once on an empty database."""
    servers = [server_on(cluster, database) for _ in range(2)]
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        for starting in [pool.submit(stack.enter_context, server) for server in servers]:
            starting.result()
        yield servers[0], servers[1]


FLOW = """
from prefect import flow, task, get_run_logger

@task
def double(n):
    return 2 * n

@flow(log_prints=True)
def whole():
    print("printed")
    return sum(future.result() for future in [double.submit(n) for n in range(5)])

assert whole() == 20
"""


def test_a_flow_of_the_sdk_runs(server: Server, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(FLOW.replace("from prefect import", "from lictor import"))
    environment = {**server.environment(), "PREFECT_API_URL": server.url, "PREFECT_HOME": str(tmp_path / "home")}
    environment.pop(URL)
    subprocess.run([sys.executable, str(script)], env=environment, check=True, timeout=60)
    api = Api(server)
    assert api("POST", "/flow_runs/filter", {})[1][0]["state_type"] == "COMPLETED"
    runs = api("POST", "/task_runs/filter", {})[1]
    assert [run["state_type"] for run in runs] == ["COMPLETED"] * 5
    assert "printed" in [line["message"] for line in api("POST", "/logs/filter", {})[1]]


def test_text_of_any_kind_is_kept(server: Server) -> None:
    api, name = Api(server), "a \x00\x01 ä 🎉 \\u0000 %_' \" \x02"
    run_id = api.flow_run(tags=[name], parameters={"p": name}, name="n", idempotency_key=name)
    assert api.flow_run(tags=[], name="n", idempotency_key=name) == run_id
    found = api("POST", "/flow_runs/filter", {"flow_runs": {"tags": {"all_": [name]}}})[1]
    assert [(one["tags"], one["parameters"]["p"], one["idempotency_key"]) for one in found] == [([name], name, name)]


def test_a_text_that_is_too_long_to_be_found_by_is_named(server: Server) -> None:
    api, text = Api(server), "".join(random.Random(1).choices(string.ascii_letters, k=9000))
    flow_id, about = api.flow(), {"prefect.resource.id": text}
    for path, body, field in (
        ("/flow_runs/", {"flow_id": flow_id, "tags": ["a", text]}, "tags"),
        ("/flow_runs/", {"flow_id": flow_id, "idempotency_key": text}, "idempotency_key"),
        ("/events", [{**event(), "resource": about}], "resource_id"),
    ):
        status, answer = api("POST", path, body)
        assert (status, answer["detail"].partition(":")[0]) == (422, field)
    assert api("POST", "/flow_runs/count", {})[1] == 0
    assert api("POST", "/flow_runs/", {"flow_id": flow_id, "tags": ["t" * 600]})[0] == 201


@pytest.mark.parametrize("which", ["killed", "stopped"])
def test_a_server_that_ends_loses_nothing_that_was_answered(server: Server, which: str) -> None:
    clients = load(server)
    server.end(signal.SIGKILL if which == "killed" else signal.SIGTERM)
    with server:
        assert check(server, clients) > CLIENTS


class Stubborn(Client):
    """Sends again what was refused for the moment, until it is told to stop."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.stop = threading.Event()
        self.refusals: list[str] = []

    def run(self) -> None:
        flow_id = self.post("/flows/", {"name": self.name_of_flow})["id"]
        while not self.stop.is_set():
            self.write(flow_id)
            self.started.set()

    def post(self, path: str, body: Any) -> Any:
        if path == "/flow_runs/":
            body = {**body, "idempotency_key": str(uuid4())}
        if path.endswith("/set_state"):
            body["state"].setdefault("state_details", {"transition_id": str(uuid4())})
        while True:
            answer = self.http.post(path, json=body)
            if answer.status_code < 300:
                return answer.json() if answer.content else None
            if answer.status_code != 503:
                raise AssertionError(answer.text)
            self.refusals.append(answer.text)
            time.sleep(0.05)  # as the answer says, only sooner


def disturbed(server: Server, disturb: Callable[[], None]) -> list[Stubborn]:
    """Let clients write while something goes wrong, and for a while after it; return what they met."""
    clients = [Stubborn(server) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        assert client.started.wait(20)
    disturb()
    for client in clients:
        client.started.clear()
    for client in clients:
        assert client.started.wait(20)
    for client in clients:
        client.stop.set()
        client.join(20)
    return clients


def test_sessions_that_are_ended_lose_nothing(cluster: Cluster, database: str, server: Server) -> None:
    def end_sessions() -> None:
        for _ in range(5):
            cluster.run(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")
            time.sleep(0.1)  # so that new ones are in the middle of something

    clients = disturbed(server, end_sessions)
    assert check(server, list(clients)) > CLIENTS
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "at once"])
def test_a_database_that_starts_again_loses_nothing(how: int) -> None:
    if program("initdb") is None:
        pytest.skip("the server that is given cannot be started again")
    cluster = Cluster()
    try:
        with cluster.database() as name, server_on(cluster, name) as server:

            def restart() -> None:
                cluster.stop(how)
                cluster.start()

            clients = disturbed(server, restart)
            assert check(server, list(clients)) > CLIENTS
            assert "Traceback" not in server.log.read_text()
    finally:
        cluster.close()


ROOM = str(17 << 20)
"""A little more than a file of PostgreSQL's own log takes."""


def processes(cluster: Cluster) -> list[int]:
    """Return the process of a cluster, which the later ones inherit from, and those that there are."""
    assert cluster.process is not None
    children = Path(f"/proc/{cluster.process.pid}/task/{cluster.process.pid}/children").read_text().split()
    return [cluster.process.pid, *map(int, children)]


def limit_files(cluster: Cluster, size: str) -> None:
    """Let no file of a cluster grow beyond a size; as its own user, since root may lack the right."""
    for pid in processes(cluster):
        subprocess.run([*as_postgres(), "prlimit", "--pid", str(pid), f"--fsize={size}:unlimited"], check=False)


def test_a_full_disk_loses_nothing_that_was_answered() -> None:
    if program("initdb") is None:
        pytest.skip("the disk of the server that is given cannot be filled")
    cluster = Cluster()
    try:
        with cluster.database() as name, server_on(cluster, name) as server:
            api = Api(server)
            limit_files(cluster, ROOM)
            made = []
            while (answer := large_run(api)).status_code == 201:
                made.append(answer.json()["id"])
            assert answer.status_code == 507
            assert "cannot be written" in answer.json()["detail"]
            assert made
            assert api("GET", f"/flow_runs/{made[-1]}")[0] == 200
            assert api("GET", "/health")[0] == 200
            limit_files(cluster, "unlimited")
            answer = large_run(api)
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])
            assert api("POST", "/flow_runs/count", {})[1] == len(made)
            assert cluster.run("select count(*) from flow_run", database=name) == [(len(made),)]
            assert "Traceback" not in server.log.read_text()
    finally:
        cluster.close()


def large_run(api: Api) -> httpx.Response:
    """Make a run whose parameters nothing makes smaller."""
    body = {"flow_id": api.flow(), "parameters": {"x": os.urandom(50_000).hex()}}
    return api.http.post("/flow_runs/", json=body)


def wait_until_open(api: Api, socket: ClientConnection) -> None:
    """Tell of events until a socket that was just opened, on another server, gets one; then of no more."""
    for number in range(50):
        assert api("POST", "/events", [event(f"test.open.{number}")])[0] < 300
        with suppress(TimeoutError):
            got = json.loads(socket.recv(timeout=0.2))
            break
    else:
        pytest.fail("the socket gets nothing")
    while got["event"]["event"] != f"test.open.{number}":
        got = json.loads(socket.recv(timeout=60))


def test_what_happens_on_one_server_is_seen_on_the_other(two: tuple[Server, Server]) -> None:
    one, other = Api(two[0]), Api(two[1])
    with socket(other, "/events/out") as events, socket(other, "/logs/out") as logs:
        events.send(json.dumps(SUBSCRIPTION))
        logs.send(json.dumps({"type": "filter", "filter": {}}))
        wait_until_open(one, events)
        told = []
        for number in range(20):
            assert one("POST", "/events", [event(f"test.{number}")])[0] < 300
            told.append(json.loads(events.recv(timeout=60))["event"]["event"])
        line = {"name": "l", "level": 20, "message": "here", "timestamp": "2026-03-01T12:00:00Z"}
        assert one("POST", "/logs/", [{**line, "flow_run_id": str(uuid4())}])[0] < 300
        assert json.loads(logs.recv(timeout=60))["log"]["message"] == "here"
    assert told == [f"test.{number}" for number in range(20)]


def test_one_server_goes_on_when_the_other_is_killed(two: tuple[Server, Server]) -> None:
    clients = load(two[0])
    survivor = Api(two[1])
    with socket(survivor, "/events/out") as events:
        events.send(json.dumps(SUBSCRIPTION))
        wait_until_open(Api(two[0]), events)
        two[0].end(signal.SIGKILL)
        assert check(two[1], clients) > CLIENTS
        assert survivor("POST", "/events", [event("test.after")])[0] < 300
        assert json.loads(events.recv(timeout=60))["event"]["event"] == "test.after"


def test_services_do_nothing_twice_and_go_on_when_one_server_is_killed(cluster: Cluster, database: str) -> None:
    late = "PREFECT_SERVER_SERVICES_LATE_RUNS_"
    settings = {URL: cluster.url(database), f"{late}LOOP_SECONDS": "0.05", f"{late}AFTER_SECONDS": "0.1"}
    with Server(None, **settings) as one, Server(None, **settings) as other:
        api = Api(other)

        def overdue(number: int) -> list[str]:
            flow_id, state = (
                api.flow(),
                {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-03-01T12:00:00Z"}},
            )
            body = {"flow_id": flow_id, "state": state}
            return [api("POST", "/flow_runs/", body)[1]["id"] for _ in range(number)]

        def wait_until_late(runs: list[str]) -> None:
            deadline = time.monotonic() + 30
            while api("POST", "/flow_runs/count", {"flow_runs": {"state": {"name": {"any_": ["Late"]}}}})[1] < len(
                runs
            ):
                assert time.monotonic() < deadline
                time.sleep(0.05)

        runs = overdue(100)
        wait_until_late(runs)
        one.end(signal.SIGKILL)
        runs += overdue(20)
        wait_until_late(runs)
        for run in runs:
            history = api("GET", f"/flow_run_states/?flow_run_id={run}")[1]
            assert [state["name"] for state in history] == ["Scheduled", "Late"]
        about = {"event": {"name": ["prefect.flow-run.Late"]}, "occurred": {"since": "2026-03-01T12:00:00Z"}}
        assert api("POST", "/events/filter", {"filter": about, "limit": 1})[1]["total"] == len(runs)


def test_a_race_has_one_winner_and_a_linear_history(two: tuple[Server, Server]) -> None:
    api = Api(two[0])
    runs = [api.flow_run("SCHEDULED") for _ in range(50)]

    def race(number: int) -> list[str]:
        with httpx.Client(base_url=two[number % 2].url, timeout=60) as http:
            won = []
            for run in runs:
                answer = http.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "PENDING"}})
                assert answer.status_code < 300, answer.text
                if answer.json()["status"] == "ACCEPT":
                    won.append(run)
            return won

    with ThreadPoolExecutor(10) as pool:
        won = [run for found in pool.map(race, range(10)) for run in found]
    assert sorted(won) == sorted(runs)
    for run in runs:
        history = api("GET", f"/flow_run_states/?flow_run_id={run}")[1]
        assert [state["type"] for state in history] == ["SCHEDULED", "PENDING"]
        assert api("GET", f"/flow_runs/{run}")[1]["state_id"] == history[-1]["id"]


def test_64_writers_meet_no_error(two: tuple[Server, Server]) -> None:
    run = Api(two[0]).flow_run()

    def write(number: int) -> list[int]:
        with httpx.Client(base_url=two[number % 2].url, timeout=60) as http:
            flow = http.post("/flows/", json={"name": f"flow {number % 4}"}).json()["id"]
            made = http.post("/flow_runs/", json={"flow_id": flow, "idempotency_key": f"key {number % 8}"})
            statuses = [made.status_code]
            for _ in range(3):
                state = {"state": {"type": "RUNNING"}, "force": True}
                for target in (run, made.json()["id"]):
                    statuses.append(http.post(f"/flow_runs/{target}/set_state", json=state).status_code)
                statuses.append(http.post("/events", json=[event()]).status_code)
            return statuses

    with ThreadPoolExecutor(64) as pool:
        statuses = [status for found in pool.map(write, range(64)) for status in found]
    assert len(statuses) == 640
    assert [status for status in statuses if status >= 300] == []
    api = Api(two[1])
    assert len(api("GET", f"/flow_run_states/?flow_run_id={run}")[1]) == 1 + 64 * 3
    assert api("POST", "/flow_runs/count", {})[1] == 1 + 8
