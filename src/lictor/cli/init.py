"""`lictor init`: makes a project file."""

from __future__ import annotations

import click

from lictor.cli.listing import output, report
from lictor.sdk.project_file import NAME
from lictor.sdk.project_writing import RECIPES, initialize_project


@click.command()
@click.option("--name", help="The project's name.  [default: the folder's]")
@click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    help="Where runs get the code from.  [default: git in a repository with a remote, else local]",
)
@click.option(
    "--field",
    "-f",
    "fields",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value of the recipe, such as entrypoint, pool, repository, branch, image_name, tag (repeatable).",
)
@output
def init(name: str | None, recipe: str | None, fields: tuple[str, ...], output: str) -> None:
    """Make a project file, prefect.yaml, in this folder; one that is there stays as it is.

    \b
    Example: lictor init
             lictor init --recipe git --field repository=https://example.org/flows.git --field pool=machines
    """
    inputs = {}
    for each in fields:
        field, equals, value = each.partition("=")
        if not equals or not field:
            raise click.ClickException(f"--field '{each}' gives no value: write --field NAME=VALUE.")
        inputs[field] = value
    try:
        made = initialize_project(name, recipe, inputs)
    except ValueError as error:
        raise click.ClickException(str(error).replace("inputs:", "--field:", 1)) from None
    if not made:
        raise click.ClickException(f"There is a {NAME} already; it stays as it is. Remove it first to begin anew.")
    report(output, {"made": made}, f"{NAME} is made. Look at the deployment in it, then: lictor deploy --all")
