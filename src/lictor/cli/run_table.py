"""How flow runs and task runs are shown: lists, details, states, times."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from lictor.kit.clock import now
from lictor.kit.names import one_line, plain_lines
from lictor.settings import SettingsError, current, table
from lictor.wire.types.state import StateType

if TYPE_CHECKING:
    from rich.console import Console, OverflowMethod
    from rich.table import Table
    from rich.text import Text

WIDTHS: dict[str, int | None] = {"ID": 36, "Schedule": None, "State": 9, "When": 7, "Took": 5}
"""Columns that stay whole, and how wide they are at least."""
NAMES = {"Flow", "Name", "Key", "Slug", "Pool", "Work pool", "Queue"}
"""Columns whose cells stay on one line, cut off where they must be."""
FOLDED = {"Deployment", "Fires", "Value"}
"""Columns of which nothing is cut off: what is too long goes on in the next line."""
COLOURS = {
    StateType.COMPLETED: "green",
    StateType.FAILED: "red",
    StateType.CRASHED: "red",
    StateType.RUNNING: "blue",
    StateType.CANCELLED: "yellow",
    StateType.CANCELLING: "yellow",
}
ROOMY, WIDE, WIDEST = 100, 160, 100_000
"""How wide a terminal is that has room for all columns, a line in a pipe, and one that is never broken."""
UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def console() -> Console:
    """Return what prints tables: as wide as the terminal; what goes into a file or a pipe is not cut to one."""
    from rich.console import Console  # noqa: PLC0415  # only tables need it

    colors = wrap = True
    with suppress(SettingsError):  # commands that show what is wrong with settings print tables, too
        colors, wrap = current()[table.CLI_COLORS], current()[table.CLI_WRAP_LINES]
    narrow = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=(None if narrow else WIDE) if wrap else WIDEST, no_color=not colors, highlight=False)


def show(shown: Table) -> None:
    """Print a table."""
    console().print(shown)


def list_table(titles: Sequence[str], rows: Sequence[Sequence[str | Text]], spare: Sequence[str] = ()) -> Table:
    """Return a list as a table; ids, states and times stay whole, names give way where the terminal is narrow.

    `spare` names columns that are left out there.
    """
    from rich import box  # noqa: PLC0415  # see console
    from rich.table import Table  # noqa: PLC0415  # see console

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    left_out = spare if console().width < ROOMY else ()
    kept = [at for at, title in enumerate(titles) if title not in left_out]
    for at in kept:
        title = titles[at]
        overflow: OverflowMethod = "fold" if title in FOLDED else "ellipsis"
        shown.add_column(title, no_wrap=title in WIDTHS, min_width=WIDTHS.get(title), overflow=overflow)
    for row in rows:
        shown.add_row(*(as_cell(titles[at], row[at]) for at in kept))
    return shown


def as_cell(title: str, cell: str | Text) -> Text:
    """Return a cell of a list; a name stays on one line."""
    from rich.text import Text  # noqa: PLC0415  # see console

    if not isinstance(cell, str):
        return cell
    if title in NAMES:
        return Text(one_line(cell), no_wrap=True, overflow="ellipsis")
    return Text(plain_lines(cell))


def details_table(title: str, values: Mapping[str, object]) -> Table:
    """Return the fields of a run as a table, those without a value left out."""
    from rich import box  # noqa: PLC0415  # see console
    from rich.table import Table  # noqa: PLC0415  # see console
    from rich.text import Text  # noqa: PLC0415  # see console

    shown = Table("Field", title=Text(one_line(title)), title_justify="left", show_header=False, box=box.SIMPLE)
    shown.add_column("Value", overflow="fold")
    for name, value in values.items():
        if value not in (None, ""):
            shown.add_row(name, Text(plain_lines(str(value))))
    return shown


def state_text(name: str | None, kind: StateType | None) -> Text:
    """Return a state's name in the colour of its type."""
    from rich.text import Text  # noqa: PLC0415  # see console

    return Text(name or "", style=COLOURS.get(kind, "") if kind else "")


def moment(when: datetime | None) -> str | None:
    """Return a time as people read it, in their own zone."""
    return None if when is None else when.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def ago(when: datetime | None) -> str:
    """Return how long ago a time was, or how far ahead it lies."""
    if when is None:
        return ""
    seconds = (now() - when).total_seconds()
    size, unit = next((each for each in UNITS if abs(seconds) >= each[0]), UNITS[-1])
    count = int(abs(seconds) // size)
    return f"{count}{unit} ago" if seconds >= 0 else f"in {count}{unit}"


def took(seconds: float) -> str:
    """Return how long a run has run."""
    return f"{seconds:.2f}s" if seconds < 60 else f"{int(seconds // 60)}m {int(seconds % 60)}s"


def in_words(status: str | None) -> str:
    """Return a status such as NOT_READY in words."""
    return "" if status is None else status.lower().replace("_", " ")
