"""Log lines for people: in colour on a terminal, plain elsewhere.

The first lines of a second are written at once, in order with whatever else the program prints. Where there are more of
them than somebody can read, a thread writes them in batches, so that a flow does not wait for its terminal.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TextIO
from weakref import WeakSet

from lictor.kit.masking import masked
from lictor.sdk.log_formatters import FLOW_RUN_FORMAT, FORMAT, TASK_RUN_FORMAT, TIME, RunFormatter
from lictor.settings import current, table

PROMPT = 200
"""So many lines a second are written at once."""
PAUSE = 0.05
MOST_WAITING = 10_000

Paint = Callable[[str], str]

STYLES = {
    "log.web_url": "bright_blue",
    "log.local_url": "bright_blue",
    "log.info_level": "cyan",
    "log.warning_level": "yellow3",
    "log.error_level": "red3",
    "log.critical_level": "bright_red",
    "log.completed_state": "green",
    "log.cancelled_state": "yellow3",
    "log.failed_state": "red3",
    "log.crashed_state": "bright_red",
    "log.cached_state": "bright_blue",
    "log.flow_run_name": "magenta",
    "log.flow_name": "bold magenta",
}
COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
NAMED = {
    **{name: f"{30 + number}" for number, name in enumerate(COLORS)},
    **{f"bright_{name}": f"{90 + number}" for number, name in enumerate(COLORS)},
    **{name: f"{1 + number}" for number, name in enumerate(("bold", "dim", "italic", "underline"))},
    "yellow3": "38;5;184",
    "red3": "38;5;160",
}
"""What is written without the help of rich."""
LEVELS = [rf"(?P<{level.lower()}_level>{level})" for level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")]
ADDRESS = r"[0-9a-zA-Z$\-_+!`(),.?/;:&=%#]*"
URLS = [rf"(?P<web_url>(?:https?|wss?)://{ADDRESS})", rf"(?P<local_url>file://{ADDRESS})"]
NAMES = [
    rf"(?P<{title.replace(' ', '_')}_name>(?:(?<={title} )|(?<={title.capitalize()} ))'.*?')"
    for title in ("flow run", "task run", "flow", "task")
]
STATES = [
    *[rf"(?P<{state}_state>{state.capitalize()})" for state in ("completed", "cancelled", "failed", "crashed")],
    *[rf"(?P<{state}_state>{state.capitalize()})" for state in ("cancelling", "pending", "running", "paused")],
    r"(?P<cached_state>Cached)(?=\(type=COMPLETED\))",
]
HIGHLIGHTS = [*LEVELS, *URLS, *NAMES, *STATES]
"""Patterns whose groups are the styles' names, after `log.`."""


class ToConsole(logging.Handler):
    """Writes lines to a stream, stderr unless another is given.

    `styles` are rich's styles by the names of `STYLES`, `highlighter` is a class of rich's. `logging.colors` says
    whether there are colours, `logging.markup` whether marks such as [red] in messages are rich's.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        highlighter: Any = None,
        styles: Mapping[str, str] | None = None,
        level: int | str = logging.NOTSET,
    ) -> None:
        super().__init__(level)
        self.formatter = RunFormatter(FORMAT, TIME, flow_run_fmt=FLOW_RUN_FORMAT, task_run_fmt=TASK_RUN_FORMAT)
        settings = current()
        self.colors, self.markup = settings[table.LOGGING_COLORS], settings[table.LOGGING_MARKUP]
        self.highlighter, self.styles = highlighter, STYLES if styles is None else dict(styles)
        self.given = None if stream in (None, sys.stderr, sys.stdout) else stream
        self.standard = "stdout" if stream is sys.stdout else "stderr"
        self.painted: tuple[TextIO | None, Paint] = (None, str)
        self.second, self.written = 0, 0
        self.waiting: deque[tuple[TextIO, logging.LogRecord]] = deque()
        self.stir = threading.Event()
        self.started()
        _all.add(self)

    def started(self) -> None:
        """Have no thread yet: at first, and in a forked child."""
        self.writing = threading.Lock()
        self.thread: threading.Thread | None = None

    @property
    def stream(self) -> TextIO | None:
        """Where lines go now: a program may change its stderr."""
        return self.given or getattr(sys, self.standard)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line at once, or let it wait for the thread."""
        stream = self.stream
        if stream is None:
            return
        try:
            if self.prompt(record):
                with self.writing:
                    self.drain()
                    stream.write(self.line(record, stream))
                    stream.flush()
                return
            self.waiting.append((stream, settled(record)))
            if not self.stir.is_set():
                self.wake()
            if len(self.waiting) > MOST_WAITING:
                self.flush()
        except RecursionError:
            raise
        except Exception:
            self.handleError(record)

    def prompt(self, record: logging.LogRecord) -> bool:
        """Whether a line is written at once: an error is, before Python shows it, too."""
        second = int(record.created)
        if second != self.second:
            self.second, self.written = second, 0
        self.written += 1
        return (self.written <= PROMPT and not self.waiting) or record.levelno >= logging.ERROR or bool(record.exc_info)

    def wake(self) -> None:
        """Tell the thread that lines wait; start it the first time."""
        self.stir.set()
        if self.thread is None:
            self.thread = threading.Thread(target=self.serve, name="lictor-console", daemon=True)
            self.thread.start()

    def serve(self) -> None:
        """Write what waits, a little later, until the process ends."""
        while True:
            self.stir.wait()
            time.sleep(PAUSE)
            self.stir.clear()
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self.waiting:
            with self.writing:
                self.drain()

    def drain(self) -> None:
        """Write what waits, in as few pieces as there are streams; a closed one is no reason to fail."""
        while self.waiting:
            stream, lines = self.waiting[0][0], []
            while self.waiting and self.waiting[0][0] is stream:
                record = self.waiting.popleft()[1]
                try:
                    lines.append(self.line(record, stream))
                except Exception:
                    self.handleError(record)
            try:
                stream.write("".join(lines))
                stream.flush()
            except (ValueError, OSError):
                continue

    def line(self, record: logging.LogRecord, stream: TextIO) -> str:
        """Return a record as it is written to a stream."""
        if self.painted[0] is not stream:
            self.painted = stream, self.paint_for(stream)
        return self.painted[1](masked(self.format(record))) + "\n"

    def paint_for(self, stream: TextIO) -> Paint:
        """Return what colours lines for a stream."""
        colored = self.colors and on_terminal(stream)
        if self.markup or (colored and self.highlighter is not None):
            return rich_paint(self.styles, self.highlighter, colored, self.markup)
        return paint(self.styles) if colored else str

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # as logging names it
        """Leave out lines that come when the stream is closed."""
        if not isinstance(sys.exc_info()[1], ValueError | OSError):
            super().handleError(record)


_all: WeakSet[ToConsole] = WeakSet()


def renew() -> None:
    """Start afresh in a forked child: what waits is the parent's to write."""
    for each in list(_all):
        each.started()
        each.waiting.clear()
        each.stir.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=renew)


def settled(record: logging.LogRecord) -> logging.LogRecord:
    """Return a record that says later what it says now: its arguments may change."""
    if not record.args:
        return record
    kept = object.__new__(type(record))
    kept.__dict__.update(record.__dict__)
    kept.msg, kept.args = record.getMessage(), None
    return kept


def on_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal that wants colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return hasattr(stream, "isatty") and stream.isatty()


def paint(styles: Mapping[str, str]) -> Paint:
    """Return what colours the parts of a line."""
    codes = {name.removeprefix("log."): code_of(style) for name, style in styles.items()}
    pattern = highlights()

    def colored(found: re.Match[str]) -> str:
        code = codes.get(found.lastgroup or "")
        return f"\x1b[{code}m{found[0]}\x1b[0m" if code else found[0]

    return lambda line: pattern.sub(colored, line)


@cache
def highlights() -> re.Pattern[str]:
    """Return the pattern of all parts that may have colours."""
    return re.compile("|".join(HIGHLIGHTS))


def code_of(style: str) -> str:
    """Return the terminal's code of a style such as `bold magenta`."""
    words = style.split()
    if all(word in NAMED for word in words):
        return ";".join(NAMED[word] for word in words)
    from rich.color import ColorSystem  # noqa: PLC0415  # styles of a user's own are rare
    from rich.style import Style  # noqa: PLC0415

    shown = Style.parse(style).render("x", color_system=ColorSystem.EIGHT_BIT)
    return shown[2:].partition("m")[0] if shown.startswith("\x1b[") else ""


def rich_paint(styles: Mapping[str, str], highlighter: Any, colored: bool, markup: bool) -> Paint:
    """Return what lets rich colour a line, and read the marks in it."""
    from rich.console import Console  # noqa: PLC0415  # rare, and slow
    from rich.highlighter import NullHighlighter, RegexHighlighter  # noqa: PLC0415
    from rich.theme import Theme  # noqa: PLC0415

    class Highlighter(RegexHighlighter):
        base_style = "log."
        highlights = HIGHLIGHTS

    chosen = (highlighter or Highlighter)() if colored else NullHighlighter()
    console = Console(
        file=io.StringIO(),
        force_terminal=colored,
        color_system="256" if colored else None,
        theme=Theme(dict(styles), inherit=False),
        highlighter=chosen,
        markup=markup,
        emoji=False,
    )

    def painted(line: str) -> str:
        with console.capture() as captured:
            console.print(line, soft_wrap=True, end="")
        return captured.get()

    return painted
