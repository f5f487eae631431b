"""`lictor artifact`, called as people and scripts call it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.cli.test_commands import UNKNOWN, Lictor, lictor, server
from tests.running import Server

__all__ = ["lictor", "server"]


def said(lictor: Lictor, *words: str) -> str:
    done = lictor("artifact", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make(server: Server, **fields: Any) -> str:
    made: str = httpx.post(f"{server.url}/artifacts/", json=fields).raise_for_status().json()["id"]
    return made


def test_artifacts_are_listed_shown_and_deleted(lictor: Lictor, server: Server) -> None:
    assert "no artifacts with a key yet" in said(lictor, "ls")
    first = make(server, key="report", type="markdown", data="one", description="Quality")
    second = make(server, key="report", type="markdown", data="two")
    bare = make(server, type="table")
    listed = json.loads(said(lictor, "ls", "-o", "json"))
    assert [(each["key"], each["latest_id"]) for each in listed] == [("report", second)]
    assert {each["id"] for each in json.loads(said(lictor, "ls", "--all", "-o", "json"))} == {first, second, bare}
    assert second in said(lictor, "ls")
    assert [each["data"] for each in json.loads(said(lictor, "inspect", "report", "-o", "json"))] == ["two", "one"]
    assert "Quality" in said(lictor, "inspect", "report")
    said(lictor, "delete", "--id", bare)
    assert "Deleted 2 artifacts with the key 'report'." in said(lictor, "delete", "report")
    assert "There are no artifacts yet." in said(lictor, "ls", "--all")


@pytest.mark.parametrize("words", [("inspect", "nothing"), ("delete", "nothing"), ("delete", "--id", UNKNOWN)])
def test_an_artifact_that_is_none_is_one_clear_line(lictor: Lictor, words: tuple[str, ...]) -> None:
    done = lictor("artifact", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: There is no artifact ")
    assert done.stderr.count("\n") == 1


def test_deleting_wants_to_know_what(lictor: Lictor) -> None:
    assert "Say which" in lictor("artifact", "delete").stderr
