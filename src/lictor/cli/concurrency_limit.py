"""`lictor concurrency-limit`: limits how many task runs with a tag may run at once."""

from __future__ import annotations

import click

from lictor.cli.asking import ask
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import list_table, show
from lictor.wire.operations import concurrency_limit as operations
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLimit,
    ConcurrencyLimitCreate,
    ReadConcurrencyLimits,
    ResetConcurrencyLimit,
)

PAGE = 200
TITLES = ("Tag", "Limit", "Running", "ID")

tag = click.argument("tag")


@click.group()
def concurrency_limit() -> None:
    """Limit how many task runs with a tag may run at once."""


@concurrency_limit.command()
@tag
@click.argument("limit", type=click.IntRange(0))
@output
def create(tag: str, limit: int, output: str) -> None:
    """Limit a tag, or change its limit; 0 lets no task run with the tag start.

    Example: lictor concurrency-limit create database 5
    """
    made = ask(operations.CREATE(ConcurrencyLimitCreate(tag=tag, concurrency_limit=limit)))
    report(output, made, f"Of the task runs with tag '{made.tag}' at most {made.concurrency_limit} run at once.")


@concurrency_limit.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=15, show_default=True, help="How many, by tag.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="How many to leave out first.")
@output
def ls(limit: int, offset: int, output: str) -> None:
    """List the limits of tags.

    Example: lictor concurrency-limit ls
    """
    found = ask(operations.FILTER(ReadConcurrencyLimits(limit=limit, offset=offset)))
    if output == "json":
        print_json(found)
    elif found:
        show(list_table(TITLES, [row(each) for each in found], ("ID",)))
    else:
        click.echo("No tag has a limit.")


@concurrency_limit.command()
@tag
@output
def inspect(tag: str, output: str) -> None:
    """Show the limit of a tag, and the task runs that hold its slots.

    Example: lictor concurrency-limit inspect database
    """
    found = ask(operations.READ_BY_TAG(tag=tag), missing(tag))
    if output == "json":
        print_json(found)
        return
    show(list_table(TITLES, [row(found)]))
    for holder in found.active_slots:
        click.echo(f"Task run {holder} holds a slot.")


@concurrency_limit.command()
@tag
@output
def reset(tag: str, output: str) -> None:
    """Give back every slot of a tag, as after a crash of the machine that ran its tasks.

    Example: lictor concurrency-limit reset database
    """
    ask(operations.RESET(ResetConcurrencyLimit(), tag=tag), missing(tag))
    report(output, lambda: ask(operations.READ_BY_TAG(tag=tag), missing(tag)), f"All slots of tag '{tag}' are free.")


@concurrency_limit.command()
@tag
@output
def delete(tag: str, output: str) -> None:
    """Remove the limit of a tag.

    Example: lictor concurrency-limit delete database
    """
    ask(operations.DELETE_BY_TAG(tag=tag), missing(tag))
    report(output, {"deleted": [{"tag": tag}]}, f"Tag '{tag}' has no limit any more.")


def missing(tag: str) -> str:
    """Say that a tag has no limit."""
    return f"Tag '{tag}' has no limit"


def row(limit: ConcurrencyLimit) -> list[str]:
    """Return a limit as a row."""
    return [limit.tag, str(limit.concurrency_limit), str(len(limit.active_slots)), str(limit.id)]
