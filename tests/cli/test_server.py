"""`lictor server start --background`, `status` and `stop`, called as people call them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from lictor.kit import server_file
from lictor.kit.server_file import NAME, running
from tests.postgres import Cluster
from tests.running import Server, clean_environment, free_port

Lictor = Callable[..., subprocess.CompletedProcess[str]]
PATIENCE = 90.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "home"
    yield place
    found = running(str(place))
    if found is not None:
        assert server_file.stop(str(place), found, PATIENCE)


@pytest.fixture
def lictor(home: Path) -> Lictor:
    def call(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lictor.cli.main", "server", *words]
        environment = {**clean_environment(), "PREFECT_HOME": str(home), **settings}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)

    return call


def test_a_server_in_the_background_is_started_watched_and_stopped(home: Path, lictor: Lictor) -> None:
    started = lictor("start", "--background", "--port", "0")
    assert started.returncode == 0, started.stderr
    found = running(str(home))
    assert found is not None
    assert f"Lictor listens on {found.url};" in started.stdout
    assert f"process {found.pid}" in started.stdout
    for name in (NAME, "server.log"):
        assert S_IMODE((home / name).stat().st_mode) == 0o600

    told = json.loads(lictor("status", "--output", "json").stdout)
    version = told.pop("server_version")
    assert version.startswith("3.")
    assert told == {"status": "available", "api_url": found.url, "process": found.pid, "temporary": False}
    elsewhere = lictor("status", "--wait", "--timeout", "60", PREFECT_API_URL=found.url, PREFECT_HOME=f"{home}/other")
    assert elsewhere.stdout.splitlines() == ["status: available", f"api url: {found.url}", f"server version: {version}"]

    for options in (["--background"], ["--port", "0"]):
        again = lictor("start", *options)
        assert again.returncode == 1
        assert f"The server {found.url} (process {found.pid}) runs already" in again.stderr
        assert "`lictor server stop`" in again.stderr
        assert "Traceback" not in again.stderr

    stopped = lictor("stop")
    assert (stopped.returncode, stopped.stdout) == (0, f"The server {found.url} (process {found.pid}) has ended.\n")
    assert lictor("stop").stdout == f"No server runs for {home}.\n"
    assert lictor("status", PREFECT_API_URL=found.url).returncode == 1


def test_a_server_that_was_killed_is_in_nobodys_way(home: Path, lictor: Lictor) -> None:
    home.mkdir()
    with Server(home) as server:
        server.end(signal.SIGKILL)
    assert str(server.pid) in (home / NAME).read_text()
    assert lictor("stop").stdout == f"No server runs for {home}.\n"
    started = lictor("start", "-b", "--port", "0", "--output", "json")
    found = running(str(home))
    assert found is not None
    known = {"api_url": found.url, "process": found.pid}
    assert json.loads(started.stdout) == {**known, "log": str(home / "server.log")}
    assert json.loads(lictor("stop", "--output", "json").stdout) == {"stopped": [{**known, "temporary": False}]}


def test_a_server_in_the_foreground_is_stopped_too(home: Path, lictor: Lictor) -> None:
    home.mkdir()
    with Server(home) as server:
        assert lictor("stop").stdout == f"The server {server.url} (process {server.pid}) has ended.\n"
        assert server.process is not None
        assert server.process.wait(PATIENCE) == 0
    assert f"Lictor listens on {server.url};" in server.log.read_text()
    server = Server(home)
    server.log, server.command = home / "said.json", (*Server.command, "--output", "json")
    with server:
        pass
    assert json.loads(server.log.read_text()) == {"api_url": server.url, "process": server.pid}


def test_what_keeps_a_server_in_the_background_from_starting_is_said(home: Path, lictor: Lictor) -> None:
    home.mkdir()
    with Server(home) as server:
        taken = lictor("start", "-b", "--port", str(server.port), PREFECT_HOME=f"{home}/other")
    assert taken.returncode == 1
    assert taken.stderr.startswith("Error: The server did not start: [Errno ")
    assert "address already in use" in taken.stderr
    assert "cannot listen on 192.0.2.1" in lictor("start", "--host", "192.0.2.1", "--port", "0").stderr


def test_status_starts_no_server_and_says_that_there_is_none(home: Path, lictor: Lictor) -> None:
    none = lictor("status")
    assert none.returncode == 1
    assert none.stderr == f"Error: No server answers: PREFECT_API_URL is not set, and no server runs for {home}.\n"
    assert not home.exists()
    url = f"http://127.0.0.1:{free_port()}/api"
    waited = lictor("status", "--wait", "--timeout", "1", PREFECT_API_URL=url)
    assert waited.returncode == 1
    assert f"Error: No server answers within 1 s: {url}: " in waited.stderr
    told = json.loads(lictor("status", "-o", "json", PREFECT_API_URL=url).stdout)
    assert (told["status"], told["api_url"]) == ("unavailable", url)
    assert url in told["error"]


def test_status_waits_for_a_server_that_is_starting(home: Path) -> None:
    home.mkdir()
    server = Server(home)
    command = [sys.executable, "-m", "lictor.cli.main", "server", "status", "--wait"]
    environment = {**clean_environment(), "PREFECT_HOME": str(home), "PREFECT_API_URL": server.url}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as waiting, server:
        out, _ = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0
    assert out.startswith("status: available")


def test_options_win_over_settings_in_the_background_too(home: Path, lictor: Lictor) -> None:
    options = ["--no-ui", "--no-services", "--no-late-runs", "--no-scheduler", "--analytics-off"]
    started = lictor(
        "start", "-b", "--port", "0", "--keep-alive-timeout", "60", *options, PREFECT_SERVER_UI_ENABLED="1"
    )
    assert started.returncode == 0, started.stderr
    found = running(str(home))
    assert found is not None
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(found.url.removesuffix("/api") + "/", timeout=PATIENCE)


def test_several_processes_need_postgresql(home: Path, lictor: Lictor) -> None:
    for options in ([], ["--background"]):
        done = lictor("start", "--port", "0", "--workers", "2", *options)
        assert done.returncode == 1
        assert "2 worker processes need PostgreSQL" in done.stderr
        assert done.stderr.count("Error: ") == 1
        assert "Traceback" not in done.stderr
    assert not (home / "lictor.db").exists()


def test_a_database_in_memory_is_gone_when_the_server_ends(home: Path, lictor: Lictor) -> None:
    flow = "from lictor import flow\n@flow\ndef f():\n    return 1\nassert f() == 1"
    environment = {**clean_environment(), "PREFECT_HOME": str(home), "PREFECT_PROFILE": "test", "TMPDIR": f"{home}"}
    home.mkdir()

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True)

    ran("-c", flow)
    listed = json.loads(ran("-m", "lictor.cli.main", "flow-run", "ls", "-o", "json").stdout)
    assert [run["state_type"] for run in listed] == ["COMPLETED"]
    assert lictor("stop").returncode == 0
    assert not (home / "lictor.db").exists()
    assert not [each for each in home.iterdir() if each.is_dir() and each.name.startswith("lictor-")]
    ran("-m", "lictor.cli.main", "server", "start", "-b", "--port", "0")
    assert json.loads(ran("-m", "lictor.cli.main", "flow-run", "ls", "-o", "json").stdout) == []


def test_several_processes_share_a_socket(home: Path, lictor: Lictor, cluster: Cluster) -> None:
    with cluster.database() as name:
        settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"{cluster.origin}/{name}"}
        started = lictor("start", "-b", "--port", "0", "--workers", "2", **settings)
        assert started.returncode == 0, started.stderr
        found = running(str(home))
        assert found is not None
        before = children_of(found.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        while len(after := children_of(found.pid)) < 2 or before[0] in after:
            time.sleep(0.05)
        assert lictor("status", "--wait", "--timeout", "60").returncode == 0
        again = lictor("services", "start", "-b", **settings)
        assert again.returncode == 0, again.stderr
        assert lictor("stop").returncode == 0
        for pid in after:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        twice = lictor("services", "enable", **settings)
        assert (twice.returncode, "`lictor server services stop`" in twice.stderr) == (1, True)
        assert "have ended" in lictor("services", "disable").stdout
        assert "No services" in lictor("services", "stop").stdout


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_services_that_cannot_run_say_why(home: Path, lictor: Lictor) -> None:
    assert lictor("start", "-b", "--port", "0").returncode == 0
    for options in ([], ["--background"]):
        done = lictor("services", "start", *options)
        assert done.returncode == 1
        assert "is in use by another server" in done.stderr
        assert "Traceback" not in done.stderr
    assert (
        lictor("services", "list").stdout
        == lictor("services", "ls").stdout
        == lictor("services", "list-services").stdout
    )
