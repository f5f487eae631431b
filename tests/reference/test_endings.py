"""A flow that a signal ends leaves the same on both servers, its last log lines included, whichever SDK runs it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.reference.test_stories import settled
from tests.running import Server

Start = Callable[..., subprocess.Popen[str]]

SECONDS = 120
"""The reference's server stalls for a minute now and then."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("sdk", ["prefect", "lictor"])
def test_an_end_by_signal(
    start: Start, lictor_server: Server, reference_server: Server, sdk: str, number: signal.Signals
) -> None:
    name = f"ended-{sdk}-{number.name}"
    running = [start(sdk, server, "endings.py", name) for server in (lictor_server, reference_server)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
    codes = [process.wait(SECONDS) for process in running]
    assert codes[0] == codes[1] != 0
    ours, theirs = settled(name, lictor_server, reference_server)
    assert ours == theirs
    assert ours[0]["state"][0] == "CRASHED"
    if sdk == "lictor":  # the reference's client drops what it has not sent when SIGTERM ends it
        assert len(ours[0]["logs"]) >= 2
