"""Asks in a terminal for what a deployment lacks; elsewhere says what is missing and how to give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lictor.cli.asking import ask_all
from lictor.cli.confirming import can_ask
from lictor.cli.run_table import list_table
from lictor.sdk.found_flows import flows_below
from lictor.sdk.project_writing import as_item, with_entry, write
from lictor.wire.operations import work_pool as work_pools


def ask_which(entries: Sequence[Mapping[str, Any]]) -> int | None:
    """Ask which of a file's deployments to make; None stands for a new one."""
    rows = [[str(each.get(name) or "") for name in ("name", "entrypoint", "description")] for each in entries]
    picked = pick("Which deployment?", ("Name", "Flow", "Description"), [*rows, ["a new one", "", ""]])
    return picked if picked < len(entries) else None


def ask_for_flow(label: str) -> str:
    """Ask where the flow is, with those that are found here."""
    if not can_ask():
        raise click.ClickException(
            f"{label} names no flow: give FILE:FLOW, such as flows/hello.py:hello, or write 'entrypoint:' in the file."
        )
    found = list(flows_below(Path()))
    if found:
        rows = [each.rpartition(":")[::2] for each in found]
        picked = pick("Which flow?", ("File", "Flow"), [*map(list, rows), ["another one", ""]])
        if picked < len(found):
            return found[picked]
    return str(click.prompt("The flow, as FILE:FLOW", err=True))


def ask_for_name(entrypoint: str) -> str:
    """Ask for a deployment's name."""
    if not can_ask():
        raise click.ClickException(f"The deployment of {entrypoint} has no name: give --name, or 'name:' in the file.")
    return str(click.prompt("The deployment's name", default="default", err=True))


def ask_for_pool(name: str) -> str:
    """Ask for the work pool of a deployment."""
    if not can_ask():
        raise click.ClickException(
            f"Deployment '{name}' names no work pool: give --pool, 'work_pool: {{name: …}}' in the file, or setting "
            "PREFECT_DEFAULT_WORK_POOL_NAME."
        )
    found = ask_all(lambda offset: work_pools.FILTER(work_pools.ReadWorkPools(offset=offset)))
    if not found:
        raise click.ClickException(
            "There is no work pool yet. Make one: lictor work-pool create machines --type process"
        )
    rows = [[each.name, each.type, each.description or ""] for each in found]
    return found[pick("Which work pool?", ("Name", "Type", "Description"), rows)].name


def pick(question: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Ask for one of several rows; return which."""
    from rich.console import Console  # noqa: PLC0415 - few are asked

    numbered = [[str(number), *row] for number, row in enumerate(rows, 1)]
    Console(stderr=True).print(list_table(("", *titles), numbered))
    return int(click.prompt(question, type=click.IntRange(1, len(rows)), default=1, err=True)) - 1


def offer_to_save(entry: Mapping[str, Any], file: Path) -> None:
    """Ask whether a new deployment shall stand in the project file; print what to write where it cannot be added."""
    if not can_ask() or not click.confirm(f"Save the deployment in {file}?", default=True, err=True):
        return
    text = with_entry(file, entry)
    if text is None:
        click.echo(f"Write this in {file}, below 'deployments:':\n\n{as_item(entry)}", err=True)
        return
    write(file, text)
    click.echo(f"It is saved: lictor deploy --name {entry['name']}", err=True)
