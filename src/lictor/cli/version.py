"""`lictor version`: what is installed, and what it would talk to."""

from __future__ import annotations

import platform

import click

from lictor import __version__
from lictor.cli.listing import output, report
from lictor.client.exchange import API_VERSION
from lictor.kit.server_file import running
from lictor.settings import current, table


@click.command()
@output
def version(output: str) -> None:
    """Print the version, and what else to say when something does not work.

    Example: lictor version
    """
    settings = current()
    found = running(settings[table.HOME])
    values = {
        "version": __version__,
        "api_version": API_VERSION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "profile": settings.profile,
        "server": settings[table.API_URL] or (found.url if found is not None else None),
    }
    report(output, values, *(f"{name.replace('_', ' ')}: {value or 'none'}" for name, value in values.items()))
