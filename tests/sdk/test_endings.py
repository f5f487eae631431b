"""Whatever ends a process, the server knows of its runs and has their log lines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from lictor.client.spool import Spool
from lictor.settings import current, table
from tests.sdk.conftest import Api

HEAD = """
import asyncio, os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from lictor import flow, get_run_logger, runtime, task

def here():
    get_run_logger().info("about to end")
    print(runtime.flow_run.id, flush=True)

@task
def sleeps():
    here()
    time.sleep(60)

@task
def quick(x):
    return x
"""

BODIES = {
    "flow": "@flow\ndef main():\n    here()\n    time.sleep(60)\nmain()",
    "task": "@flow\ndef main():\n    sleeps()\nmain()",
    "submitted": "@flow\ndef main():\n    sleeps.submit().wait()\nmain()",
    "async": "@flow\nasync def main():\n    here()\n    await asyncio.sleep(60)\nasyncio.run(main())",
    "subflow": "@flow\ndef main():\n    here()\n    sub()\n@flow\ndef sub():\n    sleeps()\nmain()",
}


class Script:
    """A script in a process of its own, which prints the id of its flow run."""

    def __init__(self, folder: Path, body: str, environment: dict[str, str] | None = None) -> None:
        path = folder / "script.py"
        path.write_text(HEAD + body)
        self.process = subprocess.Popen(
            [sys.executable, str(path)],
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("wb"),
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.errors = folder / "stderr"

    def flow_run_id(self) -> UUID:
        """Wait for the id."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()
        return UUID(line.strip())

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(30)


Run = Callable[[str], Script]


@pytest.fixture
def run(api: Api, tmp_path: Path) -> Run:
    """Start scripts against the server."""
    return lambda body: Script(tmp_path, body)


@pytest.mark.parametrize("where", BODIES)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_a_run_as_crashed(api: Api, run: Run, where: str, how: signal.Signals) -> None:
    script = run(BODIES[where])
    run_id = script.flow_run_id()
    if where == "subflow":
        sub_id = script.flow_run_id()
    script.process.send_signal(how)
    assert script.end() == -how
    ended = api.flow_run(run_id)
    assert ended.state is not None
    assert (ended.state_name, ended.run_count) == ("Crashed", 1)
    assert ("SIGTERM" if how == signal.SIGTERM else "Ctrl-C" if where != "async" else "event loop") in str(
        ended.state.message
    )
    lines = [line.message for line in api.logs(run_id)]
    assert "about to end" in lines
    assert any(line.startswith("Finished in state Crashed") for line in lines)
    if where in ("task", "submitted"):
        (task_run,) = api.task_runs(run_id, 1)
        assert task_run.state_name == "Crashed"
    if where == "subflow":
        assert api.flow_run(sub_id).state_name == "Crashed"
        (tracking,) = api.task_runs(run_id, 1)
        assert tracking.state_name == "Crashed"


@pytest.mark.parametrize(
    ("last", "code", "state_name"),
    [
        ("main()", 0, "Completed"),
        ("main(); raise ValueError('of the script')", 1, "Completed"),
        ("main(fail=True)", 1, "Failed"),
        ("main(); sys.exit(7)", 7, "Completed"),
        ("main(leave=True)", 9, "Crashed"),
    ],
)
def test_nothing_is_lost_when_a_process_ends_at_once(api: Api, run: Run, last: str, code: int, state_name: str) -> None:
    script = run(
        "@flow\ndef main(fail: bool = False, leave: bool = False):\n    here()\n"
        "    for i in range(50): quick(i)\n    quick.map(range(50))\n    if leave: sys.exit(9)\n"
        f"    if fail: raise ValueError('of the flow')\n{last}\n"
    )
    run_id = script.flow_run_id()
    assert script.end() == code
    assert api.flow_run(run_id).state_name == state_name
    runs = api.task_runs(run_id, 100)
    assert len({one.id for one in runs}) == 100
    lines = api.logs(run_id)
    assert sum(line.message.startswith("Finished in state Completed") for line in lines if line.task_run_id) >= 50


def test_a_handler_of_the_program_s_own_is_left_alone(api: Api, run: Run) -> None:
    script = run(
        "import signal\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
        "@flow\ndef main():\n    here()\n    time.sleep(60)\nmain()"
    )
    run_id = script.flow_run_id()
    script.process.terminate()
    assert script.end() == 5
    assert api.flow_run(run_id).state_name == "Crashed"


def test_a_forked_process_has_connections_of_its_own(api: Api, run: Run) -> None:
    script = run(
        "@flow\ndef main():\n    here()\n    quick(1)\nmain()\n"
        "child = os.fork()\nif child == 0:\n    main()\n    sys.exit(0)\nsys.exit(os.waitpid(child, 0)[1])"
    )
    first, second = script.flow_run_id(), script.flow_run_id()
    assert script.end() == 0
    for run_id in (first, second):
        api.task_runs(run_id, 1)
        lines = [line.message for line in api.logs(run_id)]
        assert lines.count("about to end") == 1


def test_what_was_kept_in_a_file_is_sent_by_the_next_process(api: Api, run: Run, home: Path) -> None:
    settings = current()
    spool = Spool(home / "spool", str(settings[table.API_URL]))
    script = run(
        "from lictor.client.connection import connection\n"
        "@flow\ndef main():\n    here()\n    return quick(1)\nmain()\n"
        "outbox = connection().outbox\noutbox.flush(10)\noutbox.send = lambda batch: 1 / 0\n"
        "quick.with_options(name='kept')(2)\n"
    )
    run_id = script.flow_run_id()
    assert script.end() == 0, script.errors.read_text()
    (file,) = spool.files()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().count("prefect.task-run.") >= 2
    again = run("@flow\ndef main():\n    here()\n    quick(1)\nmain()\n")
    again.flow_run_id()
    assert again.end() == 0
    assert spool.files() == []
    assert api.flow_run(run_id).state_name == "Completed"
