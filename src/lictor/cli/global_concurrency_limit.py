"""`lictor global-concurrency-limit`: limits how much happens at once, or how often, by a name."""

from __future__ import annotations

from pathlib import Path

import click

from lictor.cli.asking import ask
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import ago, details_table, list_table, moment, show
from lictor.kit.json import encode
from lictor.wire.operations import concurrency_limit as operations
from lictor.wire.types.concurrency_limit import (
    ConcurrencyLeaseHolder,
    GlobalConcurrencyLimit,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    ReadConcurrencyLimits,
)

PAGE = 200
NOUNS = {"flow_run": "Flow run", "task_run": "Task run", "deployment": "Flow run"}

name = click.argument("name")
active_slots = click.option("--active-slots", type=click.IntRange(0), help="How many slots are taken.")
decay = click.option(
    "--slot-decay-per-second",
    type=click.FloatRange(0),
    help="How many slots come back by themselves in a second: with that it limits a rate.",
)


@click.group()
def global_concurrency_limit() -> None:
    """Limit how much happens at once, or how often, by a name; also called gcl."""


@global_concurrency_limit.command()
@name
@click.option("--limit", "-l", type=click.IntRange(0), required=True, help="How many slots it has.")
@click.option("--disable", is_flag=True, help="Make it switched off.")
@active_slots
@decay
@output
def create(
    name: str, limit: int, disable: bool, active_slots: int | None, slot_decay_per_second: float | None, output: str
) -> None:
    """Make a limit.

    Example: lictor gcl create database --limit 5
    """
    body = GlobalConcurrencyLimitCreate(
        name=name,
        limit=limit,
        active=not disable,
        active_slots=active_slots or 0,
        slot_decay_per_second=slot_decay_per_second or 0.0,
    )
    made = ask(operations.CREATE_GLOBAL(body))
    report(output, made, f"Made the concurrency limit '{name}' with {limit} slots: {made.id}.")


@global_concurrency_limit.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=100, show_default=True, help="How many, by name.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="How many to leave out first.")
@output
def ls(limit: int, offset: int, output: str) -> None:
    """List limits, by name.

    Example: lictor gcl ls
    """
    found = ask(operations.FILTER_GLOBAL(ReadConcurrencyLimits(limit=limit, offset=offset)))
    if output == "json":
        print_json(found)
    elif found:
        titles = ("Name", "Active", "Slots", "Taken", "Back a second", "Updated", "ID")
        show(list_table(titles, [row(each) for each in found], ("ID",)))
    else:
        click.echo("There are no concurrency limits yet: make one with `lictor gcl create NAME --limit 5`.")


@global_concurrency_limit.command()
@name
@output
@click.option("--file", "-f", type=click.Path(path_type=Path), help="Write the JSON to a file; with --output json.")
def inspect(name: str, output: str, file: Path | None) -> None:
    """Show a limit, who holds slots of it, and who waits for some.

    Example: lictor gcl inspect database
    """
    if file is not None and output != "json":
        raise click.UsageError("--file needs --output json.")
    found = find(name)
    if file is not None:
        try:
            file.write_bytes(encode(found))
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
        click.echo(f"Written to {file}.", err=True)
    elif output == "json":
        print_json(found)
    else:
        tell(found)


def tell(limit: GlobalConcurrencyLimit) -> None:
    """Show a limit, who holds slots of it, and who waits for some."""
    values = {
        "id": limit.id,
        "active": yes_or_no(limit.active),
        "slots": limit.limit,
        "taken": limit.active_slots,
        "back a second": f"{limit.slot_decay_per_second:g}",
        "created": moment(limit.created),
        "updated": moment(limit.updated),
    }
    show(details_table(f"Concurrency limit '{limit.name}'", values))
    line = ask(operations.READ_HOLDERS(id_or_name=limit.id), missing(limit.name))
    for slot in line.holders:
        click.echo(f"{who(slot.holder)} holds {slots(slot.slots)}, taken {ago(slot.since)}.")
    for waiter in line.waiting:
        click.echo(f"{who(waiter.holder)} waits for {slots(waiter.slots)}, since {ago(waiter.since)}.")


@global_concurrency_limit.command()
@name
@click.option("--limit", "-l", type=click.IntRange(0), help="How many slots it has.")
@click.option("--enable", is_flag=True, help="Switch it on.")
@click.option("--disable", is_flag=True, help="Switch it off: nobody waits for it then.")
@active_slots
@decay
@output
def update(  # the options of the command
    name: str,
    limit: int | None,
    enable: bool,
    disable: bool,
    active_slots: int | None,
    slot_decay_per_second: float | None,
    output: str,
) -> None:
    """Change a limit.

    Example: lictor gcl update database --limit 10
    """
    if enable and disable:
        raise click.UsageError("A limit cannot be switched on and off at once: give --enable or --disable.")
    body = GlobalConcurrencyLimitUpdate(
        limit=limit,
        active=True if enable else False if disable else None,
        active_slots=active_slots,
        slot_decay_per_second=slot_decay_per_second,
    )
    if body == GlobalConcurrencyLimitUpdate(limit=None, active=None, active_slots=None, slot_decay_per_second=None):
        raise click.UsageError("Say what to change: --limit, --enable, --disable, --active-slots, or the slot decay.")
    ask(operations.UPDATE_GLOBAL(body, id_or_name=name), missing(name))
    report(output, lambda: find(name), f"Changed the concurrency limit '{name}'.")


@global_concurrency_limit.command()
@name
@output
def enable(name: str, output: str) -> None:
    """Switch a limit on.

    Example: lictor gcl enable database
    """
    switch(name, True, output)


@global_concurrency_limit.command()
@name
@output
def disable(name: str, output: str) -> None:
    """Switch a limit off: nobody waits for it then.

    Example: lictor gcl disable database
    """
    switch(name, False, output)


def switch(name: str, on: bool, output: str) -> None:
    """Switch a limit on or off; it is a mistake if it is so already."""
    word = "on" if on else "off"
    if find(name).active == on:
        raise click.ClickException(f"The concurrency limit '{name}' is switched {word} already.")
    ask(operations.UPDATE_GLOBAL(GlobalConcurrencyLimitUpdate(active=on), id_or_name=name), missing(name))
    report(output, lambda: find(name), f"Switched the concurrency limit '{name}' {word}.")


@global_concurrency_limit.command()
@name
@output
def delete(name: str, output: str) -> None:
    """Remove a limit: nobody waits for it then.

    Example: lictor gcl delete database
    """
    ask(operations.DELETE_GLOBAL(id_or_name=name), missing(name))
    report(output, {"deleted": [{"name": name}]}, f"Removed the concurrency limit '{name}'.")


def find(name: str) -> GlobalConcurrencyLimit:
    """Return the limit with a name or an id."""
    return ask(operations.READ_GLOBAL(id_or_name=name), missing(name))


def missing(name: str) -> str:
    """Say that there is no such limit."""
    return f"There is no concurrency limit '{name}'"


def row(limit: GlobalConcurrencyLimit) -> list[str]:
    """Return a limit as a row."""
    return [
        limit.name,
        yes_or_no(limit.active),
        str(limit.limit),
        str(limit.active_slots),
        f"{limit.slot_decay_per_second:g}",
        ago(limit.updated),
        str(limit.id),
    ]


def yes_or_no(value: bool) -> str:
    """Return a truth in words."""
    return "yes" if value else "no"


def slots(number: int) -> str:
    """Return a number of slots in words."""
    return "a slot" if number == 1 else f"{number} slots"


def who(holder: ConcurrencyLeaseHolder | None) -> str:
    """Say who somebody is."""
    return "Somebody unnamed" if holder is None else f"{NOUNS[holder.type]} {holder.id}"
