"""What the reference's client, its subscribers and its commands read and change on Lictor is what its own server gives."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import at_once
from tests.running import Server

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
Read = Callable[[Server], dict[str, Any]]

ITS_OWN = "run id"


@pytest.fixture(scope="session")
def read(run: Run) -> Read:
    """Let the reference's client make, read and change runs on a server, once each, and return what it was told."""
    known: dict[str, dict[str, Any]] = {}

    def read(server: Server) -> dict[str, Any]:
        if server.url not in known:
            done = run("prefect", server, "reads.py")
            assert done.returncode == 0, done.stderr
            known[server.url] = json.loads(done.stdout.splitlines()[-1])
        return known[server.url]

    return read


def test_the_client_is_told_the_same(read: Read, lictor_server: Server, reference_server: Server) -> None:
    ours, theirs = at_once(read, lictor_server, reference_server)
    assert len(ours) > 80
    assert {name: ours[name] for name in ours if name != ITS_OWN} == {
        name: theirs[name] for name in theirs if name != ITS_OWN
    }


COMMANDS = {
    "flow-run ls --limit 200": ["reads-2", "COMPLETED"],
    "flow-run inspect {}": ["reads-2", "COMPLETED", "outside"],
    "flow-run logs {}": ["from the flow", "from the task"],
    "flow ls": ["reads-other"],
    "task-run ls --limit 200": ["second", "FAILED"],
}


def test_the_references_commands_read_lictor(read: Read, start: Start, lictor_server: Server) -> None:
    run_id = read(lictor_server)[ITS_OWN]
    asked = {words: start("prefect", lictor_server, None, *words.format(run_id).split()) for words in COMMANDS}
    for words, process in asked.items():
        said, wrong = process.communicate(timeout=120)
        assert process.returncode == 0, wrong
        assert [each for each in COMMANDS[words] if each not in said] == []


def test_lictors_commands_read_the_reference(read: Read, start: Start, reference_server: Server) -> None:
    run_id = read(reference_server)[ITS_OWN]
    answers = {}
    for words in ("ls --limit 200 --flow-name reads", "inspect {}", "logs {}"):
        given = ["flow-run", *words.format(run_id).split(), "--output", "json"]
        process = start("lictor", reference_server, None, *given)
        said, wrong = process.communicate(timeout=120)
        assert process.returncode == 0, wrong
        answers[words] = json.loads(said)
    assert "reads-2" in [each["name"] for each in answers["ls --limit 200 --flow-name reads"]]
    assert answers["inspect {}"]["id"] == run_id
    assert "from the task" in [each["message"] for each in answers["logs {}"]]
