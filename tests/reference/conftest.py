"""Both servers, and scripts run with either SDK against either of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.running import Server, clean_environment
from tests.security.asking import SECRET

HERE = Path(__file__).parent
QUIET = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "DO_NOT_TRACK": "1",
}
STREAMING = {"PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED": "true", "PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED": "true"}
"""What Lictor does by itself: sending log lines to whoever follows them."""

T = TypeVar("T")
Start = Callable[..., subprocess.Popen[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]
Pair = tuple[Server, Server]


def at_once(ask: Callable[[Server], T], *servers: Server) -> list[T]:
    """Ask several servers the same at the same time."""
    with ThreadPoolExecutor(len(servers)) as pool:
        return list(pool.map(ask, servers))


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
        super().__init__(home, **QUIET, **STREAMING, PYTHONPATH=str(HERE / "newer_sqlite"))
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


def both(python: str, factory: pytest.TempPathFactory, stack: ExitStack, **settings: str) -> Pair:
    """Start both servers with the same settings."""
    theirs = Reference(python, factory.mktemp("reference"))
    theirs.settings = {**theirs.settings, **settings}
    return stack.enter_context(Server(factory.mktemp("lictor"), **settings)), stack.enter_context(theirs)


@pytest.fixture(scope="session")
def closed(reference_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both servers, closed to whoever does not tell the secret."""
    with ExitStack() as stack:
        yield both(reference_python, tmp_path_factory, stack, PREFECT_SERVER_API_AUTH_STRING=SECRET)


@pytest.fixture(scope="session")
def start(reference_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a script of this folder with an SDK, or a command of it, against a server."""
    started: list[subprocess.Popen[str]] = []

    def start(sdk: str, server: Server, script: str | None, *arguments: str) -> subprocess.Popen[str]:
        python = sys.executable if sdk == "lictor" else reference_python
        if script is not None:
            command = [python, str(HERE / script), sdk]
        elif sdk == "workers":  # the environment with further types of workers
            command = [str(Path(python).parents[1] / "workers" / "bin" / "python"), "-m", "prefect"]
        elif sdk == "prefect":
            command = [str(Path(python).parent / "prefect")]
        else:
            command = [python, "-m", "lictor.cli.main"]
        home = tmp_path_factory.mktemp("client")
        where = {"PREFECT_API_URL": server.url, "PREFECT_HOME": str(home), "COLUMNS": "250"}
        environment = {**clean_environment(), **QUIET, **where, **server.client_settings}
        process = subprocess.Popen(
            [*command, *arguments],
            env=environment,
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def run(start: Start) -> Run:
    """Run a script of this folder with an SDK to its end, against a server."""

    def run(sdk: str, server: Server, script: str, *arguments: str, seconds: float = 480) -> Any:
        process = start(sdk, server, script, *arguments)
        said, wrong = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(process.args, process.returncode, said, wrong)

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
