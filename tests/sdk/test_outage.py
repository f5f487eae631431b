"""A server that goes away in the middle of a flow and comes back: the flow goes on, and nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from lictor.client.client import Client
from lictor.settings import Settings
from tests.running import Server, free_port
from tests.sdk.conftest import Api, eventually
from tests.sdk.test_endings import Script

WAITS_FOR_INPUT = """
@flow
def main():
    here()
    for i in range(20): quick(i)
    sys.stdin.readline()
    for i in range(20): quick(i)
    quick.map(range(20)).wait()
    get_run_logger().info("after the pause")
    return 1
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody else uses."""
    home = tmp_path / "server"
    home.mkdir()
    with Server(home) as one:
        yield one


def script(folder: Path, server: Server, body: str) -> Script:
    return Script(folder, body, {"PREFECT_API_URL": server.url, "PREFECT_HOME": str(folder / "home")})


def test_a_flow_survives_a_server_that_is_killed_and_restarted(tmp_path: Path, own: Server) -> None:
    body = WAITS_FOR_INPUT.replace("sys.stdin.readline()", "open(sys.argv[0] + '.go').read()") + "print(main())"
    pipe = tmp_path / "script.py.go"
    os.mkfifo(pipe)
    one = script(tmp_path, own, body)
    run_id = one.flow_run_id()
    own.end(signal.SIGKILL)
    pipe.write_text("go")
    eventually(one.errors.read_text, lambda said: "wait: no server answers" in said)
    own.start()
    assert one.end() == 0, one.errors.read_text()
    check(own, run_id, 60, "after the pause")


def test_what_a_process_could_not_send_is_sent_by_the_next(tmp_path: Path, own: Server) -> None:
    pipe = tmp_path / "script.py.go"
    os.mkfifo(pipe)
    one = script(
        tmp_path,
        own,
        "@flow\ndef main():\n    here()\n    quick(1)\n    open(sys.argv[0] + '.go').read()\n"
        "    get_run_logger().info('into the spool')\n    quick.map(range(10)).wait()\n"
        "    import os as o, lictor.client.connection as c\n    c.close_all()\n    o._exit(3)\nmain()",
    )
    run_id = one.flow_run_id()
    own.end(signal.SIGKILL)
    pipe.write_text("go")
    assert one.end() == 3
    assert "are kept in" in one.errors.read_text()
    own.start()
    two = script(tmp_path, own, "@flow\ndef main():\n    here()\n    quick(1)\nmain()")
    two.flow_run_id()
    assert two.end() == 0
    assert list((tmp_path / "home" / "spool").iterdir()) == []
    check(own, run_id, 11, "into the spool")


def check(server: Server, run_id: UUID, tasks: int, line: str) -> None:
    """Check that the server has all task runs, once, and a log line."""
    with Client(Settings({"PREFECT_API_URL": server.url})) as client:
        api = Api(client)
        runs = api.task_runs(run_id, tasks)
        assert len({run.id for run in runs}) == tasks
        assert {run.state_name for run in runs} == {"Completed"}
        assert [entry.message for entry in api.logs(run_id, line)].count(line) == 1


def test_no_server_at_all_is_said_in_one_line_at_the_end(tmp_path: Path) -> None:
    one = Script(
        tmp_path,
        "@flow\ndef main(): ...\nmain()",
        {"PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api", "PREFECT_HOME": str(tmp_path)},
    )
    assert one.end() == 1
    last = one.errors.read_text().strip().splitlines()[-1]
    assert "start one with `lictor server start` or set PREFECT_API_URL" in last
