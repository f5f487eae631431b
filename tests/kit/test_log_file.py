"""The log of servers in the background stays small, whoever writes to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from stat import S_IMODE

from lictor.kit import log_file

WRITER = """
import logging, sys
from lictor.kit import log_file

home, name = sys.argv[1:]
log_file.MOST_BYTES = 2_000
logging.basicConfig(format=log_file.FORMAT, handlers=[log_file.handler(home)])
for line in sys.stdin:
    print("said", flush=True)
    logging.getLogger(name).warning(line.strip() + "." * 100)
"""


class Writer:
    """A process whose output is the log, and that logs what it is told."""

    def __init__(self, home: Path, name: str) -> None:
        descriptor = log_file.opened(log_file.place(str(home)))
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home), name],
            stdin=subprocess.PIPE,
            stdout=descriptor,
            stderr=descriptor,
            text=True,
        )
        os.close(descriptor)

    def log(self, *lines: str) -> None:
        """Let it log lines."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def end(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0


def test_a_full_log_is_begun_anew_and_one_is_kept(tmp_path: Path) -> None:
    one, other = Writer(tmp_path, "one"), Writer(tmp_path, "other")
    other.log("first")
    end = time.monotonic() + 60
    while "other - first" not in (tmp_path / "server.log").read_text():
        assert time.monotonic() < end
        time.sleep(0.01)
    one.log(*(f"line {number}" for number in range(100)))
    one.end()
    other.log("last")
    other.end()
    assert {each.name for each in tmp_path.iterdir()} == {"server.log", "server.log.1"}
    now, before = (tmp_path / "server.log").read_text(), (tmp_path / "server.log.1").read_text()
    assert len(now) < 2_500
    assert len(before) < 2_500
    assert "| WARNING | other - last" in now + before
    assert "| WARNING | one - line 99" in now + before
    assert "line 98" in now + before
    assert "line 1." not in now + before
    for each in tmp_path.iterdir():
        assert S_IMODE(each.stat().st_mode) == 0o600


def test_a_full_log_is_begun_anew_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    with path.open("wb") as file:
        file.truncate(log_file.MOST_BYTES)
    descriptor = log_file.opened(str(path))
    assert os.fstat(descriptor).st_size == 0
    os.close(descriptor)
    assert (tmp_path / "server.log.1").stat().st_size == log_file.MOST_BYTES


def test_messages_are_told_from_what_stands_before_them() -> None:
    assert log_file.message_of("Error: no | room - here\n") == "no | room - here"
    said = "2026-11-27 02:43:56,304 | ERROR   | uvicorn.error - [Errno 98] in use: a - b"
    assert log_file.message_of(said) == "[Errno 98] in use: a - b"
    assert log_file.message_of("  ValueError: no") == "ValueError: no"
