"""How the statistics of a database are shown."""

from __future__ import annotations

import click
import msgspec

from lictor.cli.listing import print_table
from lictor.store.statistics import Statistics, Table

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
HINT = "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED=events,flow_runs"


def in_bytes(number: float | None) -> str:
    """Return a number of bytes for people."""
    if number is None:
        return "?"
    step = 0
    while number >= 1024 and step < len(UNITS) - 1:
        number, step = number / 1024, step + 1
    return f"{number:.{0 if step == 0 or number >= 100 else 1}f} {UNITS[step]}"


def as_json(name: str, found: Statistics, on: dict[str, bool]) -> dict[str, object]:
    """Return everything as JSON; `on` tells by table whether its old rows are removed."""
    told: dict[str, object] = msgspec.to_builtins(found)
    removals = [msgspec.to_builtins(each) | {"on": on[each.owner]} for each in found.removals]
    return {"database": name, **told, "bytes_a_day": found.bytes_a_day, "removals": removals}


def growth_of(table: Table) -> list[str]:
    """Return how many rows and bytes come in a day, nothing where none do."""
    return [f"{table.rows_a_day:,.0f}", in_bytes(table.bytes_a_day)] if table.rows_a_day else ["", ""]


def show(name: str, found: Statistics, on: dict[str, bool]) -> None:
    """Print everything as tables, those of the database that are empty left out."""
    click.echo(f"{name}: {in_bytes(found.bytes)}, of which {in_bytes(found.free_bytes)} free")
    rows = [[each.name, f"{each.rows:,}", in_bytes(each.bytes), *growth_of(each)] for each in found.tables if each.rows]
    if rows:
        print_table(["Table", "Rows", "Size", "Rows a day", "Size a day"], rows)
    old = [
        [each.table, f"{each.rows:,}", in_bytes(each.bytes), "yes" if on[each.owner] else "no"]
        for each in found.removals
        if each.rows
    ]
    if old:
        print_table(["Too old", "Rows (about)", "Size", "Removed"], old)
    freed = sum(each.bytes or 0 for each in found.removals if on[each.owner])
    kept = sum(each.bytes or 0 for each in found.removals if not on[each.owner])
    click.echo(f"It grows by {in_bytes(found.bytes_a_day)} a day. Retention will free {in_bytes(freed)}.")
    if kept:
        click.echo(f"Set {HINT} to free {in_bytes(kept)} more, of runs that ended long ago.")
    if found.free_bytes > found.bytes / 2 and not found.gives_back:
        click.echo("Most of the file is free: `lictor server database vacuum` gives that back to the system.")
