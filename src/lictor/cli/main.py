"""The `lictor` command."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from lictor import __version__
from lictor.settings import SettingsError

GROUPS = {
    "config": "See, check and change settings.",
    "flow-run": "Look at flow runs.",
    "profile": "Keep several sets of settings, and choose one.",
    "server": "Run the server.",
}
"""The command groups; each has a module of its own, loaded when it is asked for."""


class Groups(click.Group):
    """The top of the command line, whose groups load on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands and groups."""
        return sorted([*super().list_commands(ctx), *GROUPS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name; a group's module is loaded here."""
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        name = cmd_name.replace("-", "_")
        loaded = getattr(import_module(f"lictor.cli.{name}"), name)
        return loaded if isinstance(loaded, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands and groups without loading any."""
        own = {name: command.get_short_help_str(90) for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted((own | GROUPS).items()))


@click.group(cls=Groups, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", message="%(version)s")
def lictor() -> None:
    """Host, run and watch workflows.

    Example: lictor server start
    """


@lictor.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print.")
def version(output: str) -> None:
    """Print the version.

    Example: lictor version
    """
    click.echo(f'{{"version": "{__version__}"}}' if output == "json" else __version__)


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr and exit code 1."""
    try:
        lictor()
    except SettingsError as wrong:
        click.echo(f"Error: {wrong}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
