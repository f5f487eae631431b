"""`lictor flow`: looks at flows."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import click

from lictor.cli.asking import ask, ask_all
from lictor.cli.listing import output, print_json
from lictor.cli.run_table import ago, list_table, show
from lictor.wire.filters import FlowFilter, FlowFilterId
from lictor.wire.operations import flow as operations
from lictor.wire.types.flow import Flow, FlowSort

PAGE = 200


@click.group()
def flow() -> None:
    """Look at flows."""


@flow.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=15, show_default=True, help="How many, newest first.")
@output
def ls(limit: int, output: str) -> None:
    """List flows, newest first.

    Example: lictor flow ls --limit 50
    """
    found = ask(operations.FILTER(operations.ReadFlows(limit=limit, sort=FlowSort.CREATED_DESC)))
    if output == "json":
        print_json(found)
    elif found:
        rows = [[str(each.id), each.name, ", ".join(each.tags), ago(each.created)] for each in found]
        show(list_table(("ID", "Name", "Tags", "Created"), rows))
    else:
        click.echo("There are no flows yet: a flow is listed once it has run.")


def flows_of(ids: Iterable[UUID]) -> dict[UUID, Flow]:
    """Return flows by their ids."""
    wanted = FlowFilter(id=FlowFilterId(any_=list(set(ids))))
    found = ask_all(lambda offset: operations.FILTER(operations.ReadFlows(flows=wanted, offset=offset)))
    return {each.id: each for each in found}
