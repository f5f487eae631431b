"""A private PostgreSQL for tests: a cluster in a folder of its own, or databases on the one that a URL names."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from lictor.kit.secret import Secret
from lictor.store.address import Postgres
from tests.running import free_port

GIVEN = "LICTOR_TEST_POSTGRES_URL"
READY_SECONDS = 120.0
FAST = ("fsync=off", "full_page_writes=off", "max_connections=250", "shared_buffers=64MB", "log_min_messages=fatal")


def program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's programs, the newest where Debian has several."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(versions[-1]) if versions else shutil.which(name)


def as_postgres() -> list[str]:
    """Return what a command must begin with: PostgreSQL refuses to run as root, and is to end with the tests."""
    if shutil.which("setpriv") is None:
        return []
    other_user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=INT", *other_user]


class Cluster:
    """A PostgreSQL server, listening on a loopback port, and the databases made on it."""

    def __init__(self, url: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lictor-postgres-"))
        self.port = free_port()
        self.given, self.made = url, 0
        self.process: subprocess.Popen[bytes] | None = None
        if url is None:
            self.make()
            self.start()

    @property
    def origin(self) -> str:
        """The address of the server, without a database."""
        if self.given is None:
            return f"postgresql://lictor@127.0.0.1:{self.port}"
        parts = urlsplit(self.given)
        return f"postgresql://{parts.netloc}"

    def make(self) -> None:
        """Make the files; text sorts as in English there, so that what should not depend on it shows."""
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        command = [*as_postgres(), str(program("initdb")), "-D", str(self.folder / "data"), "-U", "lictor"]
        options = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        english = ["--locale-provider=icu", "--icu-locale=en-US"]
        for more in (english, []):  # servers before 15 know no such option
            made = subprocess.run([*command, *options, *more], check=False, capture_output=True, cwd=self.folder)
            if made.returncode == 0:
                return
        raise RuntimeError("initdb failed")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [f"unix_socket_directories={self.folder}", "listen_addresses=127.0.0.1", f"port={self.port}", *FAST]
        options = [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "server.log").open("ab") as log:
            command = [*as_postgres(), str(program("postgres")), "-D", str(self.folder / "data"), *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + READY_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'server.log').read_text()}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            self.run("select 1", database="postgres")
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def stop(self, how: int = signal.SIGINT) -> None:
        """End the server: SIGINT ends sessions and shuts down in good order, SIGQUIT at once."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(READY_SECONDS)

    def close(self) -> None:
        """End the server and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements on a connection of their own; return the rows of the last."""

        async def work() -> list[Any]:
            db = await asyncpg.connect(f"{self.origin}/{database}")
            try:
                rows: list[Any] = []
                for statement in statements:
                    rows = [tuple(row) for row in await db.fetch(statement)]
                return rows
            finally:
                await db.close()

        return asyncio.run(work())

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Make a database for the time of a test; give its name."""
        self.made += 1
        name = f"lictor_test_{os.getpid()}_{self.made}"
        self.run(f'create database {name} template "{template}"')
        try:
            yield name
        finally:
            self.run(f"drop database if exists {name} with (force)")

    def address(self, name: str) -> Postgres:
        """Return a database as the store takes it."""
        parts = urlsplit(self.origin)
        password = None if parts.password is None else Secret(parts.password)
        assert parts.hostname is not None
        return Postgres(
            host=parts.hostname, port=parts.port or 5432, user=parts.username or "", password=password, database=name
        )

    def url(self, name: str) -> str:
        """Return the address of a database as users write it."""
        return f"{self.origin}/{name}".replace("postgresql://", "postgresql+asyncpg://", 1)


def open_cluster() -> Cluster:
    """Start a cluster or use the one that is given; without either, tests are left out, save where all must run."""
    given = os.environ.get(GIVEN)
    if given is None and (program("initdb") is None or program("postgres") is None):
        missing = f"PostgreSQL is not installed, and {GIVEN} names no server"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return Cluster(given)
