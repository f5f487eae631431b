"""Deferred tasks and the workers that run them; workers are killed, servers too, and the reference takes either part."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lictor import flow
from lictor.engine.states import State
from lictor.sdk.deferral import DeferredFuture
from lictor.task_worker import TaskWorker, serve
from tests.running import Server, clean_environment
from tests.sdk.conftest import Api, ended, eventually
from tests.sdk.deferred_tasks import add, failing, slow

ROOT = Path(__file__).parent.parent.parent
PROGRAM = "from tests.sdk.deferred_tasks import main; main({!r})"
REFERENCE = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON")
PYTHONS = {"lictor": sys.executable, "prefect": REFERENCE or ""}


class Place:
    """Where programs run: their server, their files, and what ran."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server, self.folder, self.out = server, folder, folder / "out"
        self.out.touch()

    def environment(self, library: str) -> dict[str, str]:
        known = {
            **clean_environment(),
            "LIBRARY": library,
            "OUT": str(self.out),
            "PREFECT_API_URL": self.server,
            "PREFECT_HOME": str(self.folder / library),
            "PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(self.folder / "storage"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_CLIENT_AWAY_SECONDS": "60",
        }
        if library == "prefect":
            known.pop("PYTHONPATH", None)
        return known

    def ran(self) -> list[str]:
        return sorted(self.out.read_text().splitlines())

    @contextmanager
    def serving(self, library: str = "lictor") -> Iterator[subprocess.Popen[bytes]]:
        """Let a worker run, until it is told to end."""
        words = [PYTHONS[library], "-c", PROGRAM.format("serve")]
        with subprocess.Popen(words, env=self.environment(library), cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
            try:
                yield worker
            finally:
                worker.terminate()
                if worker.wait(timeout=60) not in (0, -signal.SIGTERM, -signal.SIGKILL):
                    assert library == "prefect"

    def deferring(self, library: str = "lictor") -> str:
        """Let a program defer tasks, and wait for them."""
        words = [PYTHONS[library], "-c", PROGRAM.format("defer")]
        done = subprocess.run(
            words, env=self.environment(library), cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]


@pytest.fixture
def place(server: str, tmp_path: Path) -> Place:
    return Place(server, tmp_path)


SAID = "['Completed', 'Completed', 'Failed'] Completed"
RAN = sorted(["add 1 5", "aslow 1 (2, 3) {'z': 4}", "failing", "add 7 2"])


@pytest.mark.parametrize(("worker", "program"), [("lictor", "lictor"), ("lictor", "prefect"), ("prefect", "prefect")])
def test_deferred_tasks_run_in_a_worker(place: Place, worker: str, program: str) -> None:
    if "prefect" in (worker, program) and not REFERENCE:
        pytest.skip("needs LICTOR_TEST_REFERENCE_PYTHON")
    with place.serving(worker):
        assert place.deferring(program) == SAID
    assert place.ran() == RAN


@pytest.fixture
def deferred(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Let tasks be deferred in this process, too."""
    from lictor import settings

    monkeypatch.setenv("OUT", str(place.out))
    monkeypatch.setenv("PREFECT_RESULTS_LOCAL_STORAGE_PATH", str(place.folder / "storage"))
    settings.reset()
    return place


def run_to_the_end(*futures: DeferredFuture[Any]) -> None:
    """Serve tasks in this process until some runs are over."""
    worker = TaskWorker(add, failing)
    thread = threading.Thread(target=worker.start)
    thread.start()
    for future in futures:
        future.wait(60)
    worker.stop()
    thread.join()


def test_a_worker_in_a_thread_of_its_own_serves_and_returns(deferred: Place, api: Api) -> None:
    first, wrong = add.delay(1), failing.delay()
    assert (first.done, first.state.name) == (False, "Scheduled")
    run_to_the_end(first, wrong)
    assert (first.done, first.state.name, wrong.state.name) == (True, "Completed", "Failed")
    run = api.client(read(first))
    assert (run.name, run.tags, run.state.name) == ("add", ["t"], "Completed")


def read(future: DeferredFuture[Any]) -> Any:
    from lictor.wire.operations import task_run

    return task_run.READ(id=future.task_run_id)


def test_a_run_of_a_flow_keeps_its_flow_run(deferred: Place, api: Api) -> None:
    made: list[DeferredFuture[Any]] = []

    @flow
    def deferring() -> None:
        made.append(add.delay(3))

    state = ended(deferring)
    run_to_the_end(made[0])
    run = api.client(read(made[0]))
    assert (run.flow_run_id, run.state.name) == (state.state_details.flow_run_id, "Completed")


def test_arguments_that_are_gone_crash_the_run_and_say_so(deferred: Place, api: Api) -> None:
    future = add.delay(1)
    for path in (deferred.folder / "storage" / "parameters").iterdir():
        path.unlink()
    run_to_the_end(future)
    state: State[Any] = future.state
    assert state.name == "Crashed"
    assert "arguments cannot be read" in (state.message or "")


def test_what_a_killed_worker_had_not_begun_runs_elsewhere(deferred: Place) -> None:
    futures = [slow.delay(number) for number in range(12)]
    with deferred.serving() as worker:
        eventually(deferred.ran, lambda ran: len(ran) >= 2)
        worker.kill()
        worker.wait(timeout=60)
    with deferred.serving():
        begun = {future for future in futures if future.state.name in ("Pending", "Running")}
        for future in futures:
            if future not in begun:
                future.wait(60)
                assert future.state.name == "Completed"
    assert len(begun) <= 2  # as many as ran at once, when their process was killed
    lines = deferred.ran()
    assert len(lines) == len(set(lines)) >= len(futures) - len(begun)


def test_a_worker_outlives_its_server(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with Server(tmp_path / "server") as one:
        place = Place(one.url, tmp_path)
        with place.serving():
            assert place.deferring() == SAID
            one.end(signal.SIGKILL)
            one.start()
            assert place.deferring() == SAID
        assert place.ran() == sorted(2 * RAN)


def test_what_cannot_be_served_is_refused(api: Api) -> None:
    with pytest.raises(TypeError, match="serve takes tasks"):
        serve()
    with pytest.raises(TypeError, match="serve takes tasks"):
        serve(print)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1 run"):
        TaskWorker(add, limit=0)
