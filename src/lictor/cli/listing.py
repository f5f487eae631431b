"""Prints what commands answer: tables and sentences for people, JSON for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from msgspec.json import format as indented

from lictor.cli.run_table import show
from lictor.kit.json import encode

F = TypeVar("F", bound=Callable[..., Any])

STDOUT, STDERR = 1, 2


def output(command: F) -> F:
    """Give a command the option that chooses how it prints; every command has it."""
    kinds = click.Choice(["text", "json"])
    return click.option("--output", "-o", type=kinds, default="text", show_default=True, help="How to print.")(command)


def report(output: str, value: object, *lines: str) -> None:
    """Print what a command did: `lines` for people, `value` as one JSON document for programs.

    A `value` that is a function is called where it is needed, as it may have to be asked for.
    """
    if output == "json":
        print_json(value() if callable(value) else value)
        return
    for line in lines:
        click.echo(line)


def print_json(value: object) -> None:
    """Print a value as JSON for programs that people may read, too."""
    click.echo(indented(encode(value), indent=2))


@contextmanager
def aside(output: str) -> Iterator[None]:
    """Let what users' code prints, and what it starts, go to standard error where standard output is for JSON."""
    if output != "json":
        yield
        return
    sys.stdout.flush()
    kept = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, STDOUT)
        os.close(kept)


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print rows as a table; what is too long for its column is folded, so that nothing is lost."""
    from rich import box  # noqa: PLC0415 - only tables need it
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=title or None, title_justify="left")
    for each in titles:
        shown.add_column(each, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    show(shown)
