"""`lictor server`: runs the server, and looks after its database."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from functools import partial
from typing import Any

import click

from lictor.cli.asking import ask
from lictor.cli.doctor import configured
from lictor.cli.doctor import running as answering
from lictor.cli.groups import Groups
from lictor.cli.listing import output, print_json, print_table, report
from lictor.client.client import Client
from lictor.client.errors import ClientError, HTTPStatusError, ServerUnreachable
from lictor.client.home_server import COMMAND, launch
from lictor.kit import log_file
from lictor.kit.hashing import hash_of
from lictor.kit.server_file import STEP_SECONDS, Running, running
from lictor.kit.server_file import stop as end_server
from lictor.orchestration.key_rotation import rotated
from lictor.settings import Settings, current, table, temporary_settings
from lictor.settings.reading import LEVELS
from lictor.settings.setting import Setting
from lictor.store.transaction import StoreError
from lictor.wire.operations import admin, block_document

UNAUTHORIZED = 401
START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.25

GROUPS = {
    "database": "Look after the server's database.",
    "services": "See what the server does beside answering, and run that alone.",
}
TOLD: dict[str, Setting[Any] | str] = {
    "scheduler": "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED",
    "late_runs": table.SERVER_SERVICES_LATE_RUNS_ENABLED,
    "ui": table.SERVER_UI_ENABLED,
    "analytics_on": "PREFECT_SERVER_ANALYTICS_ENABLED",
    "keep_alive_timeout": table.SERVER_API_KEEPALIVE_TIMEOUT,
}
"""The settings that options of `start` win over."""


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
@click.option(
    "--keep-alive-timeout",
    type=click.IntRange(0),
    help="Seconds that an idle connection is kept.  [default: server.api.keepalive_timeout, 5]",
)
@click.option("--ui/--no-ui", default=None, help="Serve the pages, or not.  [default: server.ui.enabled, yes]")
@click.option(
    "--scheduler/--no-scheduler",
    default=None,
    help="Plan runs of schedules, or not.  [default: server.services.scheduler.enabled, yes]",
)
@click.option(
    "--late-runs/--no-late-runs",
    default=None,
    help="Mark late runs, or not.  [default: server.services.late_runs.enabled, yes]",
)
@click.option("--analytics-on/--analytics-off", default=None, help="Without effect: Lictor reports nothing to anyone.")
@click.option(
    "--no-services", is_flag=True, help="Only answer requests; `lictor server services start` runs the services."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes that answer requests; several need PostgreSQL.",
)
@click.option("--background", "-b", is_flag=True, help="Run it in the background, and return once it listens.")
@click.option("--temporary", is_flag=True, hidden=True)
@output
def start(
    *,
    host: str | None,
    port: int | None,
    log_level: str | None,
    no_services: bool,
    workers: int,
    background: bool,
    temporary: bool,
    output: str,
    **told: Any,
) -> None:
    """Start the server and run it until it is told to stop.

    Ctrl-C, SIGTERM and `lictor server stop` tell it; it finishes the requests that it has. It keeps its data in
    $PREFECT_HOME/lictor.db, or where PREFECT_SERVER_DATABASE_CONNECTION_URL says. Clients with the same PREFECT_HOME
    find it by themselves, others need PREFECT_API_URL. It takes the place of a temporary server.

    Example: lictor server start --port 4201

    Example: lictor server start --background

    Example: lictor server start --workers 4 --no-ui
    """
    from lictor.app import Serving, serve, serve_temporary  # noqa: PLC0415  # only this command needs the server

    settings = click.get_current_context().with_resource(
        temporary_settings({TOLD[name]: value for name, value in told.items() if value is not None})
    )
    level = log_level or settings[table.SERVER_LOGGING_LEVEL]
    if temporary:
        serve_temporary(settings, level)
        return
    host = host or settings[table.SERVER_API_HOST]
    port = settings[table.SERVER_API_PORT] if port is None else port
    if background:
        further = ["--host", host, "--port", str(port), "--log-level", level, f"--workers={workers}"]
        start_behind(settings, output, *further, *["--no-services"] * no_services)
        return
    try:
        serve(settings, Serving(host, port, level, partial(say_address, output), not no_services, workers))
    except SystemExit:
        other = running(settings[table.HOME])
        if other is not None and other.url:
            click.echo(f"{described(other)} runs already: end it with `lictor server stop`.", err=True)
        raise


def say_address(output: str, url: str) -> None:
    """Say where the server of this process listens."""
    report(output, {"api_url": url, "process": os.getpid()}, listening(url))


def listening(url: str) -> str:
    """Return where a server listens, in words."""
    return f"Lictor listens on {url}; clients with another PREFECT_HOME need PREFECT_API_URL={url}"


def start_behind(settings: Settings, output: str, *options: str) -> None:
    """Start the server in a process of its own, and wait until it listens."""
    home = settings[table.HOME]
    found = running(home)
    if found is not None and not found.temporary:
        raise click.ClickException(f"{described(found)} runs already. End it with `lictor server stop`.")
    launched, end = launch(settings, (*COMMAND, *options)), time.monotonic() + START_SECONDS
    while launched.process.poll() is None:
        found = running(home)
        if found is not None and found.url and not found.temporary:
            log = log_file.place(home)
            report(
                output,
                {"api_url": found.url, "process": found.pid, "log": log},
                listening(found.url),
                f"It runs in the background (process {found.pid}) and logs to {log}; end it with `lictor server stop`.",
            )
            return
        if time.monotonic() > end:
            launched.process.terminate()
            raise click.ClickException(
                f"The server was not ready within {START_SECONDS:g} s; see {log_file.place(home)}."
            )
        time.sleep(STEP_SECONDS)
    raise click.ClickException(f"The server did not start: {launched.lines()}")


def described(found: Running) -> str:
    """Return how messages call a server."""
    kind = "The temporary server" if found.temporary else "The server"
    return f"{kind} {found.url or 'that is starting'} (process {found.pid})"


@server.command()
@output
def stop(output: str) -> None:
    """Stop the server of this PREFECT_HOME, wherever it was started.

    It finishes the requests that it has.

    Example: lictor server stop
    """
    home = current()[table.HOME]
    found = running(home)
    if found is None:
        report(output, {"stopped": []}, f"No server runs for {home}.")
        return
    try:
        ended = end_server(home, found, STOP_SECONDS)
    except PermissionError:
        raise click.ClickException(f"{described(found)} is another user's: ask them to stop it.") from None
    if not ended:
        raise click.ClickException(f"{described(found)} did not end within {STOP_SECONDS:g} s: kill {found.pid}.")
    value = {"api_url": found.url, "process": found.pid, "temporary": found.temporary}
    report(output, {"stopped": [value]}, f"{described(found)} has ended.")


@server.command()
@click.option("--wait", is_flag=True, help="Wait until the server answers.")
@click.option("--timeout", "-t", type=click.IntRange(0), default=0, help="Most seconds to wait; 0 is for ever.")
@output
def status(wait: bool, timeout: int, output: str) -> None:
    """Tell whether the server answers.

    Asks the one of PREFECT_API_URL, else the one of this PREFECT_HOME, and starts none. Exit code 1 if none answers.

    Example: lictor server status --wait --timeout 30
    """
    settings, end = current(), time.monotonic() + timeout
    state = state_of_server(settings)
    while wait and "error" in state and not (timeout and time.monotonic() > end):
        time.sleep(POLL_SECONDS)
        state = state_of_server(settings)
    if output == "json":
        print_json(state)
    elif "error" in state:
        within = f" within {timeout} s" if wait else ""
        click.echo(f"Error: No server answers{within}: {state['error']}.", err=True)
    else:
        click.echo("".join(f"{name.replace('_', ' ')}: {value}\n" for name, value in state.items()), nl=False)
    sys.exit(1 if "error" in state else 0)


def state_of_server(settings: Settings) -> dict[str, object]:
    """Return what is to say of the server; `error` where none answers."""
    home = settings[table.HOME]
    found, named = running(home), (settings[table.API_URL] or "").rstrip("/")
    asked = found if found is not None and named in ("", found.url) else Running(url=named)
    if not asked.url:
        return {
            "status": "unavailable",
            "api_url": None,
            "error": f"PREFECT_API_URL is not set, and no server runs for {home}",
        }
    state: dict[str, object] = {"status": "available", "api_url": asked.url}
    try:
        with Client(settings, asked.url) as client:
            client.exchanges.server = asked
            state["server_version"] = client(admin.VERSION(), retries=0)
    except HTTPStatusError as refused:  # it answers, but not to everybody
        if refused.status != UNAUTHORIZED:
            return state | {"status": "unavailable", "error": f"{asked.url} answers {refused.status}"}
        state["credentials"] = "refused"
    except ClientError as error:
        reason = error.reason if isinstance(error, ServerUnreachable) else error
        return state | {"status": "unavailable", "error": f"{asked.url}: {reason}"}
    return state | ({"process": asked.pid, "temporary": asked.temporary} if asked.pid else {})


@server.command()
@output
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
    report(output, {"hash": made}, made)


@server.command("rotate-key")
@output
def rotate_key(output: str) -> None:
    """Encrypt all block documents with a new key.

    The new key is put before the others of $PREFECT_HOME/encryption.key, which stay: backups need them. Where
    PREFECT_SERVER_ENCRYPTION_KEY has the keys, its first one is used. What was interrupted goes on when it is called
    again. A server of this PREFECT_HOME that runs does it itself, and goes on answering.

    Example: lictor server rotate-key
    """
    settings = current()
    found = running(settings[table.HOME])
    if found is not None and found.url:  # it holds the database: it is asked to do it
        with temporary_settings({table.API_URL: found.url}):
            done = ask(block_document.ROTATE_KEY())
    else:
        try:
            done = asyncio.run(rotated(settings))
        except StoreError as error:
            raise click.ClickException(str(error)) from None
    said = f"{done.number} block documents were encrypted anew; all have the key {done.key} of {done.place} now."
    report(output, done, said)


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
        found = list(
            answering(url.rstrip("/")) if url else configured(settings, host or settings[table.SERVER_API_HOST])
        )
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{url} cannot be asked: {error}. Give the API's address with --url.") from None
    if output == "json":
        print_json([one._asdict() for one in found])
    else:
        rows = [[each.verdict, f"{each.point}: {each.found}" + (f"\n{each.fix}" if each.fix else "")] for each in found]
        print_table(["", "What was found, and the fix"], rows)
    sys.exit(1 if any(one.verdict == "mend" for one in found) else 0)
