"""`lictor server services`: what the server does beside answering."""

from __future__ import annotations

import os
import time
from functools import partial

import click

from lictor.cli.groups import Aliased
from lictor.cli.listing import output, print_json, print_table, report
from lictor.client.home_server import COMMAND, launch
from lictor.kit import log_file
from lictor.kit.server_file import SERVICES as FILE
from lictor.kit.server_file import STEP_SECONDS, running
from lictor.kit.server_file import stop as end_services
from lictor.server.services import SERVICES, Service
from lictor.settings import Settings, current, table

START_SECONDS, STOP_SECONDS = 60.0, 30.0
ALIASES = {"list": "ls", "list-services": "ls", "enable": "start", "disable": "stop"}


@click.group(cls=Aliased, aliases=ALIASES)
def services() -> None:
    """See what the server does beside answering, and run that alone."""


@services.command()
@output
def ls(output: str) -> None:
    """List the services that run in the server, and the settings that turn them on and say how often they run.

    Tells what `lictor server start` would do with the settings as they are here.

    Example: lictor server services ls
    """
    settings = current()
    if output == "json":
        print_json([as_json(service, settings) for service in SERVICES])
        return
    titles = ["Service", "On", "Every", "What it does, and its settings"]
    print_table(titles, [as_row(service, settings) for service in SERVICES])


@services.command()
@click.option("--background", "-b", is_flag=True, help="Run them in the background, and return once they run.")
@output
def start(background: bool, output: str) -> None:
    """Run the services that are on, and nothing else, until they are told to stop.

    Servers that share their PostgreSQL database are then started with --no-services. On SQLite the server runs them,
    for the file belongs to one process.

    Example: lictor server services start --background
    """
    from lictor.app import serve_services  # noqa: PLC0415  # only this command needs it

    settings = current()
    home = settings[table.HOME]
    if not background:
        serve_services(settings, settings[table.SERVER_LOGGING_LEVEL], partial(told, output))
        return
    launched, end = launch(settings, (*COMMAND[:-1], "services", "start")), time.monotonic() + START_SECONDS
    while launched.process.poll() is None:
        found = running(home, FILE)
        if found is not None and found.pid == launched.process.pid and found.url:
            log = log_file.place(home)
            said = f"The services run in the background (process {found.pid}) and log to {log}."
            report(output, {"process": found.pid, "log": log}, said)
            return
        if time.monotonic() > end:
            launched.process.terminate()
            raise click.ClickException(
                f"The services did not run within {START_SECONDS:g} s; see {log_file.place(home)}."
            )
        time.sleep(STEP_SECONDS)
    raise click.ClickException(f"The services did not start: {launched.lines()}")


def told(output: str) -> None:
    """Say that services run in this process."""
    report(output, {"process": os.getpid()}, "The services run; `lictor server services stop` ends them.")


@services.command()
@output
def stop(output: str) -> None:
    """Stop the services that `lictor server services start` runs for this PREFECT_HOME.

    Example: lictor server services stop
    """
    home = current()[table.HOME]
    found = running(home, FILE)
    if found is None:
        report(output, {"stopped": []}, f"No services run by themselves for {home}.")
    elif end_services(home, found, STOP_SECONDS, FILE):
        value = {"stopped": [{"process": found.pid}]}
        report(output, value, f"The services (process {found.pid}) have ended.")
    else:
        raise click.ClickException(f"Process {found.pid} did not end within {STOP_SECONDS:g} s: kill {found.pid}.")


def as_json(service: Service, settings: Settings) -> dict[str, object]:
    """Return a service as JSON."""
    return {
        "name": service.name,
        "enabled": service.on(settings),
        "loop_seconds": settings[service.loop_seconds],
        "does": service.does,
        "settings": {"enabled": service.enabled.path, "loop_seconds": service.loop_seconds.path},
    }


def as_row(service: Service, settings: Settings) -> list[str]:
    """Return a service as a row."""
    does = f"{service.does}\n{service.enabled.path}\n{service.loop_seconds.path}"
    every = f"{settings[service.loop_seconds]:g} s"
    return [service.name, "yes" if service.on(settings) else "no", every, does]
