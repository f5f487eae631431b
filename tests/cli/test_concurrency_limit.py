"""`lictor concurrency-limit`, called as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.cli.test_commands import lictor, server
from tests.running import Server

__all__ = ["lictor", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]


def said(lictor: Lictor, *words: str) -> str:
    done = lictor("concurrency-limit", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_limit_is_made_shown_and_removed(lictor: Lictor, server: Server) -> None:
    tag, run_id = "load/warehouse 1", str(uuid4())
    assert "No tag has a limit." in said(lictor, "ls")
    assert "at most 2 run" in said(lictor, "create", tag, "2")
    assert "at most 1 run" in said(lictor, "create", tag, "1")
    body = {"names": [tag], "task_run_id": run_id}
    httpx.post(f"{server.url}/concurrency_limits/increment", json=body).raise_for_status()
    (listed,) = json.loads(said(lictor, "ls", "--output", "json"))
    assert (listed["tag"], listed["concurrency_limit"], listed["active_slots"]) == (tag, 1, [run_id])
    assert tag in said(lictor, "ls")
    httpx.delete(f"{server.url}/concurrency_limits/{listed['id']}").raise_for_status()


def test_slots_are_given_back(lictor: Lictor, server: Server) -> None:
    run_id = str(uuid4())
    said(lictor, "create", "plain", "1")
    body = {"names": ["plain"], "task_run_id": run_id}
    httpx.post(f"{server.url}/concurrency_limits/increment", json=body).raise_for_status()
    assert f"Task run {run_id} holds a slot." in said(lictor, "inspect", "plain")
    said(lictor, "reset", "plain")
    assert json.loads(said(lictor, "inspect", "plain", "-o", "json"))["active_slots"] == []
    said(lictor, "delete", "plain")
    assert "No tag has a limit." in said(lictor, "ls")


@pytest.mark.parametrize("verb", ["inspect", "reset", "delete"])
def test_a_tag_without_a_limit_is_one_clear_line(lictor: Lictor, verb: str) -> None:
    done = lictor("concurrency-limit", verb, "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: Tag 'nothing' has no limit on this server.\n"


@pytest.mark.parametrize("limit", ["-1", "many"])
def test_what_is_no_limit_is_refused(lictor: Lictor, limit: str) -> None:
    assert lictor("concurrency-limit", "create", "plain", "--", limit).returncode == 2
