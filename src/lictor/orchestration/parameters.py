"""The parameters of a deployment and of its runs: made plain, and compared with the schema of its flow's."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from lictor.kit.json import decode_any, encode, raw
from lictor.kit.json_schema import InvalidSchema, Problem, Schema, problems
from lictor.kit.placeholders import KIND
from lictor.orchestration.placeholders import plainly
from lictor.orchestration.refusal import Conflict, Unacceptable, Unfit
from lictor.store.transaction import Transaction
from lictor.wire.problem import InvalidRequest
from lictor.wire.types.common import JSONObject
from lictor.wire.types.deployment import Deployment, DeploymentCreate, DeploymentUpdate

NO_SCHEMA = "The deployment enforces a parameter schema, but has none: give it one, or do not enforce it."


def hydrated(parameters: JSONObject) -> Transaction[JSONObject]:
    """Return parameters as plain values: everything made that says how, with variables and templates."""
    if KIND.encode() not in b"".join(bytes(value) for value in parameters.values()):
        return parameters
    made = yield from plainly(plain(parameters))
    if made.problems:
        raise Unacceptable(f"The parameters cannot be read. {spoken(made.problems[0])}")
    return {name: raw(value) for name, value in made.values.items()}


def plain(values: JSONObject) -> dict[str, Any]:
    """Return an object of texts as one of values."""
    decoded: dict[str, Any] = decode_any(encode(values))
    return decoded


def check_new(body: DeploymentCreate) -> None:
    """Refuse a new deployment that asks for its schema to be enforced and breaks it, or has none that is valid."""
    schema = body.parameter_openapi_schema
    if body.enforce_parameter_schema is not True or not isinstance(schema, dict):
        return
    try:
        found = problems(plain(schema), plain(body.parameters), formats=False, partial=True)
    except InvalidSchema as error:
        raise invalid(f"parameter_openapi_schema: not a valid schema: {error}") from None
    if found:
        raise invalid(f"parameters: {spoken(found[0])}")


def invalid(message: str) -> InvalidRequest:
    """Return the refusal of a body that breaks its own schema."""
    return InvalidRequest([{"type": "value_error", "loc": ["body"], "msg": message}], None)


def check_parameters(body: DeploymentUpdate, before: Deployment) -> None:
    """Refuse a change after which a deployment's parameters would not fit its schema; some may be missing."""
    enforce = before.enforce_parameter_schema if body.enforce_parameter_schema in (UNSET, None) else True
    if not enforce or body.enforce_parameter_schema is False:
        return
    parameters = body.parameters if isinstance(body.parameters, dict) else before.parameters
    schema = body.parameter_openapi_schema
    if not isinstance(schema, dict) or not schema:
        schema = before.parameter_openapi_schema
    found = compared(parameters, schema, partial=True)
    if found:
        raise Conflict(f"The parameters do not fit. {spoken(found[0])}")


def check_run(parameters: JSONObject, schema: JSONObject | None) -> None:
    """Refuse the parameters of a run that do not fit its deployment's schema."""
    found = compared(parameters, schema)
    if found:
        raise Conflict(f"The parameters do not fit. {spoken(found[0])}")


def compared(parameters: JSONObject, schema: JSONObject | None, partial: bool = False) -> list[Problem]:
    """Return what is wrong with parameters."""
    if schema is None:
        raise Conflict(NO_SCHEMA)
    read: Schema = plain(schema)
    try:
        return problems(read, plain(parameters), formats=False, partial=partial)
    except InvalidSchema as error:
        raise Unfit(f"The deployment's parameter schema is not valid: {error}") from None


def spoken(problem: Problem) -> str:
    """Return a problem as a sentence."""
    place = ".".join(map(str, problem.path))
    return f"{place}: {problem.reason}" if place else problem.reason
