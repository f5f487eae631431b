"""`lictor completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete commands and options.

    Example: lictor completion bash >> ~/.bashrc

    Example: lictor completion fish > ~/.config/fish/completions/lictor.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # click knows all of SHELLS
    click.echo(kind(context.find_root().command, {}, "lictor", "_LICTOR_COMPLETE").source())
