"""How commands are told which deployment they are about, and how its name is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import click

from lictor.cli.asking import UUIDText, ask
from lictor.kit.json import decode_any
from lictor.wire.operations import deployment as operations
from lictor.wire.operations import flow
from lictor.wire.types.deployment import Deployment

F = TypeVar("F", bound=Callable[..., Any])

name_argument = click.argument("name", metavar="FLOW/DEPLOYMENT")


def one_deployment(command: F) -> F:
    """Let a command take a deployment, by its name or by its id."""
    name = click.argument("name", required=False, metavar="[FLOW/DEPLOYMENT]")
    by_id = click.option("--id", "deployment_id", type=UUIDText("deployment"), help="Its id, in place of its name.")
    return name(by_id(command))


def find(name: str | None, deployment_id: UUID | None) -> Deployment:
    """Return the deployment with a name or an id."""
    if (name is None) == (deployment_id is None):
        raise click.UsageError("Say which deployment: give FLOW/DEPLOYMENT, or its id with --id.")
    return by_name(name) if name is not None else ask(operations.READ(id=deployment_id), missing(deployment_id))


def by_name(name: str) -> Deployment:
    """Return the deployment of a name."""
    flow_name, slash, own_name = name.partition("/")
    if not slash:
        raise click.UsageError(f"'{name}' names no deployment: give FLOW/DEPLOYMENT, as `lictor deployment ls` does.")
    return ask(operations.READ_BY_NAME(flow_name=flow_name, deployment_name=own_name), missing(name))


def missing(which: object) -> str:
    """Say that there is no such deployment."""
    return f"There is no deployment '{which}' (see `lictor deployment ls`)"


def full_name(deployment: Deployment) -> str:
    """Return a deployment's name with that of its flow."""
    return f"{ask(flow.READ(id=deployment.flow_id)).name}/{deployment.name}"


def properties_of(deployment: Deployment) -> dict[str, Any]:
    """Return the parameters that a deployment's runs take, each with its JSON schema."""
    found: dict[str, Any] = decode_any((deployment.parameter_openapi_schema or {}).get("properties", b"{}"))
    return found
