"""`lictor task serve`, called as people and scripts call it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import Lictor, lictor, server
from tests.running import Server, clean_environment

__all__ = ["lictor", "server"]

WORK = """
from lictor import task

@task
def note(word):
    with open("out", "a") as out:
        print(word, file=out)
"""


@pytest.mark.parametrize("words", [("work.py:note",), ("--module", "work")])
def test_tasks_are_served_until_the_command_is_told_to_end(
    server: Server, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "work.py").write_text(WORK)
    environment = {**clean_environment(), "PREFECT_HOME": str(tmp_path / "home"), "PREFECT_API_URL": server.url}
    command = [sys.executable, "-m", "lictor.cli.main", "task", "serve", *words]
    defer = "from work import note; future = note.delay('done'); future.wait(60); print(future.state.name)"
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL) as worker:
        said = subprocess.run(
            [sys.executable, "-c", defer],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        worker.terminate()
        assert worker.wait(timeout=60) == 0
    assert (said.stdout, (tmp_path / "out").read_text()) == ("Completed\n", "done\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say what to serve"),
        (("nothing.py:x",), "There is no file 'nothing.py'"),
        (("nothing",), "names no task"),
        (("--module", "no_such_module"), "There is no module 'no_such_module'."),
        (("--module", "json"), "There are no tasks in json."),
    ],
)
def test_what_cannot_be_served_is_one_clear_line(lictor: Lictor, words: tuple[str, ...], said: str) -> None:
    done = lictor("task", "serve", *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
