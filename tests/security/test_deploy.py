"""The files under `deploy/` are what their programs read: settings that exist, and names that Traefik and others know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from lictor.settings import table

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(DEPLOY.glob("*.yml"))
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


@pytest.mark.parametrize("name", ["docker-compose.yml", "kubernetes.yml"])
def test_what_they_set_are_settings(name: str) -> None:
    said = [each for part in documents(DEPLOY / name) for each in variables(part)]
    assert "PREFECT_SERVER_API_AUTH_STRING_FILE" in said
    assert set(said) <= NAMES


@pytest.mark.parametrize("path", [*FILES, DEPLOY / "nginx.conf"], ids=lambda path: path.name)
def test_what_they_mention_are_settings(path: Path) -> None:
    assert set(re.findall(r"PREFECT_[A-Z_]+[A-Z]", path.read_text())) <= NAMES


def test_a_composed_service_mounts_the_secrets_and_volumes_that_there_are() -> None:
    (found,) = documents(DEPLOY / "docker-compose.yml")
    for service in found["services"].values():
        assert set(service["secrets"]) <= set(found["secrets"])
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(found["volumes"])
        for name in service["secrets"]:
            assert f"/run/secrets/{name}" in service["environment"].values()


def test_a_pod_mounts_what_it_has_and_is_asked_where_it_answers_without_credentials() -> None:
    deployment, claim, service = documents(DEPLOY / "kubernetes.yml")
    pod = deployment["spec"]["template"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    (container,) = pod["spec"]["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] in ("/api/health", "/api/ready")
