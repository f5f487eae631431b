"""Groups of commands whose members load when they are asked for, so that every other command starts sooner."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

ALSO_CALLED = {"gcl": "global-concurrency-limit"}
"""Shorter names of groups."""


class Groups(click.Group):
    """A group with groups below it: each is in the module of the command line that has its name."""

    def __init__(self, *args: Any, below: Mapping[str, str], **options: Any) -> None:
        """`below` tells of each group below what it is for."""
        super().__init__(*args, **options)
        self.below = dict(below)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands and groups."""
        return sorted([*super().list_commands(ctx), *self.below])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, a group also by its plural; a group's module is loaded here."""
        cmd_name = ALSO_CALLED.get(cmd_name, cmd_name)
        if cmd_name not in self.below and cmd_name.removesuffix("s") in self.below:
            cmd_name = cmd_name.removesuffix("s")
        if cmd_name not in self.below:
            return super().get_command(ctx, cmd_name)
        name = cmd_name.replace("-", "_")
        loaded = getattr(import_module(f"lictor.cli.{name}"), name)
        return loaded if isinstance(loaded, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands and groups without loading any."""
        own = {name: command.get_short_help_str(90) for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted((own | self.below).items()))


class Aliased(click.Group):
    """A group whose commands have further names."""

    def __init__(self, *args: Any, aliases: Mapping[str, str], **options: Any) -> None:
        """`aliases` gives the command of each further name."""
        super().__init__(*args, **options)
        self.aliases = dict(aliases)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by one of its names."""
        return super().get_command(ctx, self.aliases.get(cmd_name, cmd_name))
