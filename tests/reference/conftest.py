"""Both servers, and scripts run with either SDK against either of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import Server, clean_environment

HERE = Path(__file__).parent
QUIET = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "DO_NOT_TRACK": "1",
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def reference_python() -> str:
    """The Python of the reference's environment."""
    python = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON", "")
    if not Path(python).is_file():
        reason = "LICTOR_TEST_REFERENCE_PYTHON names no Python that has the reference; ./scripts/test makes one"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return python


class Reference(Server):
    """The reference's server."""

    def __init__(self, python: str, home: Path) -> None:
        super().__init__(home, **QUIET)
        self.command = (str(Path(python).parent / "prefect"), "server", "start")


@pytest.fixture(scope="session")
def lictor_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("lictor")) as server:
        yield server


@pytest.fixture(scope="session")
def other_lictor_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("other")) as server:
        yield server


@pytest.fixture(scope="session")
def reference_server(reference_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Reference(reference_python, tmp_path_factory.mktemp("reference")) as server:
        yield server


@pytest.fixture(scope="session")
def run(reference_python: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a script of this folder with an SDK, against a server."""

    def run(sdk: str, server: Server, script: str, *arguments: str, seconds: float = 240) -> Any:
        python = reference_python if sdk == "prefect" else sys.executable
        home = tmp_path_factory.mktemp("client")
        environment = {**clean_environment(), **QUIET, "PREFECT_API_URL": server.url, "PREFECT_HOME": str(home)}
        return subprocess.run(
            [python, str(HERE / script), sdk, *arguments],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def told(run: Run) -> Callable[[str, Server], dict[str, Any]]:
    """Run the stories with an SDK against a server, once each, and return what they gave back."""
    known: dict[tuple[str, str], dict[str, Any]] = {}

    def told(sdk: str, server: Server) -> dict[str, Any]:
        if (sdk, server.url) not in known:
            done = run(sdk, server, "stories.py")
            assert done.returncode == 0, done.stderr
            known[sdk, server.url] = json.loads(done.stdout.splitlines()[-1])
        return known[sdk, server.url]

    return told
