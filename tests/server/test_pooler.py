"""A server that reaches PostgreSQL through PgBouncer."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.postgres import GIVEN, Cluster, as_postgres
from tests.running import Server, free_port
from tests.server.conftest import Api

REMEMBERED = "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_{}STATEMENT_CACHE_SIZE"
Pooled = Callable[[str, dict[str, str]], Server]


@contextmanager
def pooler(cluster: Cluster, folder: Path, mode: str) -> Iterator[int]:
    """Start a pooler before a cluster; give its port."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or os.environ.get(GIVEN):
        if os.environ.get("CI") == "true":
            pytest.fail("pgbouncer is not installed")
        pytest.skip("needs pgbouncer, and a PostgreSQL server of the tests' own")
    port, users, settings = free_port(), folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text('"lictor" ""\n')
    settings.write_text(
        f"[databases]\n* = host=127.0.0.1 port={cluster.port}\n[pgbouncer]\nlisten_addr=127.0.0.1\n"
        f"listen_port={port}\nauth_type=trust\nauth_file={users}\npool_mode={mode}\nunix_socket_dir=\n"
    )
    for path in (folder, users, settings):
        path.chmod(0o755)
    process = subprocess.Popen([*as_postgres(), program, "-q", str(settings)], cwd="/")
    try:
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def pooled(cluster: Cluster) -> Iterator[Pooled]:
    """Start a server behind a pooler in some mode, with some settings."""
    with ExitStack() as stack:

        def start(mode: str, settings: dict[str, str]) -> Server:
            name = stack.enter_context(cluster.database())
            server = Server(None, **settings)
            port = stack.enter_context(pooler(cluster, public(server.home), mode))
            url = f"postgresql+asyncpg://lictor@127.0.0.1:{port}/{name}"
            server.settings = {**settings, "PREFECT_SERVER_DATABASE_CONNECTION_URL": url}
            return stack.enter_context(server)

        yield start


def public(home: Path) -> Path:
    """Return a folder that PostgreSQL's user may read; those of pytest are not."""
    folder = home / "pooler"
    folder.mkdir()
    home.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        ("session", {}),
        ("transaction", {REMEMBERED.format(""): "0"}),
        ("transaction", {REMEMBERED.format("PREPARED_"): "0"}),
    ],
)
def test_runs_through_a_pooler(pooled: Pooled, mode: str, settings: dict[str, str]) -> None:
    server = pooled(mode, settings)
    api = Api(server)
    for _ in range(20):
        run = api.flow_run()
        assert api("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})[1]["status"] == "ACCEPT"
        assert api("GET", f"/flow_runs/{run}")[1]["state_type"] == "RUNNING"
        assert api("POST", "/flow_runs/filter", {"limit": 1})[0] == 200
    assert api("POST", "/flow_runs/count", {})[1] == 20


def test_a_pooler_that_forgets_statements_is_named(pooled: Pooled) -> None:
    server = pooled("transaction", {})
    api = Api(server)
    said = ""
    for number in range(200):
        status, _ = api("POST", "/flows/", {"name": f"flow {number}"})
        api("POST", "/flow_runs/filter", {"limit": 1})
        if status == 503:
            said = server.log.read_text()
            break
        assert status in (200, 201)
    assert REMEMBERED.format("") + "=0" in said
    assert "Traceback" not in said
