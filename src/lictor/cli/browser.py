"""Opens the server's pages in the browser."""

from __future__ import annotations

import click

from lictor.cli.listing import report
from lictor.kit.server_file import running
from lictor.settings import current, table

web_option = click.option("--web", is_flag=True, help="Open its page in the browser, and print the page's address.")


def open_page(path: str, output: str) -> None:
    """Open a page of the server in the browser, and print its address, which is all where there is no browser."""
    import webbrowser  # noqa: PLC0415  # few commands open pages

    address = pages() + path
    opened = webbrowser.open(address)
    report(
        output, {"page": address, "opened": opened}, address if opened else f"There is no browser here; see {address}"
    )


def pages() -> str:
    """Return the address of the pages: what the settings say, else that of the server of this home folder."""
    settings = current()
    found = running(settings[table.HOME])
    address = settings[table.UI_URL] or (found.url.removesuffix("/api") if found is not None else "")
    if not address:
        raise click.ClickException(
            "It is not known where the pages are: set PREFECT_API_URL to a server's API, or PREFECT_UI_URL, or start a "
            "server with `lictor server start`."
        )
    return address.rstrip("/")
