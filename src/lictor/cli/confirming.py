"""Asks people before what cannot be undone; programs are not asked."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from lictor.settings import SettingsError, current, table

yes_option = click.option("--yes", "--accept-yes", "-y", is_flag=True, help="Do not ask.")


def confirm(question: str, yes: bool) -> None:
    """Ask in a terminal, unless `yes` was given or setting cli.prompt says otherwise; end where the answer is no."""
    if not yes and can_ask():
        click.confirm(question, abort=True, err=True)


def confirm_always(question: str, yes: bool) -> None:
    """Ask before what destroys everything, in scripts too, unless `yes` was given; without leave to ask, refuse."""
    if yes:
        return
    if prompt() is False:
        raise click.ClickException(f"{question} Say so with --yes, as PREFECT_CLI_PROMPT is false.")
    click.confirm(question, abort=True, err=True)


def can_ask() -> bool:
    """Tell whether somebody can be asked: in a terminal, unless setting cli.prompt says otherwise."""
    wanted = prompt()
    return sys.stdin.isatty() if wanted is None else wanted


def prompt() -> bool | None:
    """Return setting cli.prompt; it is as if not set where settings cannot be read, for commands mend those, too."""
    with suppress(SettingsError):
        return current()[table.CLI_PROMPT]
    return None
