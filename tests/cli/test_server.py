"""`lictor server start --background`, `status` and `stop`, called as people call them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from lictor.kit import server_file
from lictor.kit.server_file import NAME, running
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
    assert lictor("start", "-b", "--port", "0").returncode == 0
    assert running(str(home)) is not None


def test_a_server_in_the_foreground_is_stopped_too(home: Path, lictor: Lictor) -> None:
    home.mkdir()
    with Server(home) as server:
        assert lictor("stop").stdout == f"The server {server.url} (process {server.pid}) has ended.\n"
        assert server.process is not None
        assert server.process.wait(PATIENCE) == 0
    assert f"Lictor listens on {server.url};" in server.log.read_text()


def test_what_keeps_a_server_in_the_background_from_starting_is_said(home: Path, lictor: Lictor) -> None:
    home.mkdir()
    with Server(home) as server:
        taken = lictor("start", "-b", "--port", str(server.port), PREFECT_HOME=f"{home}/other")
    assert taken.returncode == 1
    assert "The server did not start" in taken.stderr
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
