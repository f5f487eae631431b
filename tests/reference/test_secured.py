"""Both clients behind everything at once: credentials, CSRF tokens, custom headers, and an nginx that insists on them.

What they are told is what they are told by an open server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.reference.conftest import at_once
from tests.running import Server
from tests.security.asking import ask, basic
from tests.security.proxy import Nginx

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()),
    reason="nginx is not installed",
)
SECRET = "admin:Grüße: mit Doppelpunkt"
Run = Callable[..., subprocess.CompletedProcess[str]]


CLIENT = {
    "PREFECT_API_AUTH_STRING": SECRET,
    "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps({"X-Team": "data", "User-Agent": "ignored"}),
}


class Secured(Server):
    """A server behind nginx; `url` is the outside address."""

    nginx: Nginx | None = None

    @property
    def url(self) -> str:
        return f"{self.nginx.base('team')}/api" if self.nginx else super().url


@contextmanager
def guarded(home: Path) -> Iterator[Server]:
    """Start a server that has everything switched on, and nginx in front of it."""
    home.mkdir(exist_ok=True)
    settings = {
        "PREFECT_SERVER_API_AUTH_STRING": SECRET,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": "http://nobody.example",
        "PREFECT_SERVER_TRUSTED_PROXIES": "127.0.0.1",
    }
    with Secured(home, **settings) as server, Nginx(server) as nginx:
        server.nginx, server.client_settings = nginx, CLIENT
        yield server


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with guarded(tmp_path_factory.mktemp("secured")) as server:
        yield server


@pytest.mark.parametrize("sdk", ["prefect", "lictor"])
def test_a_flow_runs_behind_everything(run: Run, secured: Server, sdk: str) -> None:
    done = run(sdk, secured, "secured.py")
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["12"]), done.stderr
    of_flow = {"flows": {"name": {"any_": [f"secured-{sdk}"]}}}
    (flow_run,) = found(secured, "/flow_runs/filter", of_flow)
    task_runs = found(secured, "/task_runs/filter", of_flow)
    lines = found(secured, "/logs/filter", {"logs": {"flow_run_id": {"any_": [flow_run["id"]]}}})
    assert flow_run["state_type"] == "COMPLETED"
    assert sorted(one["run_count"] for one in task_runs) == [1, 1, 2]
    assert {one["state_type"] for one in task_runs} == {"COMPLETED"}
    assert len([line for line in lines if line["message"].startswith("doubling")]) == 4
    assert "Grüße" not in secured.log.read_text() + done.stdout + done.stderr


def found(server: Server, path: str, body: Any) -> Any:
    """Ask the server, past the proxy."""
    token = ask(server, "GET", "/api/csrf-token?client=test", **basic(SECRET)).json["token"]
    proof = {"Prefect_Csrf_Token": token, "Prefect_Csrf_Client": "test"}
    return ask(server, "POST", f"/api{path}", body, **basic(SECRET), **proof).json


def test_the_client_reads_and_subscribes_behind_everything(run: Run, tmp_path: Path) -> None:
    with Server(tmp_path) as plain, guarded(tmp_path / "secured") as secured:
        done = at_once(lambda server: run("prefect", server, "reads.py"), plain, secured)
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    told = [json.loads(each.stdout.splitlines()[-1]) for each in done]
    assert {**told[0], "run id": None} == {**told[1], "run id": None}
