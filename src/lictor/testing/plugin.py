"""The fixtures of pytest; loaded with every run of pytest, so it imports nothing that is not light."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import lictor
from lictor import testing

if TYPE_CHECKING:
    from lictor.client.client import Client
    from lictor.testing.clock import Clock
    from lictor.testing.harness import Harness

MARKER = "lictor_server"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    about = f"{MARKER}(**options): options of lictor_test_harness for the fixture {MARKER}."
    config.addinivalue_line("markers", about)


@pytest.fixture
def lictor_server(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """Let the test's flows run against a server of its own; the marker of the same name takes options for it."""
    marker = request.node.get_closest_marker(MARKER)
    with testing.lictor_test_harness(**({} if marker is None else marker.kwargs)) as harness:
        yield harness


@pytest.fixture(scope="session")
def lictor_session_server() -> Iterator[Harness]:
    """Let all tests' flows run against one server, which keeps what earlier tests left on it."""
    with testing.lictor_test_harness() as harness:
        yield harness


@pytest.fixture
def lictor_clock(lictor_server: Harness) -> Clock:
    """The clock of the test's server and flows, to be moved on."""
    return lictor_server.clock


@pytest.fixture
def lictor_client(lictor_server: Harness) -> Iterator[Client]:
    """A client of the test's server, for threads; async tests open their own with `get_client`."""
    with lictor.get_client(sync_client=True) as client:
        yield client
