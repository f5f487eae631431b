"""The same flows, run by both SDKs against both servers, give back and leave behind the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.reference.conftest import at_once
from tests.reference.reading import Reader
from tests.running import Server

Told = Callable[[str, Server], dict[str, Any]]

FLOWS = (
    "story-simple",
    "story-logs",
    "story-mapped",
    "story-retried",
    "story-failing",
    "story-survives",
    "story-flow-retried",
    "story-parent",
    "story-child",
    "story-nested",
    "story-waits",
    "story-returned-state",
    "story-returned-failure",
    "story-async",
    "story-async-parent",
    "story-tagged",
    "story-typed",
    "story-hooked",
    "story-hooked-cancelled",
    "story-hooked-retried",
    "story-timed-task",
    "story-timed-flow",
    "story-picky",
    "story-yields",
    "story-allows",
    "story-threads",
    "story-processes",
)


PATIENCE = 120.0
"""The reference's server stalls for a minute now and then."""


def settled(name: str, one: Server, other: Server) -> tuple[Any, Any]:
    """Read a flow's runs from two servers, again until they agree: the reference keeps events and logs a while."""
    until = time.monotonic() + PATIENCE
    while True:
        found = Reader(one.url).flow(name), Reader(other.url).flow(name)
        if found[0] == found[1] or time.monotonic() > until:
            return found
        time.sleep(0.5)


@pytest.mark.parametrize("sdk", ["prefect", "lictor"])
class TestServers:
    """Lictor's server in place of the reference's changes nothing, for the reference's unmodified client and our SDK."""

    def test_the_flows_give_back_the_same(
        self, told: Told, lictor_server: Server, reference_server: Server, sdk: str
    ) -> None:
        ours, theirs = at_once(partial(told, sdk), lictor_server, reference_server)
        assert ours == theirs

    @pytest.mark.parametrize("name", FLOWS)
    def test_a_flow_leaves_the_same(
        self, told: Told, lictor_server: Server, reference_server: Server, sdk: str, name: str
    ) -> None:
        at_once(partial(told, sdk), lictor_server, reference_server)
        ours, theirs = settled(name, lictor_server, reference_server)
        assert ours
        assert ours == theirs


DIFFERENT = {"wrong": "Lictor's error for a wrong parameter has a name of its own"}
"""What the two SDKs give back otherwise on purpose, and why."""


def test_both_sdks_give_back_the_same(told: Told, lictor_server: Server) -> None:
    theirs, ours = told("prefect", lictor_server), told("lictor", lictor_server)
    assert {name: ours[name] for name in ours if name not in DIFFERENT} == {
        name: theirs[name] for name in theirs if name not in DIFFERENT
    }


@pytest.mark.parametrize("name", FLOWS)
def test_both_sdks_leave_the_same(told: Told, lictor_server: Server, other_lictor_server: Server, name: str) -> None:
    told("prefect", lictor_server)
    told("lictor", other_lictor_server)
    ours = Reader(other_lictor_server.url).flow(name)
    theirs = Reader(lictor_server.url).flow(name)[: len(ours)]  # our SDK ran there too, later
    assert ours
    assert [without_words(run) for run in ours] == [without_words(run) for run in theirs]


def without_words(run: dict[str, Any]) -> dict[str, Any]:
    """Return a run without what each SDK says in its own words."""
    return {key: value for key, value in run.items() if key != "logs"} | {"state": run["state"][:2]}
