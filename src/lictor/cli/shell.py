"""`lictor shell`: what a shell needs to know of the commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.group()
def shell() -> None:
    """Make a shell know the commands."""


@shell.command("completion")
@click.argument("kind", metavar="SHELL", type=click.Choice(SHELLS))
def completion(kind: str) -> None:
    """Print a script that makes a shell complete commands and options; SHELL is bash, zsh or fish.

    Example: lictor shell completion bash >> ~/.bashrc

    Example: lictor shell completion fish > ~/.config/fish/completions/lictor.fish
    """
    found = get_completion_class(kind)
    assert found is not None  # click knows all of SHELLS
    click.echo(found(click.get_current_context().find_root().command, {}, "lictor", "_LICTOR_COMPLETE").source())
