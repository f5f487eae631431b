"""What a work pool's base job template must be, and what variables fit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lictor.kit.braces import PLACEHOLDER
from lictor.kit.json import encode
from lictor.kit.json_schema import InvalidSchema, Problem, problems, without_required


def faults(template: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a template by itself: a missing half, or a variable that is used and not declared."""
    if not template:
        return None
    configuration, schema = template.get("job_configuration"), template.get("variables")
    if not (configuration and schema):
        return "A template has both 'job_configuration' and 'variables'; give both, or an empty object."
    if not isinstance(configuration, dict) or not isinstance(schema, dict):
        return "'job_configuration' and 'variables' are objects."
    declared = schema.get("properties") or {}
    used = PLACEHOLDER.findall(encode(configuration).decode())
    undeclared = sorted({name for name in used if name not in declared})
    if undeclared:
        return (
            "The variables that 'job_configuration' uses must be properties of 'variables'; "
            f"these are not: {', '.join(undeclared)}."
        )
    return None


def wrong_defaults(template: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the schema of a template's variables, or with their defaults."""
    schema = template.get("variables")
    if not schema:
        return None
    try:
        found = problems(without_required(schema), defaults_of(schema))
    except InvalidSchema as error:
        return f"base_job_template.variables: no JSON schema: {error}"
    return said("a default in base_job_template.variables does not fit its schema", found)


def wrong_variables(template: Mapping[str, Any], variables: Mapping[str, Any], *, whole: bool) -> str | None:
    """Return why job variables do not fit a template; `whole` ones must have all that is required.

    A default that does not fit counts as none, and lets nothing be missed.
    """
    schema = template.get("variables")
    if not schema:
        return None
    bare = without_required(schema)
    try:
        given = defaults_of(schema)
        fitting = {name: value for name, value in given.items() if not problems(bare, {name: value})}
        strict = whole and len(fitting) == len(given)
        found = problems(schema if strict else bare, {**fitting, **not_null(schema, variables)})
    except InvalidSchema:
        return None
    return said("job_variables do not fit the work pool's template", found)


def defaults_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of a template's variables, save null and references to blocks."""
    properties = schema.get("properties") or {}
    defaults = {name: own["default"] for name, own in properties.items() if isinstance(own, dict) and "default" in own}
    return {
        name: value
        for name, value in defaults.items()
        if value is not None and not (isinstance(value, dict) and "$ref" in value)
    }


def not_null(schema: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables without the nulls of such as have a default: those stand for it."""
    properties = schema.get("properties") or {}
    return {
        name: value
        for name, value in variables.items()
        if value is not None or "default" not in (properties.get(name) or {})
    }


def said(what: str, found: list[Problem]) -> str | None:
    """Return problems as one sentence."""
    if not found:
        return None
    reasons = [f"{'.'.join(map(str, each.path))}: {each.reason}" if each.path else each.reason for each in found]
    return f"{what}: {'; '.join(reasons)}."
