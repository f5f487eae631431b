"""Runs that pause, or leave their process, give back and leave behind the same with both SDKs."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.reference.reading import Reader
from tests.reference.test_stories import PATIENCE, without_words
from tests.running import Server

Run = Callable[..., subprocess.CompletedProcess[str]]

PAUSING = ("plain", "typed", "value", "twice", "late", "retried", "in-task", "undeployed", "async")
SUSPENDING = ("suspend-plain", "suspend-twice", "suspend-async")


def left(server: Server, name: str) -> list[dict[str, Any]]:
    """Return what is kept of a flow's runs, with their inputs."""
    reader = Reader(server.url)
    wanted = {"flows": {"name": {"any_": [name]}}, "sort": "EXPECTED_START_TIME_ASC"}
    ids = [run["id"] for run in reader.post("/flow_runs/filter", wanted)]
    return [
        without_words(run) | {"inputs": inputs(reader, run_id)}
        for run_id, run in zip(ids, reader.flow(name), strict=True)
    ]


def inputs(reader: Reader, run_id: str) -> dict[str, Any]:
    """Return the inputs of a run by their keys."""
    found = reader.post(f"/flow_runs/{run_id}/input/filter", {"prefix": "", "limit": 50})
    return {each["key"]: json.loads(each["value"]) for each in found}


def said(done: subprocess.CompletedProcess[str]) -> Any:
    """Return what a script printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def paused(run: Run, lictor_server: Server, other_lictor_server: Server) -> tuple[Any, Any]:
    """What the flows that pause gave back, with our SDK and with the reference's."""
    with ThreadPoolExecutor(2) as pool:
        ours = pool.submit(run, "lictor", other_lictor_server, "pauses.py")
        theirs = pool.submit(run, "prefect", lictor_server, "pauses.py")
        return said(ours.result()), said(theirs.result())


def test_pauses_give_back_the_same(paused: tuple[Any, Any]) -> None:
    assert paused[0] == paused[1]


@pytest.mark.parametrize("name", PAUSING)
def test_a_pause_leaves_the_same(
    paused: tuple[Any, Any], lictor_server: Server, other_lictor_server: Server, name: str
) -> None:
    ours, theirs = left(other_lictor_server, f"pause-{name}"), left(lictor_server, f"pause-{name}")
    assert ours
    assert ours == theirs


@pytest.fixture(scope="module")
def suspended(run: Run, reference_server: Server) -> tuple[Any, Any]:
    """What runs of deployments gave back, with our SDK and then with the reference's."""
    return said(run("lictor", reference_server, "suspends.py")), said(run("prefect", reference_server, "suspends.py"))


def test_suspensions_give_back_the_same(suspended: tuple[Any, Any]) -> None:
    assert suspended[0] == suspended[1]


@pytest.mark.parametrize("name", SUSPENDING)
def test_a_suspension_leaves_the_same(suspended: tuple[Any, Any], reference_server: Server, name: str) -> None:
    until = time.monotonic() + PATIENCE  # the reference keeps events a while
    while True:
        ours, theirs = left(reference_server, name)
        if ours == theirs or time.monotonic() > until:
            break
        time.sleep(0.5)
    assert ours == theirs


@pytest.mark.parametrize("place", ["lictor_server", "reference_server"])
@pytest.mark.parametrize(("asking", "answering"), [("lictor", "prefect"), ("prefect", "lictor")])
def test_flows_of_both_sdks_talk(
    start: Callable[..., subprocess.Popen[str]],
    request: pytest.FixtureRequest,
    place: str,
    asking: str,
    answering: str,
) -> None:
    server = request.getfixturevalue(place)
    asks = start(asking, server, "talks.py", "asks")
    assert asks.stdout is not None
    run_id = asks.stdout.readline().strip()
    answers = start(answering, server, "talks.py", "answers", run_id)
    assert answers.communicate(timeout=480)[0].strip() == "2"
    assert asks.communicate(timeout=480)[0].strip() == '[2, 3, 7, ["a", "b"]]'
