"""`lictor server`: runs the server, and looks after its database."""

from __future__ import annotations

import sys

import click

from lictor.cli.doctor import configured, running
from lictor.cli.groups import Groups
from lictor.cli.listing import output, print_json, print_table
from lictor.kit.hashing import hash_of
from lictor.settings import current, table
from lictor.settings.reading import LEVELS

GROUPS = {
    "database": "Look after the server's database.",
    "services": "See what the server does beside answering.",
}


@click.group(cls=Groups, below=GROUPS)
def server() -> None:
    """Run the server, and look after its database."""


@server.command()
@click.option("--host", help="Address to listen on.  [default: setting server.api.host, 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: server.api.port, 4200]")
@click.option(
    "--log-level",
    type=click.Choice(LEVELS, case_sensitive=False),
    help="Lowest level of the server's log.  [default: server.logging_level, WARNING]",
)
def start(host: str | None, port: int | None, log_level: str | None) -> None:
    """Start the server and run it until it is told to stop (Ctrl-C or SIGTERM).

    It keeps its data in $PREFECT_HOME/lictor.db, or where PREFECT_SERVER_DATABASE_CONNECTION_URL says.

    Example: lictor server start --port 4201
    """
    from lictor.app import serve  # noqa: PLC0415  # only this command needs the server

    settings = current()
    host = host or settings[table.SERVER_API_HOST]
    port = settings[table.SERVER_API_PORT] if port is None else port
    click.echo(f"Lictor listens on http://{host}:{port}/api; clients need PREFECT_API_URL=http://{host}:{port}/api")
    serve(settings, host, port, log_level or settings[table.SERVER_LOGGING_LEVEL])


@server.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text", help="How to print.")
def hash_auth(output: str) -> None:
    """Hash an auth string for the server's setting, so that the server need not keep it in clear.

    The auth string is asked for, or read from standard input. Clients go on sending it as it is.

    Example: lictor server hash-auth
    """
    given = (
        click.prompt("Auth string, such as admin:password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    if not given:
        raise click.ClickException("The auth string is empty: type one, such as admin:password.")
    made = hash_of(given)
    click.echo(f'{{"hash": "{made}"}}' if output == "json" else made)


@server.command()
@click.option("--host", help="Address that the server listens on.  [default: server.api.host]")
@click.option("--url", help="API of a running server to ask instead, such as https://lictor.example/api.")
@output
def doctor(host: str | None, url: str | None, output: str) -> None:
    """Check a server against the security checklist, and print the fix for each point.

    Looks at the settings and files that `lictor server start` would use here, or, with --url, at what a running server
    answers a stranger. Exit code 1 if anything must be mended.

    Example: lictor server doctor --host 0.0.0.0
    """
    settings = current()
    try:
        found = list(running(url.rstrip("/")) if url else configured(settings, host or settings[table.SERVER_API_HOST]))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{url} cannot be asked: {error}. Give the API's address with --url.") from None
    if output == "json":
        print_json([one._asdict() for one in found])
    else:
        print_table(["", "Point", "Found", "Fix"], [[one.verdict, one.point, one.found, one.fix] for one in found])
    sys.exit(1 if any(one.verdict == "mend" for one in found) else 0)
