"""`lictor task-run` and `lictor flow`, called as people and scripts call them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.cli.test_commands import UNKNOWN, lictor, run, server
from tests.running import Server

__all__ = ["lictor", "run", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def task(server: Server, run: dict[str, Any]) -> dict[str, Any]:
    http = httpx.Client(base_url=server.url)
    body = {"flow_run_id": run["id"], "task_key": "load", "dynamic_key": "0", "name": "load-0"}
    made: dict[str, Any] = http.post("/task_runs/", json={**body, "state": {"type": "RUNNING"}}).json()
    state = {"type": "FAILED", "message": "disk full"}
    http.post(f"/task_runs/{made['id']}/set_state", json={"state": state, "force": True}).raise_for_status()
    http.post("/task_runs/", json={**body, "name": "load-1", "dynamic_key": "1"}).raise_for_status()
    line = {"name": "n", "level": 40, "timestamp": "2026-11-25T22:40:00Z", "flow_run_id": run["id"]}
    http.post("/logs/", json=[{**line, "message": f"task line {at}", "task_run_id": made["id"]} for at in range(3)])
    return made


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], {"load-0", "load-1"}),
        (["--state", "failed"], {"load-0"}),
        (["--state-type", "FAILED"], {"load-0"}),
        (["--task-run-name", "load-1"], {"load-1"}),
        (["--flow-run-id", UNKNOWN], set()),
    ],
)
def test_task_runs_are_listed(lictor: Lictor, task: dict[str, Any], options: list[str], names: set[str]) -> None:
    found = json.loads(lictor("task-run", "ls", *options, "--output", "json").stdout)
    assert {each["name"] for each in found} == names
    shown = lictor("task-run", "ls", *options).stdout
    assert all(name in shown for name in names or {"No task runs match."})


def test_a_table_fits_a_narrow_terminal(lictor: Lictor, task: dict[str, Any]) -> None:
    for words in (("task-run", "ls"), ("flow-run", "ls"), ("flow", "ls")):
        lines = lictor(*words, COLUMNS="80").stdout.splitlines()
        assert lines
        assert max(len(line) for line in lines) <= 80


def test_a_task_run_is_inspected(lictor: Lictor, task: dict[str, Any]) -> None:
    shown = lictor("task-run", "inspect", task["id"]).stdout
    for text in ("load-0", "Failed (FAILED)", "disk full", str(task["flow_run_id"])):
        assert text in shown
    assert json.loads(lictor("task-run", "inspect", task["id"], "-o", "json").stdout)["id"] == task["id"]


@pytest.mark.parametrize(("options", "count"), [([], 3), (["-t", "-n", "2"], 2), (["--follow"], 3)])
def test_a_task_runs_log_is_printed(lictor: Lictor, task: dict[str, Any], options: list[str], count: int) -> None:
    lines = lictor("task-run", "logs", task["id"], *options).stdout.splitlines()
    assert len(lines) == count
    assert all("| ERROR   | task line" in line for line in lines)


@pytest.mark.parametrize("verb", ["inspect", "logs"])
def test_what_is_not_there_is_one_clear_line(lictor: Lictor, verb: str) -> None:
    done = lictor("task-run", verb, UNKNOWN)
    assert (done.returncode, done.stderr) == (1, f"Error: The task run {UNKNOWN} does not exist on this server.\n")
    assert "`lictor task-run ls`" in lictor("task-run", verb, "abc").stderr


def test_flows_are_listed(lictor: Lictor, run: dict[str, Any]) -> None:
    assert "nightly" in lictor("flow", "ls").stdout
    (found,) = json.loads(lictor("flow", "ls", "--limit", "1", "-o", "json").stdout)
    assert found["name"] == "nightly"
