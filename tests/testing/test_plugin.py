"""The plugin of pytest: light for everybody, and a server, a clock and a client for those who ask."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import ROOT
from tests.running import clean_environment
from tests.sdk.test_imports import loaded_by

TESTS = """
import pytest
from lictor import flow, get_client, task
from lictor.client.errors import HTTPStatusError
from lictor.wire.operations import flow_run, task_run

@task(retries=2, retry_delay_seconds=3600)
def late(tries):
    tries.append(1)
    if len(tries) < 3:
        raise ValueError("not yet")
    return len(tries)

@flow
def outer():
    return late([])

def count(client):
    return client(flow_run.COUNT(flow_run.ReadFlowRuns()))

def test_a_flow_runs(lictor_server, lictor_client):
    assert outer() == 3
    assert count(lictor_client) == 1
    assert len(lictor_client(task_run.FILTER(task_run.ReadTaskRuns()))) == 1

def test_the_next_test_has_another_server(lictor_client):
    assert count(lictor_client) == 0

@pytest.mark.parametrize("before", [0, 1])
def test_a_session_has_one(lictor_session_server, before):
    with get_client(sync_client=True) as client:
        assert count(client) == before
    outer()

def test_both_at_once(lictor_session_server, lictor_client):
    assert count(lictor_client) == 0

def test_the_clock_turns(lictor_clock, lictor_server):
    began = lictor_clock.now()
    lictor_clock.move(days=1)
    assert (lictor_clock.now() - began).days == 1
    assert lictor_server.clock is lictor_clock

@pytest.mark.lictor_server(settings={"PREFECT_SERVER_API_AUTH_STRING": "a:b"})
def test_a_marker_has_options(lictor_client):
    with pytest.raises(HTTPStatusError, match="401"):
        count(lictor_client)
"""


def run(folder: Path, *options: str) -> subprocess.Popen[str]:
    (folder / "test_flows.py").write_text(TESTS)
    home = folder / "real"
    environment = {
        **clean_environment(),
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "--strict-markers", "-p", "lictor.testing.plugin", *options, str(folder)]
    return subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True)


def test_tests_use_the_fixtures_in_several_processes_at_once(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    for folder, running in [(folder, run(folder)) for folder in folders]:
        said, _ = running.communicate(timeout=300)
        assert "7 passed" in said, said
        assert not (folder / "real").exists()


def test_those_who_do_not_use_it_load_nothing_of_it() -> None:
    loaded = loaded_by("import pytest, lictor.testing.plugin") - loaded_by("import pytest")
    assert {name for name in loaded if name.startswith("lictor")} == {
        "lictor",
        "lictor.testing",
        "lictor.testing.plugin",
    }
    assert loaded.isdisjoint({"httpx", "pydantic", "starlette", "sqlite3", "msgspec"})


def test_the_package_says_that_it_has_a_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"lictor": "lictor.testing.plugin"}
