"""The command line, called as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lictor import __version__
from tests.running import Server, clean_environment, free_port

Lictor = Callable[..., subprocess.CompletedProcess[str]]
UNKNOWN = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def run(server: Server) -> dict[str, Any]:
    http = httpx.Client(base_url=server.url)
    flow = http.post("/flows/", json={"name": "nightly"}).json()
    body = {"flow_id": flow["id"], "name": "first-run", "parameters": {"x": 1}, "state": {"type": "RUNNING"}}
    made: dict[str, Any] = http.post("/flow_runs/", json=body).json()
    http.post(f"/flow_runs/{made['id']}/set_state", json={"state": {"type": "FAILED", "message": "no luck"}})
    stamps = [f"2026-11-25T22:40:{second:02}Z" for second in range(30)]
    lines = [
        {"name": "n", "level": 20, "message": f"line {at}", "timestamp": stamp, "flow_run_id": made["id"]}
        for at, stamp in enumerate(stamps)
    ]
    http.post("/logs/", json=lines)
    http.post("/flow_runs/", json={**body, "name": "second-run"})
    return made


@pytest.fixture
def lictor(server: Server, tmp_path: Path) -> Lictor:
    def call(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {"PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": server.url, "COLUMNS": "160", **environment}
        return subprocess.run(
            [sys.executable, "-m", "lictor.cli.main", *words],
            env={**clean_environment(), **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def test_the_version(lictor: Lictor, server: Server) -> None:
    assert lictor("--version").stdout == f"{__version__}\n"
    lines = lictor("version").stdout.splitlines()
    assert lines[0] == f"version: {__version__}"
    assert f"server: {server.url}" in lines
    told = json.loads(lictor("version", "--output", "json", PREFECT_API_URL="").stdout)
    assert (told["version"], told["profile"], told["server"]) == (__version__, "ephemeral", None)


def test_every_command_has_help_with_an_example(lictor: Lictor) -> None:
    commands = (("server", "start"), ("version",), ("flow-run", "ls"), ("flow-run", "inspect"), ("flow-run", "logs"))
    for words in commands:
        done = lictor(*words, "--help")
        assert done.returncode == 0
        assert f"Example: lictor {' '.join(words)}" in done.stdout


def test_runs_are_listed(lictor: Lictor, run: dict[str, Any]) -> None:
    shown = lictor("flow-run", "ls").stdout
    for text in (run["id"], "nightly", "first-run", "second-run", "Failed", "Running", "ago"):
        assert text in shown
    named = [each["name"] for each in json.loads(lictor("flow-run", "ls", "--output", "json").stdout)]
    assert sorted(named) == ["first-run", "second-run"]


def test_a_group_answers_to_its_plural(lictor: Lictor, run: dict[str, Any]) -> None:
    assert lictor("flow-runs", "inspect", run["id"]).stdout == lictor("flow-run", "inspect", run["id"]).stdout


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--state", "failed"], ["first-run"]),
        (["--state", "Running"], ["second-run"]),
        (["--state", "Late"], []),
        (["--flow-name", "nightly", "--limit", "1"], None),
        (["--flow-name", "other"], []),
    ],
)
def test_runs_are_listed_by_what_is_asked(
    lictor: Lictor, run: dict[str, Any], options: list[str], names: list[str] | None
) -> None:
    found = json.loads(lictor("flow-run", "ls", *options, "--output", "json").stdout)
    if names is None:
        assert len(found) == 1
    else:
        assert [each["name"] for each in found] == names


def test_a_run_is_inspected(lictor: Lictor, run: dict[str, Any]) -> None:
    shown = lictor("flow-run", "inspect", run["id"]).stdout
    for text in ("first-run", "nightly", "Failed (FAILED)", "no luck", '{"x":1}'):
        assert text in shown
    assert json.loads(lictor("flow-run", "inspect", run["id"], "--output", "json").stdout)["state_type"] == "FAILED"


def test_a_log_is_printed(lictor: Lictor, run: dict[str, Any]) -> None:
    lines = lictor("flow-run", "logs", run["id"]).stdout.splitlines()
    assert len(lines) == 30
    assert lines[0].endswith("| INFO    | line 0")
    assert lictor("flow-run", "logs", run["id"], "-n", "2").stdout.splitlines()[1].endswith("line 1")
    tail = json.loads(lictor("flow-run", "logs", run["id"], "--tail", "-n", "2", "--output", "json").stdout)
    assert [line["message"] for line in tail] == ["line 28", "line 29"]


MISTAKES: dict[str, tuple[list[str], dict[str, str], int, str]] = {
    "no id": (["flow-run", "inspect", "abc"], {}, 2, "'abc' is no id"),
    "an unknown id": (["flow-run", "inspect", UNKNOWN], {}, 1, "does not exist on this server"),
    "an unknown id of logs": (["flow-run", "logs", UNKNOWN], {}, 1, "does not exist on this server"),
    "no server": (["flow-run", "ls"], {"PREFECT_API_URL": "http://127.0.0.1:1/api"}, 1, "lictor server start"),
    "no address": (["flow-run", "ls"], {"PREFECT_API_URL": "nonsense"}, 1, "PREFECT_API_URL"),
    "no API": (
        ["flow-run", "inspect", UNKNOWN],
        {"PREFECT_API_URL": "{origin}"},
        1,
        "must be the address of a server's API",
    ),
    "a profile that is none": (["--profile", "nope", "flow", "ls"], {}, 1, "the profile 'nope', which does not exist"),
    "a bad port": (["server", "start"], {"PREFECT_SERVER_API_PORT": "many"}, 1, "PREFECT_SERVER_API_PORT 'many'"),
    "a bad option": (["server", "start", "--port", "70000"], {}, 2, "--port"),
    "another database": (
        ["server", "start"],
        {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "mysql+aiomysql://me:secret@host/db"},
        1,
        "are not supported",
    ),
    "no command": (["flow-walks", "ls"], {}, 2, "No such command"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_said_in_a_line(lictor: Lictor, server: Server, case: str) -> None:
    words, environment, code, text = MISTAKES[case]
    done = lictor(*words, **{name: value.format(origin=server.origin) for name, value in environment.items()})
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_home_that_cannot_be_is_said_in_a_line(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = f"{tmp_path}/file/home"
    for words in (("server", "start", "-b"), ("profile", "create", "new"), ("flow-run", "ls")):
        done = lictor(*words, PREFECT_HOME=home, PREFECT_API_URL="")
        assert (done.returncode, done.stdout) == (1, ""), words
        (line,) = done.stderr.splitlines()
        assert line.startswith("Error: ")
        assert "Not a directory" in line


def test_what_nobody_foresaw_is_said_in_a_line_and_in_debug_mode_with_its_place(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_bytes(b"\xff")
    done = lictor("profile", "ls")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("Error: ")
    raised = subprocess.run(
        [sys.executable, "-c", "from lictor.cli import main; main.lictor = lambda **_: 1 / 0; main.main()"],
        env={**clean_environment(), "PREFECT_HOME": str(tmp_path / "home"), "PREFECT_DEBUG_MODE": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "ZeroDivisionError" in raised.stderr
    assert "Traceback" in raised.stderr


def test_options_that_count_everywhere_may_stand_behind_the_command(lictor: Lictor) -> None:
    assert lictor("profile", "create", "staging").returncode == 0
    for words in (["--profile", "staging", "profile", "ls"], ["profile", "ls", "--no-prompt", "--profile=staging"]):
        shown = json.loads(lictor(*words, "--output", "json").stdout)
        assert {"name": "staging", "active": True} in shown
    done = lictor("flow", "ls", "--profile", "nope")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the profile 'nope', which does not exist" in done.stderr
    assert "No such option '--profile'" in lictor("profile", "ls", "--profile").stderr


def test_wrong_credentials_are_said_in_a_line(lictor: Lictor) -> None:
    with Server(PREFECT_SERVER_API_AUTH_STRING="admin:a-long-password") as closed:
        for words in (("flow-run", "ls"), ("flow-run", "inspect", UNKNOWN)):
            done = lictor(*words, PREFECT_API_URL=closed.url, PREFECT_API_AUTH_STRING="admin:a-wrong-password")
            assert (done.returncode, done.stdout) == (1, "")
            (line,) = done.stderr.splitlines()
            assert line.startswith("Error: The server at 127.0.0.1:")
            assert "set PREFECT_API_AUTH_STRING or PREFECT_API_KEY" in line
            assert "password" not in line
        state = json.loads(lictor("server", "status", "-o", "json", PREFECT_API_URL=closed.url).stdout)
        assert state == {"status": "available", "api_url": closed.url, "credentials": "refused"}


def test_a_second_server_on_one_database_is_refused(lictor: Lictor, server: Server) -> None:
    done = lictor("server", "start", "--port", str(free_port()), PREFECT_HOME=str(server.home))
    assert done.returncode == 1
    assert str(server.pid) in done.stderr
    assert "Traceback" not in done.stderr


def test_the_reference_pages_are_fresh() -> None:
    done = subprocess.run([sys.executable, "scripts/docs", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
