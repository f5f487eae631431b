"""Compares values with JSON schemas as pydantic writes them, and says what is wrong as the contract does."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    import jsonschema_rs

Schema = dict[str, Any]
Path = tuple[str | int, ...]
Wrong = str | dict[str, Any]
"""A reason, or what is wrong further in: `{property or index, errors}`."""

BLOCK_REFERENCE: Schema = {
    "type": "object",
    "properties": {
        "$ref": {
            "oneOf": [
                {"type": "string", "format": "uuid"},
                {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
            ]
        }
    },
    "required": ["$ref"],
}
"""What may stand where a block is wanted: the id of one."""


class InvalidSchema(Exception):
    """A schema is none, or refers to something that it does not have."""


class Problem(NamedTuple):
    """What is wrong, and where."""

    path: Path
    reason: str


def problems(schema: Schema, values: Any, *, formats: bool = True, partial: bool = False) -> list[Problem]:
    """Return everything that is wrong with some values; raise InvalidSchema where the schema is.

    Without `formats` a text may be of any format; with `partial` nothing is missing. Nothing is fetched, whatever a
    schema refers to.
    """
    import jsonschema_rs  # noqa: PLC0415  # only who compares pays for loading it

    try:
        asked = without_required(loosened(schema)) if partial else loosened(schema)
        validator = jsonschema_rs.Draft202012Validator(asked, validate_formats=formats, retriever=refuse)
        return [problem(error) for error in validator.iter_errors(values)]
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise InvalidSchema(getattr(error, "message", str(error))) from None
    except (ValueError, RecursionError) as error:
        raise InvalidSchema(str(error)) from None


def refuse(address: str) -> NoReturn:
    """Refuse to fetch another schema."""
    raise ValueError("schemas are never fetched")


def problem(error: jsonschema_rs.ValidationError) -> Problem:
    """Read an error; that something is missing is said where it should be."""
    missing = getattr(error.kind, "property", None) if "Required" in type(error.kind).__name__ else None
    return Problem((*error.instance_path, *([] if missing is None else [missing])), error.message)


def loosened(schema: Schema) -> Schema:
    """Return a schema that takes what older pydantic meant: null where a property is optional and has no default,
    lists of `items`, and ids of blocks.
    """
    schema = deepcopy(schema)
    loosen(schema)
    definitions = schema.get("definitions")
    if not isinstance(definitions, dict):
        return schema
    for definition in list(definitions.values()):
        if isinstance(definition, dict):
            loosen(definition)
            if "block_type_slug" in definition and isinstance(definition.get("title"), str):
                definitions[definition["title"]] = {"oneOf": [definition, BLOCK_REFERENCE]}
    return schema


def loosen(schema: Schema) -> None:
    """Loosen the properties of a schema, and theirs."""
    properties, required = schema.get("properties"), schema.get("required")
    required = required if isinstance(required, list) else []
    for name, own in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(own, dict):
            continue
        if name not in required and own.get("type", "null") != "null" and "default" not in own:
            own["anyOf"] = [{"type": own.pop("type")}, {"type": "null"}]
        if own.get("items") and isinstance(own["items"], list) and not own.get("prefixItems"):
            own["prefixItems"] = own.pop("items")
        loosen(own)


def without_required(schema: Any) -> Any:
    """Return a schema that requires no property, at any depth."""
    if isinstance(schema, list):
        return [without_required(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_required(part)
        for name, part in schema.items()
        if not (name == "required" and isinstance(part, list))
    }


def tree(found: list[Problem]) -> list[Wrong]:
    """Return problems as the contract nests them, by property and index."""
    root: list[Wrong] = []
    for path, reason in found:
        errors = root
        for part in path[:-1]:
            errors = inner(errors, part)
        errors.append(entry(path[-1], [reason]) if path else reason)
    return root


def inner(errors: list[Wrong], part: str | int) -> list[Wrong]:
    """Return the list of what is wrong within a property or an item."""
    key = "index" if isinstance(part, int) else "property"
    for known in errors:
        if isinstance(known, dict) and known.get(key) == part:
            within: list[Wrong] = known["errors"]
            return within
    within = []
    errors.append(entry(part, within))
    return within


def entry(part: str | int, errors: list[Wrong]) -> dict[str, Any]:
    """Return what is wrong within a property or an item."""
    return {"index" if isinstance(part, int) else "property": part, "errors": errors}
