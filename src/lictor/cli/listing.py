"""Prints lists: as a table for people, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def output(command: F) -> F:
    """Give a command the option that chooses how it prints."""
    kinds = click.Choice(["table", "json"])
    return click.option("--output", "-o", type=kinds, default="table", show_default=True, help="How to print.")(command)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", colors: bool = True) -> None:
    """Print rows as a table; what is too long for its column is folded, so that nothing is lost."""
    from rich import box  # noqa: PLC0415 - only tables need it
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=title or None, title_justify="left")
    for each in titles:
        shown.add_column(each, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(no_color=not colors, highlight=False).print(shown)
