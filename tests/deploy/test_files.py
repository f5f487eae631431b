"""The files under `deploy/` are what their programs read: settings and commands that exist, names that others know."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from lictor.settings import table
from tests.deploy.image import DOCKERFILE, USER, Step, stages
from tests.sdk.test_documentation import Block, check_command

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
COMPOSED = sorted(DEPLOY.glob("docker-compose*.yml"))
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
KUBERNETES = DEPLOY / "kubernetes.yml"
CLAIM = "persistentVolumeClaim"
NAMES = {name for setting in table.SETTINGS for name in setting.names} | {"PREFECT_HOME"}

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {"type": "array", "items": TEXT, "minItems": 1}


def table_of(**fields: Any) -> Schema:
    """Return the schema of an object that has no other fields; those that end in `_` must be there."""
    return {
        "type": "object",
        "properties": {name.rstrip("_"): part for name, part in fields.items()},
        "required": [name[:-1] for name in fields if name.endswith("_")],
        "additionalProperties": False,
    }


def named(part: Schema) -> Schema:
    """Return the schema of an object whose every value is of one kind."""
    return {"type": "object", "additionalProperties": part, "minProperties": 1}


# What Traefik 3's reference says of a file of its file provider, as far as a proxy before Lictor may need it.
ROUTER = table_of(
    rule_=TEXT,
    service_=TEXT,
    entryPoints=TEXTS,
    middlewares=TEXTS,
    priority={"type": "integer"},
    tls={"type": "object"},
)
CHECK = table_of(path_={"type": "string", "pattern": "^/"}, interval=TEXT, timeout=TEXT, port={"type": "integer"})
BALANCER = table_of(
    servers_={"type": "array", "minItems": 1, "items": table_of(url_={"type": "string", "pattern": "^https?://"})},
    healthCheck=CHECK,
    passHostHeader={"type": "boolean"},
)
MIDDLEWARE = table_of(
    stripPrefix=table_of(prefixes_={"type": "array", "items": {"type": "string", "pattern": "^/.*[^/]$"}}),
    headers={"type": "object"},
    redirectScheme=table_of(scheme_=TEXT, permanent={"type": "boolean"}),
)
TRAEFIK = table_of(
    http_=table_of(
        routers_=named(ROUTER), services_=named(table_of(loadBalancer_=BALANCER)), middlewares=named(MIDDLEWARE)
    )
)


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def test_traefik_reads_its_file() -> None:
    (found,) = documents(DEPLOY / "traefik.yml")
    jsonschema_rs.validate(TRAEFIK, found)
    http = found["http"]
    for router in http["routers"].values():
        assert router["service"] in http["services"]
        assert set(router.get("middlewares", ())) <= set(http["middlewares"])


def variables(part: Any) -> Iterator[str]:
    """Yield the names of the environment variables that a document sets."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "environment":
                yield from value
            elif key == "env":
                yield from (each["name"] for each in value)
            else:
                yield from variables(value)
    elif isinstance(part, list):
        for each in part:
            yield from variables(each)


@pytest.mark.parametrize("path", [*COMPOSED, KUBERNETES], ids=lambda path: path.name)
def test_what_they_set_are_settings(path: Path) -> None:
    said = {each for part in documents(path) for each in variables(part) if each.startswith("PREFECT_")}
    assert "PREFECT_SERVER_API_AUTH_STRING_FILE" in said
    assert said <= NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_they_mention_are_settings(path: Path) -> None:
    assert set(re.findall(r"PREFECT_[A-Z_]+[A-Z]", path.read_text())) <= NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_they_run_are_commands(path: Path) -> None:
    """Lists as YAML and JSON write them, and lines of units."""
    text = re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.MULTILINE)
    lists = re.findall(r"\[\"?(lictor\"?, [^]]+)\]", text)
    commands = [re.sub(r"[\",]+", "", each) for each in lists] + re.findall(r"=/opt/lictor/bin/(lictor .+)", text)
    assert len(commands) == len(re.findall(r"\[\"?lictor\b|bin/lictor\b", text))
    for command in commands:
        check_command(Block(path, 0, "bash", command), command)


def services(path: Path) -> dict[str, Any]:
    """Return the services of a compose file."""
    (found,) = documents(path)
    held: dict[str, Any] = found["services"]
    return held


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_composed_services_are_closed(path: Path) -> None:
    (found,) = documents(path)
    for service in services(path).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "/tmp" in service["tmpfs"]
        assert "privileged" not in service
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert set(service["secrets"]) <= set(found["secrets"])
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(found["volumes"])
        assert set(service.get("networks", ())) <= set(found.get("networks", ()))
        given = service["environment"]
        assert not [name for name in given if re.search(r"(PASSWORD|AUTH_STRING|_KEY|CONNECTION_URL)$", name)]
        for name in service["secrets"]:
            assert f"/run/secrets/{name}" in given.values()


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_composed_services_are_built_and_wait_for_each_other(path: Path) -> None:
    made = stages()
    for service in services(path).values():
        if "build" in service:
            build = service["build"]
            assert (path.parent / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE
            assert build.get("target", list(made)[-1]) in made
        for name, how in service.get("depends_on", {}).items():
            other = services(path)[name]
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in other or probed(made[other["build"]["target"]])


@pytest.mark.parametrize("name", ["lictor", "worker", "server"])
def test_steps_behind_the_environment_say_whose_python_they_mean(name: str) -> None:
    """The first `python` on the path is that of Lictor's environment from then on, which has no pip."""
    steps = stages()[name]
    behind = steps[[step.word for step in steps].index("ENV") + 1 :]
    assert not [step for step in behind if step.word == "RUN" and re.search(r"(^|&& )(python|pip)", step.rest)]


def probed(steps: list[Step]) -> bool:
    """Tell whether a stage has a probe."""
    return any(step.word == "HEALTHCHECK" for step in steps)


def test_pods_are_closed_and_mount_what_they_have() -> None:
    found = documents(KUBERNETES)
    claims = {each["metadata"]["name"] for each in found if each["kind"] == "PersistentVolumeClaim"}
    for deployment in (each for each in found if each["kind"] == "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
        claimed = {volume[CLAIM]["claimName"] for volume in volumes.values() if CLAIM in volume}
        assert claimed <= claims
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == int(USER)
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"/data", "/tmp"} < {mount["mountPath"] for mount in container["volumeMounts"]}
        assert deployment["spec"]["selector"]["matchLabels"] == deployment["spec"]["template"]["metadata"]["labels"]


def test_the_server_in_a_pod_is_asked_where_it_answers_without_credentials() -> None:
    deployment, _, service, worker = documents(KUBERNETES)
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"] in ("/api/health", "/api/ready")
        assert ports[asked["port"]] == 4200
    (port,) = service["spec"]["ports"]
    (other,) = worker["spec"]["template"]["spec"]["containers"]
    known = f"http://{service['metadata']['name']}:{port['port']}/api"
    assert known in [each["value"] for each in other["env"]]
    assert other["readinessProbe"]["httpGet"] == {"path": "/health", "port": "health"}
    assert other["ports"] == [{"name": "health", "containerPort": 8080}]
    assert "livenessProbe" not in other
    assert "--with-healthcheck" in other["args"]


ANALYSE = shutil.which("systemd-analyze")
with_systemd = pytest.mark.skipif(ANALYSE is None and os.environ.get("CI") != "true", reason="systemd is not installed")


@with_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_reads_its_units(unit: Path, tmp_path: Path) -> None:
    place = tmp_path / unit.name
    place.write_text(unit.read_text().replace("/opt/lictor/bin/lictor", sys.executable))
    done = subprocess.run([str(ANALYSE), "verify", str(place)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@with_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_expose_little(unit: Path) -> None:
    """On systemd's scale, which goes to 100, units as most programs have them stand at 96."""
    command = [str(ANALYSE), "security", "--offline=true", "--no-pager", "--threshold=16", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


ENDS = "import signal; signal.signal(signal.SIGTERM, lambda *_: exit(0)); print(flush=True); signal.pause()"
GOES_ON = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"


@pytest.mark.parametrize("program", [ENDS, GOES_ON])
def test_a_worker_is_told_to_end_and_waited_for(program: str) -> None:
    """systemd waits for each command as long as for the end of the worker, so that must be longer than they take."""
    unit = next(path for path in UNITS if "worker" in path.name).read_text()
    tells, waits = re.findall(r"^ExecStop=-(.+)$", unit, re.MULTILINE)
    minutes = re.search(r"timeout (\d+)min ", waits)
    most = re.search(r"^TimeoutStopSec=(\d+)min$", unit, re.MULTILINE)
    assert minutes
    assert most
    assert int(minutes[1]) < int(most[1])
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        reaper = threading.Thread(target=process.wait)  # as systemd does
        reaper.start()
        seconds = "60" if program == ENDS else "0.2"
        for command in (tells, waits.replace(f"{minutes[1]}min", seconds)):
            words = command.replace("$MAINPID", str(process.pid)).split()
            code = subprocess.run(words, check=False).returncode
        process.kill()
        reaper.join()
    assert code == (0 if program == ENDS else 124)
