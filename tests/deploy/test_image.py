"""The images of `deploy/Dockerfile`, run as the files beside it run them: closed, and asked by their probes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.architecture.source import ROOT
from tests.deploy.image import BWRAP, USER, Container, Image
from tests.postgres import Cluster
from tests.running import clean_environment, free_port

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and (BWRAP is None or os.geteuid() != 0),
    reason="bubblewrap is not installed, or these are not root's tests",
)
SECRET = "admin:a long password"
FLOW = """
import os
from lictor import flow

@flow
def who():
    print(os.getuid(), os.environ["PREFECT_API_AUTH_STRING_FILE"])
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built once."""
    folder = tmp_path_factory.mktemp("image")
    for each in (folder, *folder.parents[:2]):  # other users reach what is mounted
        each.chmod(0o755)
    made = Image(folder)
    made.build()
    return made


@pytest.fixture(scope="module")
def secrets(image: Image) -> Path:
    """Files of secrets, as others are given them to read."""
    folder = image.folder / "secrets"
    folder.mkdir()
    for name, text in {"auth_string": SECRET, "database_password": "p/w"}.items():
        (folder / name).write_text(f"{text}\n")
        (folder / name).chmod(0o444)
    return folder


def composed(name: str, service: str) -> dict[str, str]:
    """Return the environment of a service in a compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / name).read_text())
    environment: dict[str, str] = found["services"][service]["environment"]
    return environment


def podded(number: int) -> dict[str, str]:
    """Return the environment of a container in the Kubernetes file."""
    found = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yml").read_text()))
    (container,) = found[number]["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


def test_it_holds_what_is_locked_and_no_tools(image: Image) -> None:
    (packages,) = (image.installed / "lictor" / "lib").glob("python3*/site-packages")
    there = {each.name.lower().replace("_", "-"): each.version for each in distributions(path=[str(packages)])}
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert there.pop("lictor")
    assert there
    assert there.items() <= locked.items()
    assert not {"pip", "setuptools", "hatchling"} & there.keys()
    assert (packages / "lictor" / "ui" / "bundle" / "index.html").exists()
    assert list((packages / "lictor" / "__pycache__").glob("*.pyc"))


WAYS = ("sqlite", "postgres", "kubernetes", "under a path")


@pytest.fixture(params=WAYS)
def server(
    request: pytest.FixtureRequest, image: Image, secrets: Path, cluster: Cluster, tmp_path: Path
) -> Iterator[Container]:
    """A server in a container, set up as one of the files says."""
    way: str = request.param
    data, files = tmp_path / "data", {f"/run/secrets/{each.name}": each for each in secrets.iterdir()}
    given = composed("docker-compose.sqlite.yml", "server")
    with cluster.database() as database:
        if way == "postgres":
            given = composed("docker-compose.yml", "server")
            where = httpx.URL(cluster.origin)
            given |= {
                "PREFECT_SERVER_DATABASE_HOST": where.host,
                "PREFECT_SERVER_DATABASE_PORT": str(where.port or 5432),
                "PREFECT_SERVER_DATABASE_USER": where.username,
                "PREFECT_SERVER_DATABASE_NAME": database,
            }
        elif way == "kubernetes":  # a volume is root's, and its group may write
            given = podded(0)
            data.mkdir()
            os.chown(data, 0, int(USER))
            data.chmod(0o2770)
            files = {"/run/secrets/lictor": as_kubernetes_mounts(secrets, tmp_path)}
        elif way == "under a path":
            given |= {"PREFECT_SERVER_API_BASE_PATH": "/orchestrator/api"}
        given = {**given, "PREFECT_SERVER_API_PORT": str(free_port())}
        with Container(image, "server", data, given, files) as running:
            running.wait()
            yield running


def as_kubernetes_mounts(secrets: Path, folder: Path) -> Path:
    """Return a folder with the auth string that only root and the pod's group may read."""
    place = folder / "auth"
    place.mkdir()
    shutil.copy(secrets / "auth_string", place / "auth-string")
    os.chown(place / "auth-string", 0, int(USER))
    (place / "auth-string").chmod(0o440)
    return place


def url(server: Container) -> str:
    """Return the address of a server's API."""
    base = server.environment.get("PREFECT_SERVER_API_BASE_PATH", "/api")
    return f"http://127.0.0.1:{server.environment['PREFECT_SERVER_API_PORT']}{base}"


def test_a_server_is_closed_and_yet_asked_by_probes(server: Container) -> None:
    assert httpx.get(f"{url(server)}/health").status_code == 200
    assert httpx.get(f"{url(server)}/ready").status_code == 200
    assert httpx.get(f"{url(server)}/version").status_code == 401
    credentials = httpx.BasicAuth(*SECRET.split(":"))
    assert httpx.get(f"{url(server)}/version", auth=credentials).status_code == 200
    for place in ("/", "/opt/lictor", "/etc", "/usr"):
        assert server.run("touch", f"{place}/here").returncode == 1
    assert server.run("touch", "/tmp/here").returncode == 0
    assert server.run("id", "-u").stdout.strip() == USER
    assert server.run("grep", "CapEff", "/proc/1/status").stdout.split()[1].strip("0") == ""
    assert server.stop() == 0
    assert SECRET not in server.log.read_text()
    assert "401" not in server.log.read_text()


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_worker_runs_a_deployment_and_ends_when_told(
    server: Container, image: Image, secrets: Path, tmp_path: Path
) -> None:
    flows = tmp_path / "flows"
    flows.mkdir(mode=0o755)
    (flows / "who.py").write_text(FLOW)
    given = {**composed("docker-compose.yml", "worker"), "PREFECT_API_URL": url(server)}
    given["PREFECT_WORKER_WEBSERVER_PORT"] = str(free_port())
    files = {"/run/secrets/auth_string": secrets / "auth_string", "/flows": flows}
    here = {"PREFECT_API_URL": url(server), "PREFECT_API_AUTH_STRING_FILE": str(secrets / "auth_string")}
    with Container(image, "worker", tmp_path / "worker", given, files) as worker:
        worker.wait()
        deploy(here)
        lictor(here, "deployment", "run", "who/here", "--watch")
        assert worker.stop() == 0
    assert f"{USER} /run/secrets/auth_string" in worker.log.read_text()


def deploy(here: Mapping[str, str]) -> None:
    """Tell the server of the flow that the worker finds in its own folder."""
    program = """
import lictor
from lictor.client.schemas.actions import WorkPoolCreate
with lictor.get_client(sync_client=True) as client:
    flow = client.create_flow_from_name("who")
    client.create_work_pool(WorkPoolCreate(name="default", type="process"), overwrite=True)
    client.create_deployment(flow, "here", work_pool_name="default", path="/flows", entrypoint="who.py:who")
"""
    run(here, [sys.executable, "-c", program])


def lictor(here: Mapping[str, str], *words: str) -> None:
    """Run a command of this machine, as a client of the server."""
    run(here, [sys.executable, "-m", "lictor.cli.main", *words])


def run(here: Mapping[str, str], command: list[str]) -> None:
    done = subprocess.run(
        command, env={**clean_environment(), **here}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
