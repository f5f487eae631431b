"""`lictor global-concurrency-limit`, called as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.cli.test_commands import lictor, server
from tests.running import Server

__all__ = ["lictor", "server"]

Lictor = Callable[..., subprocess.CompletedProcess[str]]


def said(lictor: Lictor, *words: str) -> str:
    done = lictor("gcl", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_limit_is_made_changed_shown_and_removed(lictor: Lictor, server: Server, tmp_path: Path) -> None:
    assert "There are no concurrency limits yet" in said(lictor, "ls")
    assert "with 2 slots" in said(lictor, "create", "database", "--limit", "2", "--slot-decay-per-second", "0.5")
    said(lictor, "update", "database", "-l", "3", "--slot-decay-per-second", "0", "--active-slots", "1")
    (listed,) = json.loads(said(lictor, "ls", "--output", "json"))
    assert (listed["name"], listed["limit"], listed["active_slots"], listed["active"]) == ("database", 3, 1, True)
    assert listed["slot_decay_per_second"] == 0.0
    assert "database" in said(lictor, "ls")
    said(lictor, "inspect", "database", "-o", "json", "--file", str(tmp_path / "limit.json"))
    assert json.loads((tmp_path / "limit.json").read_text()) == listed
    said(lictor, "disable", "database")
    assert json.loads(said(lictor, "inspect", "database", "-o", "json"))["active"] is False
    said(lictor, "enable", "database")
    said(lictor, "delete", "database")
    assert "There are no concurrency limits yet" in said(lictor, "ls")


def test_who_holds_slots_and_who_waits_is_shown(lictor: Lictor, server: Server) -> None:
    said(lictor, "create", "held", "--limit", "1")
    runs = [str(uuid4()), str(uuid4())]
    for run_id in runs:
        body = {"names": ["held"], "slots": 1, "holder": {"type": "flow_run", "id": run_id}}
        url = f"{server.url}/v2/concurrency_limits/increment-with-lease"
        httpx.post(url, json=body, headers={"Prefer": "wait=0"})
    shown = said(lictor, "inspect", "held")
    assert f"Flow run {runs[0]} holds a slot" in shown
    assert f"Flow run {runs[1]} waits for a slot" in shown
    said(lictor, "delete", "held")


@pytest.mark.parametrize("words", [("inspect",), ("delete",), ("enable",), ("disable",), ("update", "--limit", "1")])
def test_a_limit_that_is_not_there_is_one_clear_line(lictor: Lictor, words: tuple[str, ...]) -> None:
    done = lictor("global-concurrency-limit", words[0], "nothing", *words[1:])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: There is no concurrency limit 'nothing' on this server.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("create", "known"), "--limit"),
        (("create", "known", "--limit", "-1"), "-1"),
        (("create", "known", "--limit", "1"), "already"),
        (("create", "a/b", "--limit", "1"), "name"),
        (("update", "known"), "Say what to change"),
        (("update", "known", "--enable", "--disable"), "--enable or --disable"),
        (("enable", "known"), "on already"),
        (("inspect", "known", "--file", "x"), "--output json"),
    ],
)
def test_mistakes_are_told(lictor: Lictor, words: tuple[str, ...], why: str) -> None:
    lictor("gcl", "create", "known", "--limit", "1")
    done = lictor("gcl", *words)
    assert done.returncode != 0
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    lictor("gcl", "delete", "known")
