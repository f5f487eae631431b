"""Where the database is, from the settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from lictor.settings import Settings, table
from lictor.store.migrate import Unfit

SQLITE = ("sqlite+aiosqlite://", "sqlite://")


def database_path(settings: Settings) -> str:
    """Return the path of the SQLite file that the settings name."""
    url = settings[table.SERVER_DATABASE_CONNECTION_URL]
    if url is None:
        raise Unfit("PREFECT_SERVER_DATABASE_CONNECTION_URL is not set; give sqlite+aiosqlite:///<path>.")
    return path_of(url.reveal())


def path_of(url: str) -> str:
    """Return the path in a URL: `sqlite+aiosqlite:///lictor.db` is relative, four slashes begin an absolute one."""
    name = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
    scheme = next((scheme for scheme in SQLITE if url.startswith(scheme)), None)
    if scheme is None:
        kind = url.partition(":")[0]
        raise Unfit(f"{name}: '{kind}' databases are not supported yet; give sqlite+aiosqlite:///<path>.")
    path = unquote(url.removeprefix(scheme).partition("?")[0]).removeprefix("/")
    if not path or ":memory:" in path:
        raise Unfit(f"{name}: a database in memory would lose every run; give sqlite+aiosqlite:///<path>.")
    return str(Path(path).expanduser())
