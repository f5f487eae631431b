"""What a person sees of log lines."""

from __future__ import annotations

import io
import logging
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lictor.sdk import console
from lictor.sdk.console import MOST_WAITING, PROMPT, ToConsole, code_of
from lictor.settings import table, temporary_settings
from tests.running import clean_environment
from tests.sdk.conftest import Api

PLAIN = re.compile(r"\d\d:\d\d:\d\d\.\d{3} \| INFO    \| Task run 'pours' - Finished in state Completed\(\)\n")
PROGRAM = """
from lictor import task

@task
def pours():
    print("poured", flush=True)

pours()
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record(
    message: str, *args: object, level: int = logging.INFO, name: str = "prefect.flow_runs"
) -> logging.LogRecord:
    made = logging.LogRecord(name, level, "", 0, message, args, None)
    made.flow_run_name = "a-run"
    made.created = 1_000.25  # all in one second
    return made


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def environment(server: str, home: Path, **more: str) -> dict[str, str]:
    return {**clean_environment(), "PREFECT_API_URL": server, "PREFECT_HOME": str(home), "TERM": "xterm", **more}


def test_lines_are_plain_where_nobody_looks(server: str, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment(server, home),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert PLAIN.fullmatch(done.stderr)


@pytest.mark.parametrize(
    ("more", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"PREFECT_LOGGING_COLORS": "0"}, False)]
)
def test_lines_have_colours_on_a_terminal_that_wants_them(
    server: str, home: Path, more: dict[str, str], colored: bool
) -> None:
    outer, inner = pty.openpty()
    pieces: list[bytes] = []

    def read() -> None:
        while True:
            try:
                pieces.append(os.read(outer, 65536))
            except OSError:  # the program's end is closed
                return

    reader = threading.Thread(target=read)
    reader.start()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment(server, home, **more), stdout=inner, stderr=inner
    )
    os.close(inner)
    assert process.wait(60) == 0
    reader.join(60)
    os.close(outer)
    shown = b"".join(pieces).decode().replace("\r\n", "\n")
    assert ("\x1b[36mINFO\x1b[0m" in shown, "\x1b[32mCompleted\x1b[0m" in shown) == (colored, colored)
    printed, _, line = re.sub(r"\x1b\[[\d;]*m", "", shown).partition("\n")
    assert printed == "poured"
    assert PLAIN.fullmatch(line)


def test_parts_of_a_line_have_their_colours(terminal: Terminal) -> None:
    handler = ToConsole(terminal)
    handler.handle(record("flow 'b', see https://example.com/x and [red]this[/]", level=logging.WARNING))
    line = terminal.getvalue()
    for code, part in (("38;5;184", "WARNING"), ("35", "'a-run'"), ("1;35", "'b'"), ("94", "https://example.com/x")):
        assert f"\x1b[{code}m{part}\x1b[0m" in line
    assert "[red]this[/]" in line


def test_styles_are_the_user_s(terminal: Terminal) -> None:
    handler = ToConsole(terminal, styles={"log.info_level": "dark_orange on blue"})
    handler.handle(record("hello https://example.com"))
    assert f"\x1b[{code_of('dark_orange on blue')}mINFO\x1b[0m" in terminal.getvalue()
    assert terminal.getvalue().count("\x1b[") == 2


def test_marks_are_colours_where_that_is_wanted(terminal: Terminal) -> None:
    plain = io.StringIO()
    with temporary_settings({table.LOGGING_MARKUP: True}):
        for stream in (terminal, plain):
            ToConsole(stream).handle(record("[bold red]this[/] one"))
    assert re.search(r"\x1b\[1;31mthis\x1b\[0m one\n", terminal.getvalue())
    assert plain.getvalue().endswith(" - this one\n")


def test_more_lines_than_one_can_read_wait_for_the_thread_in_their_order() -> None:
    stream, written = io.StringIO(), threading.Event()

    class Told(ToConsole):
        def flush(self) -> None:
            super().flush()
            if stream.getvalue().count("\n") == 2 * PROMPT:
                written.set()

    handler = Told(stream)
    items: list[int] = []
    for number in range(2 * PROMPT):
        items.append(number)
        handler.handle(record("%s of %s", number, items))
        if number < PROMPT:
            assert stream.getvalue().count("\n") == number + 1, "it is there at once"
        items.clear()
    assert written.wait(60)
    assert [line.partition(" - ")[2] for line in stream.getvalue().splitlines()] == [
        f"{number} of [{number}]" for number in range(2 * PROMPT)
    ]


def test_an_error_comes_at_once_and_after_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PAUSE", 3600)
    stream = io.StringIO()
    handler = ToConsole(stream)
    for number in range(PROMPT + 5):
        handler.handle(record(f"line {number}"))
    assert stream.getvalue().count("\n") == PROMPT
    handler.handle(record("over", level=logging.ERROR))
    assert stream.getvalue().splitlines()[-2].endswith(f"line {PROMPT + 4}")
    assert stream.getvalue().endswith("over\n")


def test_lines_do_not_heap_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PAUSE", 3600)
    stream = io.StringIO()
    handler = ToConsole(stream)
    for _ in range(PROMPT + MOST_WAITING + 1):
        handler.handle(record("line"))
    assert stream.getvalue().count("\n") == PROMPT + MOST_WAITING + 1
    handler.handle(record("more"))
    handler.flush()
    assert stream.getvalue().endswith("more\n")


def test_a_closed_stream_is_no_reason_to_fail(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    handler = ToConsole(stream)
    stream.close()
    for _ in range(PROMPT + 2):
        handler.handle(record("nobody listens"))
    handler.flush()
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_writes_its_own_lines(server: str, home: Path) -> None:
    program = """
import logging, os, sys
from lictor.sdk import console
console.PAUSE = 0.2
handler = console.ToConsole()
def say(who, count):
    for number in range(count):
        handler.handle(logging.LogRecord("x", 20, "", 0, f"{who} {number}", None, None))
say("parent", 300)
child = os.fork()
say("child" if child == 0 else "grown", 300)
if child == 0:
    logging.shutdown()
    os._exit(0)
os.waitpid(child, 0)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=environment(server, home),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = [line.partition(" - ")[2] for line in done.stderr.splitlines()]
    assert sorted(lines) == sorted(f"{who} {number}" for who in ("parent", "child", "grown") for number in range(300))


def test_a_printed_line_and_a_logged_one_keep_their_order(api: Api, server: str, home: Path) -> None:
    program = """
from lictor import flow, get_run_logger
@flow
def talks():
    for number in range(20):
        print(number, flush=True)
        get_run_logger().info(number)
talks()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(server, home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=True,
    )
    said = [line.rpartition(" ")[2] for line in done.stdout.splitlines()[1:-1]]
    assert said == [str(number) for number in range(20) for _ in "pl"]
