"""`lictor flow-run`, called as people and scripts call it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from lictor.cli.run_table import console, details_table, list_table
from tests.cli.test_commands import UNKNOWN, lictor, run, server
from tests.running import Server, clean_environment

__all__ = ["lictor", "run", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]


def create(server: Server, state: str, name: str | None = None) -> dict[str, Any]:
    flow = httpx.post(f"{server.url}/flows/", json={"name": "by-hand"}).json()
    body = {"flow_id": flow["id"], "state": {"type": state}, "name": name or f"run-{uuid4()}"}
    made: dict[str, Any] = httpx.post(f"{server.url}/flow_runs/", json=body).raise_for_status().json()
    return made


def enter(server: Server, run_id: str, state: str) -> None:
    body = {"state": {"type": state}, "force": True}
    httpx.post(f"{server.url}/flow_runs/{run_id}/set_state", json=body).raise_for_status()


def started(server: Server, *words: str, stderr: int | None = None) -> subprocess.Popen[str]:
    settings = {"PREFECT_HOME": str(server.home / "client"), "PREFECT_API_URL": server.url, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "lictor.cli.main", *words]
    environment = {**clean_environment(), **settings}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True)


@pytest.mark.parametrize(
    ("options", "first", "last", "count"),
    [
        ([], 0, 29, 30),
        (["--head"], 0, 19, 20),
        (["--tail"], 10, 29, 20),
        (["-t", "-n", "3"], 27, 29, 3),
        (["-h", "-n", "3"], 0, 2, 3),
        (["-n", "4"], 0, 3, 4),
        (["--reverse"], 29, 0, 30),
        (["-r", "--tail", "-n", "2"], 29, 28, 2),
        (["--follow", "-n", "2"], 28, 29, 2),
        (["--follow"], 0, 29, 30),
    ],
)
def test_the_part_of_a_log_that_is_asked_for(
    lictor: Lictor, run: dict[str, Any], options: list[str], first: int, last: int, count: int
) -> None:
    lines = lictor("flow-run", "logs", run["id"], *options).stdout.splitlines()
    assert len(lines) == count
    assert lines[0].endswith(f"| line {first}")
    assert lines[-1].endswith(f"| line {last}")


def test_a_log_is_followed_until_the_run_ends(server: Server) -> None:
    made = create(server, "RUNNING")
    with started(server, "flow-run", "logs", made["id"], "--follow", "-o", "json") as following:
        assert following.stdout is not None
        for text in ("one", "two"):
            line = {"name": "n", "level": 20, "message": text, "timestamp": "2026-11-25T22:40:00Z"}
            httpx.post(f"{server.url}/logs/", json=[{**line, "flow_run_id": made["id"]}]).raise_for_status()
            assert json.loads(following.stdout.readline())["message"] == text
        enter(server, made["id"], "COMPLETED")
        assert following.stdout.read() == ""
        assert following.wait(20) == 0


@pytest.mark.parametrize(("final", "code"), [("COMPLETED", 0), ("FAILED", 1), ("CRASHED", 1), ("CANCELLED", 1)])
def test_a_run_is_watched_until_it_ends(server: Server, final: str, code: int) -> None:
    made = create(server, "RUNNING")
    with started(server, "flow-run", "watch", made["id"]) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().endswith("| Running\n")
        enter(server, made["id"], final)
        assert watching.stdout.read().endswith(f"| {final.capitalize()}\n")
        assert watching.wait(20) == code


def test_a_terminal_shows_how_far_a_run_is(server: Server) -> None:
    made = create(server, "RUNNING")
    for number, state in enumerate(("COMPLETED", "FAILED", "RUNNING")):
        body = {"flow_run_id": made["id"], "task_key": "load", "dynamic_key": str(number), "state": {"type": state}}
        httpx.post(f"{server.url}/task_runs/", json=body).raise_for_status()
    ours, theirs = pty.openpty()
    with started(server, "flow-run", "watch", made["id"], stderr=theirs) as watching:
        os.close(theirs)
        shown = ""
        while "of 3 task runs are over" not in shown:
            shown += os.read(ours, 1000).decode()
        enter(server, made["id"], "COMPLETED")
        assert watching.stdout is not None
        assert "task runs" not in watching.stdout.read()
        assert watching.wait(60) == 0
    os.close(ours)
    assert "\r\x1b[K2 of 3 task runs are over" in shown


def test_watching_ends_in_time(lictor: Lictor, server: Server) -> None:
    made = create(server, "RUNNING", "slow")
    done = lictor("flow-run", "watch", made["id"], "--timeout", "0.1")
    assert (done.returncode, done.stderr) == (1, "Error: Flow run 'slow' is Running after 0.1 seconds.\n")


@pytest.mark.parametrize(("before", "after"), [("RUNNING", "CANCELLING"), ("SCHEDULED", "CANCELLED")])
def test_a_run_is_cancelled(lictor: Lictor, server: Server, before: str, after: str) -> None:
    made = create(server, before)
    done = lictor("flow-run", "cancel", made["id"])
    assert done.stdout == f"Flow run {made['id']} is {after.capitalize()} now.\n", done.stderr
    assert httpx.get(f"{server.url}/flow_runs/{made['id']}").json()["state_type"] == after


def test_a_run_is_deleted(lictor: Lictor, server: Server) -> None:
    made = create(server, "COMPLETED")
    assert lictor("flow-run", "delete", made["id"], "--yes").returncode == 0
    assert httpx.get(f"{server.url}/flow_runs/{made['id']}").status_code == 404


def test_runs_are_listed_by_their_tags(lictor: Lictor, server: Server) -> None:
    flow_id = httpx.post(f"{server.url}/flows/", json={"name": "tagged"}).json()["id"]
    for tags in (["a"], ["a", "b"]):
        httpx.post(f"{server.url}/flow_runs/", json={"flow_id": flow_id, "tags": tags}).raise_for_status()

    def listed(*words: str) -> list[list[str]]:
        done = lictor("flow-run", "ls", "--flow-name", "tagged", *words, "-o", "json")
        return sorted(run["tags"] for run in json.loads(done.stdout))

    assert listed("--tag", "a") == [["a"], ["a", "b"]]
    assert listed("--tag", "b", "--tag", "a", "--state-type", "pending") == [["a", "b"]]
    assert listed("--tag", "c") == []


def test_runs_are_listed_by_the_type_of_their_state(lictor: Lictor, server: Server) -> None:
    made = create(server, "CRASHED")
    words = ("flow-run", "ls", "--flow-name", "by-hand", "-o", "json", "--state-type", "crashed")
    assert made["id"] in [each["id"] for each in json.loads(lictor(*words).stdout)]
    assert json.loads(lictor(*words, "--state", "Running").stdout) == []


AGAIN = """
import asyncio
import sys
from pathlib import Path
from lictor import flow

@flow(log_prints=True)
def report(city: str, *more: str, times: int = 2):
    print(f"{city} {times} {more}")
    if not Path(__file__).with_name("mended").exists():
        raise ValueError("not yet")

@flow
async def later(number: int):
    if not Path(__file__).with_name("mended").exists():
        raise ValueError("not yet")

@flow
def steps(number: int):
    for each in range(number):
        yield each
    if not Path(__file__).with_name("mended").exists():
        raise ValueError("not yet")

if __name__ == "__main__":
    for begin in (lambda: report("Rome", "Ostia"), lambda: asyncio.run(later(1)), lambda: list(steps(2))):
        try:
            begin()
        except ValueError:
            pass
"""


def test_runs_without_a_deployment_run_again_here(lictor: Lictor, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "again.py"
    file.write_text(AGAIN)
    settings = {"PREFECT_HOME": str(server.home / "client"), "PREFECT_API_URL": server.url}
    subprocess.run([sys.executable, str(file)], env={**clean_environment(), **settings}, check=True)
    for name in ("report", "later", "steps"):
        filters = {"flows": {"name": {"any_": [name]}}}
        (made,) = httpx.post(f"{server.url}/flow_runs/filter", json=filters).json()
        words = ("flow-run", "retry", made["id"], "--entrypoint", f"{file}:{name}")
        (tmp_path / "mended").unlink(missing_ok=True)
        assert lictor(*words).returncode == 1
        (tmp_path / "mended").touch()
        done = lictor(*words, "-o", "json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["id"], found["state_type"], found["run_count"]) == (made["id"], "COMPLETED", 3)
        assert found["parameters"] == made["parameters"]
        history = httpx.get(f"{server.url}/flow_run_states/", params={"flow_run_id": made["id"]}).json()
        again = ["SCHEDULED", "PENDING", "RUNNING"]
        assert [each["type"] for each in history] == [
            *("PENDING", "RUNNING", "FAILED"),
            *(*again, "FAILED"),
            *(*again, "COMPLETED"),
        ]


def test_runs_that_wait_run_here(lictor: Lictor, server: Server, tmp_path: Path) -> None:
    (tmp_path / "waits.py").write_text("from lictor import flow\n@flow\ndef waits(n: int = 1): assert n < 5\n")
    flow = httpx.post(f"{server.url}/flows/", json={"name": "waits"}).json()["id"]
    body = {"name": "here", "flow_id": flow, "entrypoint": "waits.py:waits", "path": str(tmp_path)}
    deployment = httpx.post(f"{server.url}/deployments/", json=body).json()["id"]

    def made(**parameters: Any) -> str:
        path = f"{server.url}/deployments/{deployment}/create_flow_run"
        return str(httpx.post(path, json={"parameters": parameters}).json()["id"])

    done = lictor("flow-run", "execute", made(n=2), "-o", "json")
    assert (done.returncode, json.loads(done.stdout)["state_type"]) == (0, "COMPLETED"), done.stderr
    assert lictor("flow-run", "execute", made(n=7)).returncode == 1
    elsewhere = made()
    done = lictor("flow-run", "execute", elsewhere, "--entrypoint", f"{tmp_path}/waits.py:nothing")
    assert done.returncode == 1
    found = httpx.get(f"{server.url}/flow_runs/{elsewhere}").json()["state"]
    assert "has no flow 'nothing'; it has waits" in found["message"]
    done = lictor("flow-run", "execute", elsewhere)
    assert "is Crashed: `lictor flow-run retry` runs it again." in done.stderr
    alone = httpx.post(f"{server.url}/flow_runs/", json={"flow_id": flow, "state": {"type": "SCHEDULED"}}).json()["id"]
    done = lictor("flow-run", "execute", alone)
    assert "has no deployment that says where its flow is: give an entrypoint" in done.stderr


REFUSED: dict[str, tuple[list[str], str]] = {
    "both ends": (["logs", UNKNOWN, "--head", "--tail"], "--head and --tail exclude each other"),
    "back and forth": (["logs", UNKNOWN, "--follow", "--reverse"], "leave out --head and --reverse"),
    "follow nothing": (["logs", UNKNOWN, "--follow"], "does not exist on this server"),
    "watch nothing": (["watch", UNKNOWN], "does not exist on this server"),
    "cancel nothing": (["cancel", UNKNOWN], "does not exist on this server"),
    "delete nothing": (["delete", UNKNOWN], "does not exist on this server"),
    "retry nothing": (["retry", UNKNOWN], "does not exist on this server"),
    "retry no name": (["retry", "nobody"], "No flow run is named 'nobody'"),
    "retry what runs": (["retry", "busy"], "only runs that have ended"),
    "retry without deployment": (["retry", "alone"], "has no deployment"),
    "retry no file": (["retry", "alone", "-e", "gone.py:f"], "There is no file 'gone.py'"),
    "retry no function": (["retry", "alone", "-e", "gone.py"], "names no flow"),
    "retry no flow": (["retry", "alone", "-e", f"{__file__}:create"], "has no flow 'create'; it has none"),
    "retry twins": (["retry", "twin"], "Several flow runs are named 'twin'"),
    "cancel what ended": (["cancel", "<ended>"], "cannot be cancelled"),
}


@pytest.fixture(scope="module")
def ended(server: Server) -> str:
    create(server, "RUNNING", "busy")
    create(server, "FAILED", "twin")
    create(server, "FAILED", "twin")
    return str(create(server, "FAILED", "alone")["id"])


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_one_clear_line(lictor: Lictor, ended: str, case: str) -> None:
    words, text = REFUSED[case]
    done = lictor("flow-run", *(ended if word == "<ended>" else word for word in words))
    assert (done.returncode, done.stdout) == (1, "")
    assert text in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_why_a_run_does_not_run(lictor: Lictor, server: Server) -> None:
    run_id = create(server, "SCHEDULED")["id"]
    said = lictor("flow-run", "why", run_id)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("It belongs to no work pool")
    (cause,) = json.loads(lictor("flow-run", "why", run_id, "-o", "json").stdout)["causes"]
    assert cause["kind"] == "no_work_pool"
    missing = lictor("flow-run", "why", str(uuid4()))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "does not exist on this server" in missing.stderr


def test_what_others_named_commands_no_terminal() -> None:
    shown, name = console(), "a\nb\x1b[2J"
    with shown.capture() as got:
        shown.print(list_table(("Name", "Value"), [[name, name]]))
        shown.print(details_table(name, {"Name": name}))
    said = got.get()
    assert "\x1b" not in said
    assert said.count(r"\x1b[2J") == 4
    assert r"a\nb" in said
