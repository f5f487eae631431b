"""How the tests are spread over processes where `pytest -n` runs several: a file stays whole, the longest come first."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    ("reference/test_stories.py", "reference/test_endings.py", "reference/test_graphs.py"),
    ("reference/test_differential.py", "reference/test_reads.py"),
    ("reference/test_sockets.py", "reference/test_security.py"),
)
"""Files that stay in one process, since they share servers of the reference, each of which takes ten seconds to start."""

LONGEST = (
    *(files[0] for files in TOGETHER),
    "sdk/test_outage.py",
    "deploy/test_image.py",
    "server/test_postgres.py",
    "reference/test_secured.py",
    "cli/test_database.py",
    "security/test_credentials.py",
    "security/test_schema.py",
    "orchestration/test_sequences.py",
    "cli/test_flow_run.py",
    "ui/test_browser.py",
    "settings/test_against_reference.py",
    "security/test_sessions.py",
    "reference/test_transitions.py",
    "server/test_kill.py",
    "reference/test_limited.py",
    "sdk/test_documentation.py",
    "store/test_log.py",
    "store/test_both.py",
    "store/test_filters.py",
    "store/test_where.py",
    "sdk/test_cancellation.py",
)
FIRST = {file: files[0] for files in TOGETHER for file in files}
PLACES = {file: place for place, file in enumerate(LONGEST)}


def unit(nodeid: str) -> str:
    """Return what a test stays together with, by the name of the first file of it."""
    file = nodeid.partition("::")[0].removeprefix("tests/")
    return FIRST.get(file, file)


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives whole units to processes, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread:
    """Let whoever gives out the tests do it so."""
    config.option.loadscopereorder = False
    return Spread(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the longest to the front, in each of several processes."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: PLACES.get(unit(item.nodeid), len(PLACES)))
