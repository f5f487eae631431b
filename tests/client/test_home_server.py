"""Flows and commands without an API's address: they share a temporary server, and find the next one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lictor.kit import server_file
from lictor.kit.server_file import NAME, Running, ServerFile, running
from tests.running import Server, clean_environment

PATIENCE = 60.0
LICTOR = (sys.executable, "-m", "lictor.cli.main")

ONE = """
import os
from lictor import flow
from lictor.kit.server_file import running

@flow(name="one")
def one():
    pass

one()
print(running(os.environ["PREFECT_HOME"]).pid)
"""

ASYNC = """
import asyncio
from lictor import flow, task

@task
async def two():
    return 2

@flow(name="async")
async def one():
    return await two()

print(asyncio.run(one()))
"""

WAITING = """
import os, sys, time
from lictor import flow, task
from lictor.kit.server_file import running

home = os.environ["PREFECT_HOME"]

@task
def within():
    pass

@flow(name="below")
def below():
    within()

@flow(name="waiting")
def waiting():
    first = running(home).pid
    print(first, flush=True)
    sys.stdin.readline()
    below()
    within()
    print(running(home).pid, flush=True)

waiting()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "home"
    yield place
    found = running(str(place))
    if found is not None:
        assert server_file.stop(str(place), found, PATIENCE)


def environment(home: Path, **settings: str) -> dict[str, str]:
    return {**clean_environment(), "PREFECT_HOME": str(home), "COLUMNS": "160", **settings}


def program(home: Path, code: str, **settings: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, env=environment(home, **settings), stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def lictor(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [*LICTOR, *words]
    return subprocess.run(
        command, env=environment(home, **settings), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end
        time.sleep(0.02)


def flow_runs(home: Path) -> list[str]:
    """Return the types of all flow runs' states, as the command line lists them."""
    listed = lictor(home, "flow-run", "ls", "--output", "json")
    assert listed.returncode == 0, listed.stderr
    return [run["state"]["type"] for run in json.loads(listed.stdout)]


def named(home: Path) -> Running:
    found = running(str(home))
    assert found is not None
    return found


def continued(one: subprocess.Popen[str]) -> int:
    """Let a waiting program go on to its end, and return the process of the server that it has then."""
    out, err = one.communicate("\n", timeout=PATIENCE)
    assert one.returncode == 0, err
    return int(out)


def waiting(home: Path, **settings: str) -> tuple[subprocess.Popen[str], int]:
    """Start a flow that waits, and return the process of its server too."""
    one = program(home, WAITING, **settings)
    assert one.stdout is not None
    return one, int(one.stdout.readline())


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    programs = [program(home, ONE) for _ in range(8)]
    said = [one.communicate(timeout=PATIENCE) for one in programs]
    assert [one.returncode for one in programs] == [0] * 8, said
    assert len({out for out, _ in said}) == 1
    found = named(home)
    assert (found.pid, found.temporary) == (int(said[0][0]), True)
    assert found.url.startswith("http://127.0.0.1:")
    for name in (NAME, server_file.STARTING, "server.log", "lictor.db"):
        assert S_IMODE((home / name).stat().st_mode) == 0o600
    assert (home / "lictor.db.lock").read_text().strip() == str(found.pid)
    assert flow_runs(home) == ["COMPLETED"] * 8


def test_a_flow_on_an_event_loop_has_a_server_too(home: Path) -> None:
    out, err = program(home, ASYNC, PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED="true").communicate(timeout=PATIENCE)
    assert out == "2\n", err
    assert flow_runs(home) == ["COMPLETED"]


def test_strangers_are_not_let_in(home: Path) -> None:
    assert flow_runs(home) == []
    url = named(home).url
    assert httpx.get(f"{url}/health").status_code == 200
    assert httpx.post(f"{url}/flow_runs/filter", json={}).status_code == 401
    status = lictor(home, "server", "status", "--output", "json")
    assert json.loads(status.stdout)["api_url"] == url
    assert named(home).auth not in status.stdout
    name, _, password = named(home).auth.partition(":")
    assert httpx.get(f"{url}/admin/version", auth=(name, password)).status_code == 200


def test_an_auth_string_of_the_settings_counts_too(home: Path) -> None:
    assert lictor(home, "flow-run", "ls", PREFECT_SERVER_API_AUTH_STRING="me:secret").returncode == 0
    assert httpx.get(f"{named(home).url}/admin/version", auth=("me", "secret")).status_code == 200
    assert httpx.get(f"{named(home).url}/admin/version").status_code == 401


def test_a_flow_goes_on_after_its_server_was_killed(home: Path) -> None:
    one, first = waiting(home)
    os.kill(first, signal.SIGKILL)
    assert continued(one) == named(home).pid != first
    assert flow_runs(home) == ["COMPLETED"] * 2


def test_a_server_that_nobody_needs_ends_and_a_flow_that_goes_on_starts_another(home: Path) -> None:
    soon = {"PREFECT_SERVER_EPHEMERAL_IDLE_SECONDS": "0.5", "PREFECT_SERVER_API_KEEPALIVE_TIMEOUT": "1"}
    one, first = waiting(home, **soon)
    until(lambda: running(str(home)) is None)
    assert (home / NAME).read_text() == ""
    assert continued(one) != first
    assert flow_runs(home) == ["COMPLETED"] * 2


def test_a_server_to_which_somebody_is_connected_stays(home: Path) -> None:
    assert lictor(home, "flow-run", "ls", PREFECT_SERVER_EPHEMERAL_IDLE_SECONDS="0.5").returncode == 0
    found = named(home)
    address = urlsplit(found.url)
    assert address.hostname is not None
    with connect(f"ws://{address.netloc}/api/events/out", subprotocols=[Subprotocol("prefect")]) as socket:
        socket.send(json.dumps({"type": "auth", "token": found.auth}))
        assert json.loads(socket.recv())["type"] == "auth_success"
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1.5)
        assert running(str(home)) == found
    until(lambda: running(str(home)) is None)


def test_a_server_that_is_started_takes_the_temporary_ones_place(home: Path) -> None:
    one, first = waiting(home)
    with Server(home) as server:
        assert named(home) == Running(server.pid, server.url)
        assert continued(one) == server.pid != first
        assert sorted(run["name"] for run in httpx.post(f"{server.url}/flows/filter", json={}).json()) == [
            "below",
            "waiting",
        ]
        assert flow_runs(home) == ["COMPLETED"] * 2
    assert (home / NAME).read_text() == ""


def test_a_server_that_was_started_is_found_on_whichever_port(home: Path) -> None:
    home.mkdir()
    with Server(home) as server:
        out, err = program(home, ONE, PREFECT_SERVER_EPHEMERAL_ENABLED="false").communicate(timeout=PATIENCE)
        assert int(out) == server.pid, err


def test_without_temporary_servers_the_ways_out_are_named(home: Path) -> None:
    off = {"PREFECT_SERVER_EPHEMERAL_ENABLED": "false"}
    one = program(home, ONE, **off)
    _, said = one.communicate(timeout=PATIENCE)
    listed = lictor(home, "flow-run", "ls", **off)
    assert one.returncode == listed.returncode == 1
    assert "Traceback" not in listed.stderr
    for text in (said, listed.stderr):
        for way in ("PREFECT_API_URL", "`lictor server start`", "PREFECT_SERVER_EPHEMERAL_ENABLED=true"):
            assert way in text
    assert not home.exists()


def test_what_keeps_a_temporary_server_from_starting_is_said(home: Path, tmp_path: Path) -> None:
    url = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "mysql://x"}
    assert "'mysql' databases are not supported" in lictor(home, "flow-run", "ls", **url).stderr
    late = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "0"}
    assert "did not start within 0 seconds" in lictor(home, "flow-run", "ls", **late).stderr
    other = tmp_path / "other"
    assert flow_runs(other) == []
    used = lictor(
        home, "flow-run", "ls", PREFECT_SERVER_DATABASE_CONNECTION_URL=f"sqlite+aiosqlite:///{other}/lictor.db"
    )
    assert f"is in use by another server (process {named(other).pid}" in used.stderr
    assert lictor(other, "server", "stop").returncode == 0


def test_a_file_that_nobody_holds_names_no_server(tmp_path: Path) -> None:
    assert running(str(tmp_path)) is None
    (tmp_path / NAME).write_text('{"pid": 1, "url": "http://127.0.0.1:1/api"}')
    assert running(str(tmp_path)) is None
    held = ServerFile(str(tmp_path), Running(7, temporary=True))
    assert running(str(tmp_path)) == Running(7, temporary=True)
    assert S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    with pytest.raises(BlockingIOError):
        ServerFile(str(tmp_path), Running(8))
    (tmp_path / NAME).write_text("{")
    assert running(str(tmp_path)) == Running()
    held.release()
    assert running(str(tmp_path)) is None
