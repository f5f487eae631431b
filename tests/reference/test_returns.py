"""What functions return comes to the same with both SDKs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.running import Server

Start = Callable[..., subprocess.Popen[str]]


def test_what_is_returned_comes_to_the_same(start: Start, lictor_server: Server) -> None:
    running = [start(sdk, lictor_server, "returns.py") for sdk in ("lictor", "prefect")]
    ours, theirs = (process.communicate(timeout=300)[0].splitlines() for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert len(ours) > 100
    assert ours == theirs
