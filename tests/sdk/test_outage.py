"""A server that goes away in the middle of a flow and comes back: the flow goes on, nothing is lost, nothing is twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from lictor.client.client import Client
from lictor.settings import Settings
from lictor.wire import filters
from lictor.wire.operations import log
from lictor.wire.types.log import Log
from tests.postgres import open_cluster
from tests.running import Server, free_port
from tests.sdk.conftest import Api, eventually
from tests.sdk.test_endings import Script

MAPPED = """
@task
def work(x, middle):
    get_run_logger().info(f"{x} begins")
    time.sleep(0.01)
    if x == middle:
        print("middle", flush=True)
    get_run_logger().info(f"{x} ends")
    return x

@flow
def main():
    here()
    futures = work.map(range(200), middle=60)
    for number in range(100):
        get_run_logger().info(f"line {number}")
        time.sleep(0.02)
    return sum(futures.result())

assert main() == sum(range(200))
"""
WAITS = "@flow\ndef main():\n    here()\n    quick(1)\n    open(sys.argv[0] + '.go').read()\n"
NEXT = "@flow\ndef main():\n    here()\n    quick(1)\nmain()"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody else uses."""
    home = tmp_path / "server"
    home.mkdir()
    with Server(home) as one:
        yield one


def script(folder: Path, url: str, body: str, **settings: str) -> Script:
    return Script(folder, body, {"PREFECT_API_URL": url, "PREFECT_HOME": str(folder / "home"), **settings})


def waiting(folder: Path, server: Server, rest: str, **settings: str) -> tuple[Script, UUID]:
    """Start a script whose server is killed in the middle of its flow, which then goes on; return it and its run."""
    pipe = folder / "script.py.go"
    os.mkfifo(pipe)
    one = script(folder, server.url, WAITS + rest, **settings)
    run_id = one.flow_run_id()
    server.end(signal.SIGKILL)
    pipe.write_text("go")
    pipe.unlink()
    return one, run_id


def run_next(folder: Path, server: Server) -> None:
    """Let another process send what waits."""
    server.start()
    two = script(folder, server.url, NEXT)
    two.flow_run_id()
    assert two.end() == 0
    assert list((folder / "home" / "spool").iterdir()) == []


def check_all(server: Server, run_id: UUID) -> None:
    """Check that the server has all of the mapped flow's run, once, and got it in order."""
    with Client(Settings({"PREFECT_API_URL": server.url})) as client:
        api = Api(client)
        assert api.flow_run_states(run_id) == ["Pending", "Running", "Completed"]
        runs = api.task_runs(run_id, 200)
        for run in runs:
            assert api.task_run_states(run) == ["Pending", "Running", "Completed"]
        number = 100 + 3 + 3 * 200
        assert eventually(lambda: len(all_lines(client, run_id)), lambda found: found >= number) == number
        lines = all_lines(client, run_id)
    said = [line.message for line in lines if line.task_run_id is None]
    assert said[0].startswith("Beginning flow run")
    assert [line for line in said if line.startswith("line")] == [f"line {number}" for number in range(100)]
    assert said[-1].startswith("Finished in state Completed")
    for verb in ("begins", "ends"):
        count = Counter(line.message for line in lines if line.message.endswith(verb))
        assert count == {f"{x} {verb}": 1 for x in range(200)}
    assert sum(line.message.startswith("Finished") for line in lines) == 201
    arrived = [line.created for line in lines if line.task_run_id is None]
    assert arrived == sorted(arrived), "in the order in which they were said"  # type: ignore[type-var]  # all have one


def all_lines(client: Client, run_id: UUID) -> list[Log]:
    """Return all log lines of a run and its tasks."""
    wanted = filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[run_id]))
    found: list[Log] = []
    while page := client(log.FILTER(log.ReadLogs(logs=wanted, offset=len(found)))):
        found += page
    return found


def through_an_outage(folder: Path, server: Server, how: signal.Signals, seconds: float) -> None:
    """Stop a server in the middle of a flow for some seconds, and check that nobody notices afterwards."""
    one = script(folder, server.url, MAPPED)
    run_id = one.flow_run_id()
    assert one.process.stdout is not None
    assert one.process.stdout.readline() == "middle\n"
    server.end(how)
    begun = time.monotonic()
    eventually(one.errors.read_text, lambda said: "is away" in said)
    time.sleep(max(0.0, begun + seconds - time.monotonic()))
    server.start()
    assert one.process.wait(60) == 0, one.errors.read_text()
    told = [line for line in one.errors.read_text().splitlines() if server.url in line]
    assert ["is away" in line for line in told] == [True, False], told
    assert "is back after" in told[1]
    check_all(server, run_id)
    assert list((folder / "home" / "spool").iterdir()) == []


@pytest.mark.parametrize(("how", "seconds"), [(signal.SIGTERM, 2.0), (signal.SIGKILL, 20.0)], ids=str)
def test_a_mapped_flow_goes_on_while_its_server_is_away(
    tmp_path: Path, own: Server, how: signal.Signals, seconds: float
) -> None:
    through_an_outage(tmp_path, own, how, seconds)


def test_a_server_on_postgresql_may_go_away_as_well(tmp_path: Path) -> None:
    cluster = open_cluster()
    try:
        with cluster.database() as name:
            (tmp_path / "server").mkdir()
            with Server(tmp_path / "server", PREFECT_SERVER_DATABASE_CONNECTION_URL=cluster.url(name)) as server:
                through_an_outage(tmp_path, server, signal.SIGKILL, 2.0)
    finally:
        cluster.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_what_a_process_could_not_send_is_sent_by_the_next(tmp_path: Path, own: Server, how: signal.Signals) -> None:
    rest = (
        "    get_run_logger().info('into the spool')\n    quick.map(range(10)).wait()\n"
        "    get_run_logger().info('the last')\n    time.sleep(60)\nmain()"
    )
    one, run_id = waiting(tmp_path, own, rest, PREFECT_LOGGING_TO_API_BATCH_INTERVAL="0.1")
    spool = tmp_path / "home" / "spool"
    eventually(lambda: [file.read_text() for file in spool.glob("*.jsonl")], lambda found: "the last" in str(found))
    one.process.send_signal(how)
    assert one.end() == -how
    (file,) = spool.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    run_next(tmp_path, own)
    state = "Running" if how == signal.SIGKILL else "Crashed"  # nobody is left to say so
    check(own, run_id, state, 11, "into the spool")


def test_a_run_that_ends_without_its_server_is_ended_there_by_the_next_process(tmp_path: Path, own: Server) -> None:
    rest = "    quick.map(range(10)).wait()\n    return 5\nassert main() == 5"
    one, run_id = waiting(tmp_path, own, rest, PREFECT_CLIENT_AWAY_SECONDS="1")
    assert one.end() == 0
    assert "The server does not know of the state Completed()" in one.errors.read_text()
    run_next(tmp_path, own)
    check(own, run_id, "Completed", 11, "Finished in state Completed")


def check(server: Server, run_id: UUID, state: str, tasks: int, line: str) -> None:
    """Check that the server has a run with its state and all task runs, once, and a log line."""
    with Client(Settings({"PREFECT_API_URL": server.url})) as client:
        api = Api(client)
        wanted = ["Pending", "Running"] + [state] * (state != "Running")
        eventually(lambda: api.flow_run_states(run_id), lambda found: found == wanted)
        runs = api.task_runs(run_id, tasks)
        assert len({run.id for run in runs}) == tasks
        assert {run.state_name for run in runs} == {"Completed"}
        said = [entry.message for entry in api.logs(run_id, line) if entry.task_run_id is None]
        assert sum(each.startswith(line) for each in said) == 1


def test_answers_that_get_lost_make_nothing_twice(tmp_path: Path, own: Server) -> None:
    lost: Counter[str] = Counter()

    class Proxy(BaseHTTPRequestHandler):
        """Hands requests on, and loses the first answer of every kind and then each fourth."""

        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            there = HTTPConnection("127.0.0.1", own.port, timeout=60)
            there.request(self.command, self.path, body, {**dict(self.headers), "accept-encoding": "identity"})
            answer = there.getresponse()
            content = answer.read()
            there.close()
            kind = "/".join(part for part in urlsplit(self.path).path.split("/") if len(part) != 36)
            lost[kind] += 1
            if lost[kind] % 4 == 1:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers.get("content-type", ""))
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_any  # noqa: N815  # the server's names for them

        def log_message(self, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        lost["/api/csrf-token"] += 1  # else there was never a server
        one = script(tmp_path, f"http://127.0.0.1:{proxy.server_port}/api", MAPPED)
        run_id = one.flow_run_id()
        assert one.process.wait(60) == 0, one.errors.read_text()
        proxy.shutdown()
    assert {"/api/logs/", "/api/events", "/api/flow_runs/set_state"} <= lost.keys()
    check_all(own, run_id)


def test_no_server_at_all_is_said_in_one_line_at_the_end(tmp_path: Path) -> None:
    one = Script(
        tmp_path,
        "@flow\ndef main(): ...\nmain()",
        {"PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api", "PREFECT_HOME": str(tmp_path)},
    )
    assert one.end() == 1
    last = one.errors.read_text().strip().splitlines()[-1]
    assert "start one with `lictor server start` or set PREFECT_API_URL" in last
