"""`lictor variable`: JSON values by name."""

from __future__ import annotations

import click
from msgspec import Raw

from lictor.cli.asking import ask
from lictor.cli.json_values import value_of
from lictor.cli.listing import output, print_json, report
from lictor.cli.run_table import ago, details_table, list_table, moment, show
from lictor.kit.json import encode
from lictor.wire.filters import VariableFilter, VariableFilterName
from lictor.wire.operations import variable as operations
from lictor.wire.types.variable import Variable, VariableCreate, VariableUpdate

PAGE = 200
SHOWN = 50
"""So much of a value stands in a table."""

name = click.argument("name")


@click.group()
def variable() -> None:
    """Keep JSON values that flows and tasks share by name."""


@variable.command()
@click.option("--limit", type=click.IntRange(1, PAGE), default=100, show_default=True, help="How many, by name.")
@output
def ls(limit: int, output: str) -> None:
    """List variables, by name.

    Example: lictor variable ls
    """
    found = ask(operations.FILTER(operations.ReadVariables(limit=limit)))
    if output == "json":
        print_json(found)
    elif found:
        rows = [[each.name, cut(bytes(each.value).decode()), ", ".join(each.tags), ago(each.updated)] for each in found]
        show(list_table(("Name", "Value", "Tags", "Updated"), rows))
    else:
        click.echo("There are no variables yet: make one with `lictor variable set NAME VALUE`.")


@variable.command()
@name
@output
def inspect(name: str, output: str) -> None:
    """Show a variable with all that is known of it.

    Example: lictor variable inspect threshold
    """
    found = find(name)
    if output == "json":
        print_json(found)
        return
    values = {
        "id": found.id,
        "value": bytes(found.value).decode(),
        "tags": ", ".join(found.tags),
        "created": moment(found.created),
        "updated": moment(found.updated),
    }
    show(details_table(f"Variable '{name}'", values))


@variable.command()
@name
@output
def get(name: str, output: str) -> None:
    """Print the value of a variable, always as JSON.

    Example: lictor variable get threshold
    """
    value = find(name).value
    report(output, value, bytes(value).decode())


@variable.command("set")
@name
@click.argument("value")
@click.option("--overwrite", is_flag=True, help="Change the variable if it exists.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag of the variable; may be given several times.")
@output
def put(name: str, value: str, overwrite: bool, tags: tuple[str, ...], output: str) -> None:
    """Give a variable a value: JSON, or else a text as it stands.

    Example: lictor variable set threshold '{"low": 1, "high": 5}' --tag limits
    """
    content = Raw(encode(value_of(value)))
    known = ask(operations.COUNT(operations.CountVariables(variables=named(name)))) > 0
    if known and not overwrite:
        raise click.ClickException(f"There is a variable '{name}' already: change it with --overwrite.")
    if known:
        ask(operations.UPDATE_BY_NAME(VariableUpdate(value=content, tags=list(tags)), name=name), missing(name))
    else:
        ask(operations.CREATE(VariableCreate(name=name, value=content, tags=list(tags))))
    report(output, lambda: find(name), f"Variable '{name}' is set.")


def remove(name: str, output: str) -> None:
    """Remove a variable.

    Example: lictor variable unset threshold
    """
    ask(operations.DELETE_BY_NAME(name=name), missing(name))
    report(output, {"deleted": [{"name": name}]}, f"Variable '{name}' is removed.")


for word in ("unset", "delete"):
    variable.command(word)(name(output(remove)))


def find(name: str) -> Variable:
    """Return a variable."""
    return ask(operations.READ_BY_NAME(name=name), missing(name))


def named(name: str) -> VariableFilter:
    """Return the filter of one name."""
    return VariableFilter(name=VariableFilterName(any_=[name]))


def missing(name: str) -> str:
    """Say that there is no such variable."""
    return f"There is no variable '{name}'"


def cut(text: str) -> str:
    """Return a text that fits into a table."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
