"""`lictor dashboard`: the server's pages."""

from __future__ import annotations

import click

from lictor.cli.browser import open_page
from lictor.cli.listing import output


@click.group()
def dashboard() -> None:
    """Look at the server's pages."""


@dashboard.command("open")
@output
def open_(output: str) -> None:
    """Open the server's pages in the browser, and print their address.

    Example: lictor dashboard open
    """
    open_page("", output)
