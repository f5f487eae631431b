"""How a worker starts a run: its pool's template, filled in with the job variables of pool, deployment and run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, Self

import msgspec

from lictor.sdk.api.method import Steps
from lictor.sdk.templating import MISSING, fill, resolve

Level = Literal["pool", "deployment", "run"]
ENV = "env"


class Given(NamedTuple):
    """A job variable's value, and what gives it."""

    value: Any
    level: Level


@dataclass(kw_only=True)
class JobConfiguration:
    """What a worker starts for a run. Workers of a type of their own add fields to a subclass, with defaults.

    Fields are of types that JSON has; they are the job variables that the template of a new pool has.

    Args:
        command: What runs the flow run, as in a shell; `lictor flow-run execute`, or the like, unless given.
        env: Environment variables by name; null takes one away.
        labels: What the job is marked with, where its infrastructure can.
        name: What the job is called, where its infrastructure can: by default as the run. `{{ ctx.flow.… }}` and
            `{{ ctx.flow_run.… }}` in it stand for fields of these.
    """

    command: str | None = None
    env: dict[str, str | None] = field(default_factory=dict, repr=False)
    labels: dict[str, str] = field(default_factory=dict)
    name: str | None = None

    @classmethod
    def template(cls) -> dict[str, Any]:
        """Return the base job template for pools of workers that take this configuration."""
        (whole,), definitions = msgspec.json.schema_components([cls], ref_template="#/definitions/{name}")
        own = definitions.pop(whole["$ref"].rpartition("/")[2])
        variables = {"type": "object", "properties": own["properties"]}
        if definitions:
            variables["definitions"] = definitions
        return {"job_configuration": usual(cls), "variables": variables}

    @classmethod
    def of(
        cls, template: Mapping[str, Any], of_deployment: Mapping[str, Any], of_run: Mapping[str, Any]
    ) -> Steps[Self]:
        """Return the configuration of a run: the pool's template, filled in with job variables, blocks and variables.

        Raises ValueError for what cannot be filled in, or does not fit a field.
        """
        values = nested(given(template, of_deployment, of_run))
        said = template.get("job_configuration") or usual(cls)
        filled = fill(said, lambda name: values.get(name, unfilled(name)))
        resolved = yield from resolve(filled)
        known = {each.name for each in fields(cls)}
        taken = {name: value for name, value in resolved.items() if name in known and value is not None}
        taken[ENV] = {name: as_text(value) for name, value in (taken.get(ENV) or {}).items()}
        try:
            return msgspec.convert(taken, cls, strict=False)
        except msgspec.ValidationError as wrong:
            raise ValueError(f"The job's configuration does not fit: {wrong}.") from None


def usual(kind: type[JobConfiguration]) -> dict[str, str]:
    """Return a template's job configuration that takes each field from the job variable of its name."""
    return {each.name: f"{{{{ {each.name} }}}}" for each in fields(kind)}


def given(template: Mapping[str, Any], of_deployment: Mapping[str, Any], of_run: Mapping[str, Any]) -> dict[str, Given]:
    """Return each job variable: the pool's default, over it the deployment's, over it the run's.

    Those of the environment are laid over each other one by one, and named `env.NAME`.
    """
    properties = template.get("variables", {}).get("properties", {})
    defaults = {name: each.get("default") for name, each in properties.items()}
    found: dict[str, Given] = {}
    layers: tuple[tuple[Level, Mapping[str, Any]], ...] = (
        ("pool", defaults),
        ("deployment", of_deployment),
        ("run", of_run),
    )
    for level, variables in layers:
        for name, value in variables.items():
            if name == ENV and isinstance(value, Mapping):
                found |= {f"{ENV}.{each}": Given(inner, level) for each, inner in value.items()}
            elif value is not None:
                found[name] = Given(value, level)
    return found


def nested(variables: Mapping[str, Given]) -> dict[str, Any]:
    """Return the values of job variables, those of the environment in one mapping."""
    values: dict[str, Any] = {ENV: {}}
    for name, (value, _) in variables.items():
        if name.startswith(f"{ENV}."):
            values[ENV][name.removeprefix(f"{ENV}.")] = value
        else:
            values[name] = value
    return values


def unfilled(name: str) -> Any:
    """Return what stands for a name that is no job variable: those of variables, blocks, the environment come later."""
    return f"{{{{ {name} }}}}" if "." in name or name.startswith("$") else MISSING


def as_text(value: Any) -> str | None:
    """Return a value of an environment variable."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
