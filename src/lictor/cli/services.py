"""`lictor server services`: what the server does beside answering."""

from __future__ import annotations

import click

from lictor.cli.listing import output, print_json, print_table
from lictor.server.services import SERVICES, Service
from lictor.settings import Settings, current


@click.group()
def services() -> None:
    """See what the server does beside answering."""


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
