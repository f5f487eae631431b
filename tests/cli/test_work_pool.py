"""`lictor work-pool` and `lictor work-queue`, called as people and scripts call them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.test_commands import lictor, server
from tests.running import Server

__all__ = ["lictor", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]
TEMPLATE = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}}


def said(lictor: Lictor, *words: str) -> str:
    done = lictor(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(lictor: Lictor, *words: str) -> Any:
    return json.loads(said(lictor, *words, "--output", "json"))


def waiting(server: Server, pool: str, queue: str | None = None, **state: Any) -> str:
    """Make a scheduled run of a pool, and return its id."""
    flow = httpx.post(f"{server.url}/flows/", json={"name": "flow"}).json()["id"]
    body = {"flow_id": flow, "name": f"run of {queue}", "work_pool_name": pool, "work_queue_name": queue}
    made = httpx.post(f"{server.url}/flow_runs/", json={**body, "state": {"type": "SCHEDULED", **state}})
    return str(made.raise_for_status().json()["id"])


def test_a_pool_is_made_changed_and_deleted(lictor: Lictor, server: Server, tmp_path: Path) -> None:
    assert "There are no work pools yet" in said(lictor, "work-pool", "ls")
    template = tmp_path / "template.json"
    template.write_text(json.dumps(TEMPLATE))
    assert "waits for a worker" in said(lictor, "work-pool", "create", "a pool", "-t", "docker", "--paused")
    done = lictor("work-pool", "create", "a pool")
    assert (done.returncode, done.stderr) == (1, "Error: A work pool with this name already exists.\n")
    said(lictor, "work-pool", "create", "a pool", "--overwrite", "--base-job-template", str(template))
    said(lictor, "work-pool", "update", "a pool", "--description", "mine", "--concurrency-limit", "2")
    pool = as_json(lictor, "work-pool", "inspect", "a pool")
    assert (pool["type"], pool["is_paused"], pool["description"]) == ("docker", False, "mine")
    assert (pool["base_job_template"], pool["concurrency_limit"]) == (TEMPLATE, 2)
    said(lictor, "work-pool", "set-concurrency-limit", "a pool", "3")
    said(lictor, "work-pool", "pause", "a pool")
    listed = said(lictor, "work-pool", "ls")
    assert "paused" in listed
    assert "No worker has served this pool yet." in said(lictor, "work-pool", "inspect", "a pool")
    said(lictor, "work-pool", "resume", "a pool")
    said(lictor, "work-pool", "clear-concurrency-limit", "a pool")
    (pool,) = as_json(lictor, "work-pool", "ls")
    assert (pool["is_paused"], pool["concurrency_limit"]) == (False, None)
    httpx.post(f"{server.url}/work_pools/a%20pool/workers/heartbeat", json={"name": "worker 1"}).raise_for_status()
    assert "worker 1" in said(lictor, "work-pool", "inspect", "a pool")
    said(lictor, "work-pool", "delete", "a pool")
    assert as_json(lictor, "work-pool", "ls") == []


def test_a_pool_has_the_usual_template_of_its_type(lictor: Lictor, server: Server, tmp_path: Path) -> None:
    usual = json.loads(said(lictor, "work-pool", "get-default-base-job-template", "-t", "process"))
    assert usual["job_configuration"]["command"] == "{{ command }}"
    file = tmp_path / "template.json"
    said(lictor, "work-pool", "get-default-base-job-template", "--type", "process", "--file", str(file))
    assert json.loads(file.read_text()) == usual
    said(lictor, "work-pool", "create", "usual")
    assert as_json(lictor, "work-pool", "inspect", "usual")["base_job_template"] == usual
    said(lictor, "work-pool", "delete", "usual")
    done = lictor("work-pool", "get-default-base-job-template", "-t", "moon")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there are: docker" in done.stderr


def test_queues_are_made_changed_and_deleted(lictor: Lictor, server: Server) -> None:
    said(lictor, "work-pool", "create", "pool")
    of_pool = ("--pool", "pool")
    assert "has priority 1" in said(lictor, "work-queue", "create", "urgent", "-q", "1", "-l", "2", *of_pool)
    assert [each["name"] for each in as_json(lictor, "work-queue", "ls", *of_pool)] == ["urgent", "default"]
    assert [each["name"] for each in as_json(lictor, "work-queue", "ls", "-m", "urg")] == ["urgent"]
    said(lictor, "work-queue", "pause", "urgent", *of_pool)
    queue = as_json(lictor, "work-queue", "inspect", "urgent", *of_pool)
    assert (queue["status"], queue["concurrency_limit"], queue["active_slots"]) == ("PAUSED", 2, 0)
    assert "never" in said(lictor, "work-queue", "inspect", queue["id"])
    httpx.patch(f"{server.url}/work_queues/{queue['id']}", json={"description": "for people"}).raise_for_status()
    assert "for people" not in said(lictor, "work-queue", "ls", *of_pool)
    assert "for people" in said(lictor, "work-queue", "ls", "--verbose", *of_pool)
    said(lictor, "work-queue", "resume", queue["id"])
    said(lictor, "work-queue", "set-concurrency-limit", "urgent", "5", *of_pool)
    said(lictor, "work-queue", "clear-concurrency-limit", "urgent", *of_pool)
    assert as_json(lictor, "work-queue", "inspect", queue["id"])["concurrency_limit"] is None
    done = lictor("work-queue", "delete", "default", *of_pool)
    assert done.returncode == 1
    assert "default queue" in done.stderr
    said(lictor, "work-queue", "delete", "urgent", *of_pool)
    assert "priority" in said(lictor, "work-queue", "create", "for agents")
    assert as_json(lictor, "work-queue", "inspect", "for agents")["work_pool_name"] == "default-agent-pool"
    said(lictor, "work-pool", "delete", "pool")


def test_what_waits_and_what_holds_slots_is_shown(lictor: Lictor, server: Server) -> None:
    said(lictor, "work-pool", "create", "waits")
    said(lictor, "work-queue", "create", "q", "-p", "waits")
    assert "No run may start within 1 h" in said(lictor, "work-pool", "preview", "waits")
    run = waiting(server, "waits", "q")
    assert run in said(lictor, "work-pool", "preview", "waits")
    assert [each["id"] for each in as_json(lictor, "work-queue", "preview", "q", "-p", "waits")] == [run]
    assert run in said(lictor, "work-queue", "read-runs", "q", "-p", "waits")
    pending = {"state": {"type": "PENDING"}}
    httpx.post(f"{server.url}/flow_runs/{run}/set_state", json=pending).raise_for_status()
    assert run in said(lictor, "work-pool", "slots", "waits")
    assert "1 slots are in use; the limit is none." in said(lictor, "work-queue", "slots", "q", "-p", "waits")
    said(lictor, "work-pool", "delete", "waits")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("work-pool", "inspect", "none"), "Work pool 'none' does not exist on this server."),
        (("work-pool", "pause", "none"), "Work pool 'none' does not exist on this server."),
        (
            ("work-queue", "pause", "q", "-p", "none"),
            "Work queue 'q' of work pool 'none' does not exist on this server.",
        ),
        (("work-queue", "ls", "-p", "none"), "Work pool 'none' does not exist on this server."),
        (("work-queue", "create", "q", "-p", "none"), "Work pool 'none' does not exist on this server."),
        (("work-pool", "create", "Prefect pool"), "choose another name"),
        (("work-pool", "create", "x", "--base-job-template", "/nowhere"), "name a JSON file"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(lictor: Lictor, words: tuple[str, ...], reason: str) -> None:
    done = lictor(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_change_of_nothing_is_refused(lictor: Lictor) -> None:
    assert lictor("work-pool", "update", "x").returncode == 2
