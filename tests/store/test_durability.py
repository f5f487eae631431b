"""What was acknowledged is there after a kill, and after the disk was full."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from .samples import rows

TESTS = Path(__file__).parents[1]


def program(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "store.writing_server", *arguments], cwd=TESTS, stdout=subprocess.PIPE, text=True
    )


def said(output: str) -> tuple[set[str], dict[str, str]]:
    """Return the names of the flows kept, and of those refused with the error."""
    lines = [line.split() for line in output.split("\n")[:-1]]
    return {words[1] for words in lines if words[0] == "kept"}, {w[1]: w[2] for w in lines if w[0] == "refused"}


def test_a_kill_loses_no_acknowledged_write(path: str) -> None:
    chance = random.Random(7)
    for number in range(4):
        with program("forever", path, str(number)) as server:
            assert server.stdout is not None
            first = [server.stdout.readline() for _ in range(chance.randrange(1, 400))]
            server.kill()
            kept, refused = said("".join(first) + server.stdout.read())
        stored = {name for (name,) in rows(path, "select name from flow")}
        assert kept
        assert not refused
        assert kept <= stored
    assert rows(path, "pragma integrity_check") == [("ok",)]


@pytest.mark.skipif(sys.platform == "win32", reason="sets a limit that only Unix has")
def test_a_full_disk_refuses_everyone_clearly_and_recovers(path: str) -> None:
    with program("full", path) as server:
        output, _ = server.communicate(timeout=60)
    kept, refused = said(output)
    assert server.returncode == 0
    assert len(refused) == 16
    assert set(refused.values()) <= {"Unavailable", "DiskFull"}
    stored = {name for (name,) in rows(path, "select name from flow")}
    assert "after" in kept
    assert kept == stored
    assert rows(path, "pragma integrity_check") == [("ok",)]
