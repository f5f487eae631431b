"""The `lictor` command."""

from __future__ import annotations

import sys

import click

from lictor import __version__
from lictor.settings import SettingsError, current, table


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", message="%(version)s")
def lictor() -> None:
    """Host, run and watch workflows."""


@lictor.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)


@lictor.group()
def server() -> None:
    """Run the server."""


@server.command()
@click.option("--host", help="Address to listen on.  [default: server.api.host]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: server.api.port]")
@click.option("--log-level", help="Lowest level of the server's log.  [default: server.logging_level]")
def start(host: str | None, port: int | None, log_level: str | None) -> None:
    """Start the server and run it until it is told to stop.

    Example: lictor server start --port 4201
    """
    from lictor.app import serve  # noqa: PLC0415  # only this command needs the server

    settings = current()
    serve(
        settings,
        host or settings[table.SERVER_API_HOST],
        settings[table.SERVER_API_PORT] if port is None else port,
        log_level or settings[table.SERVER_LOGGING_LEVEL],
    )


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr and exit code 1."""
    try:
        lictor()
    except SettingsError as wrong:
        click.echo(f"Error: {wrong}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
