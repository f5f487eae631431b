"""A server for tests, and the settings that let flows of this process run against it and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lictor.client import in_process
from lictor.client.connection import close_all
from lictor.engine import slots
from lictor.kit import clock
from lictor.settings import Setting, Settings, table, temporary_settings
from lictor.settings.load import setting_of
from lictor.testing.clock import Clock
from lictor.testing.server import Server, flush

NOT_OURS = (
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
    "PREFECT_UI_URL",
    "PREFECT_RESULTS_LOCAL_STORAGE_PATH",
)
"""Settings of the user's that name secrets and places of what is no test."""

_numbers = count(1)


class Harness:
    """What a test can use: `clock`, `url` (the API's address), `home` (the folder that stands for PREFECT_HOME)."""

    def __init__(self, clock: Clock, url: str, home: Path) -> None:
        self.clock, self.url, self.home = clock, url, home

    def flush(self) -> None:
        """Let all events and log lines reach the server; reading through the API does so by itself."""
        flush(self.url)

    def __repr__(self) -> str:
        return f"<Harness {self.url}>"


@contextmanager
def lictor_test_harness(
    server_startup_timeout: float | None = 30,
    *,
    settings: Mapping[str, Any] | Mapping[Setting[Any], Any] | None = None,
    skip_waits: bool = True,
) -> Iterator[Harness]:
    """Run the flows of this process against a server of their own, which lives in this process and ends with the block.

    The server's database, and what flows keep under `PREFECT_HOME`, lie in a temporary folder. Nothing listens on a
    socket: clients in this process reach the server, other processes do not. `settings` hold for the server, which
    reads no other ones, and for clients. Where a run waits for a time (before a retry, until it is scheduled) the
    clock is put forward in place of the wait, unless `skip_waits` is false. Raises TimeoutError if the server does not
    start within `server_startup_timeout` seconds, None for any time.
    """
    given: dict[Setting[Any], Any] = {setting_of(name): value for name, value in (settings or {}).items()}
    with ExitStack() as end:
        home = Path(end.enter_context(TemporaryDirectory(prefix="lictor-test-", ignore_cleanup_errors=True)))
        url = f"http://test-{next(_numbers)}.lictor.invalid/api"
        places = {table.HOME.name: str(home), table.API_URL.name: url}
        own = Settings({setting.name: value for setting, value in given.items()} | places)
        end.enter_context(temporary_settings(dict[Any, Any](given) | places, restore_defaults=NOT_OURS))
        end.enter_context(environment(places))
        end.enter_context(clock.turned(skip_waits))
        server = Server(own, home, url)
        end.callback(server.stop)
        server.start(server_startup_timeout)
        end.callback(in_process.withdraw, url)
        in_process.serve(url, server.ask)
        slots.forget()
        end.callback(close_all, url)
        yield Harness(Clock(server.moved), url, home)


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables, which processes that flows start get too; then put back what was there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
