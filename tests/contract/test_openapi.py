"""The document printed from the table says the same as the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lictor import __version__
from lictor.wire.openapi import document
from lictor.wire.operation import Operation
from lictor.wire.operations import OPERATIONS
from tests.contract.cut import HERE, LOOSE

Schema = dict[str, Any]

CONTRACT: Schema = json.loads(HERE.read_text())
ROWS = tuple(row for row in OPERATIONS if not row.additive)
PRINTED: Schema = document(ROWS, __version__)

BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
NULL = ("null", None, None, ())
ZONES = "Africa/Abidjan|"
"""How the pattern of a time zone's name begins: which there are, the server looks up."""


def flat(schema: Schema, root: Schema, seen: tuple[str, ...] = ()) -> Any:  # noqa: PLR0911  # one for each kind
    """Return a schema without names, titles and order, so that two can be compared."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "again" if name in seen else flat(root["components"]["schemas"][name], root, (*seen, name))
    if "anyOf" in schema or "oneOf" in schema:
        return one_of([flat(part, root, seen) for part in schema.get("anyOf") or schema["oneOf"]])
    if "enum" in schema or "const" in schema:
        return ("one of", tuple(sorted(map(str, schema.get("enum") or [schema["const"]]))))
    kind = schema.get("type")
    if isinstance(kind, list):
        return one_of([flat({**schema, "type": part}, root, seen) for part in kind])
    bounds = tuple((name, float(schema[name])) for name in BOUNDS if name in schema)
    match kind:
        case "array":
            items = schema.get("items", {})
            prefix = schema.get("prefixItems")
            inner = tuple(flat(part, root, seen) for part in prefix) if prefix else flat(items or {}, root, seen)
            return ("list", inner, () if prefix else bounds)
        case "object" if "properties" in schema:
            tags = {
                name
                for name, part in schema["properties"].items()
                if "const" in part or len(part.get("enum", "..")) == 1
            }
            needed = set(schema.get("required", ())) - tags  # a tag is always sent, said or not
            closed = schema.get("additionalProperties") is False
            fields = {
                name: (flat(part, root, seen), name in needed) for name, part in sorted(schema["properties"].items())
            }
            return ("object", tuple(fields.items()), closed)
        case "object":
            values = schema.get("additionalProperties", {})
            return ("table", flat(values if isinstance(values, dict) else {}, root, seen))
        case None:
            return "anything"
    pattern = schema.get("pattern")
    return (kind, schema.get("format"), None if pattern and pattern.startswith(ZONES) else pattern, bounds)


def one_of(parts: list[Any]) -> Any:
    """Return alternatives without order and repetition; anything or something is anything."""
    distinct = {json.dumps(part, sort_keys=True): part for part in parts}
    for number in list(distinct):  # a number may be whole
        whole = number.replace('"number"', '"integer"')
        if whole != number:
            distinct.pop(whole, None)
    if '"anything"' in distinct:
        return "anything"
    return parts[0] if len(distinct) == 1 else ("any of", tuple(distinct[key] for key in sorted(distinct)))


ALLOWED = {
    "errors[]": "a reason, or an object of one of two kinds, which msgspec cannot tell apart",
    "key": "of an input: a pattern, where the reference fails with 500",
    "retry_delay": "at most 50 delays, as the reference's answers have it, though not its document",
    "retry_jitter_factor": "not negative, as the reference's answers have it, though not its document",
}
"""Differences that are meant, by the field's name."""


def differences(ours: Any, theirs: Any, place: str) -> list[str]:
    """Return where two flat schemas differ."""
    if theirs in (ours, "anything") or ours == one_of([theirs, NULL]):  # to be more exact, or to take null too, is fine
        return []
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and ours[:1] == theirs[:1] == ("object",):
        mine, yours = dict(ours[1]), dict(theirs[1])
        found = [f"{place}.{name}: only in one" for name in sorted(mine.keys() ^ yours.keys())]
        for name in sorted(mine.keys() & yours.keys()):
            found += differences(mine[name][0], yours[name][0], f"{place}.{name}")
            if mine[name][1] != yours[name][1]:
                found.append(f"{place}.{name}: required {mine[name][1]}, contract {yours[name][1]}")
        if ours[2] != theirs[2]:
            found.append(f"{place}: closed {ours[2]}, contract {theirs[2]}")
        return found
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and ours[:1] == theirs[:1] == ("table",):
        return differences(ours[1], theirs[1], f"{place}{{}}")
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and ours[:1] == theirs[:1] == ("list",):
        return differences(ours[1], theirs[1], f"{place}[]") + (
            [] if ours[2] == theirs[2] else [f"{place}: {ours[2]} {theirs[2]}"]
        )
    return [f"{place}: {ours}, contract {theirs}"]


def schema_of(part: Schema) -> Schema:
    content: Schema = next(iter(part.get("content", {}).values()), {"schema": {}})
    schema: Schema = content["schema"]
    return schema


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_operation_is_as_the_contract_has_it(row: Operation[Any, Any]) -> None:
    ours, theirs = (root["paths"][row.path][row.method.lower()] for root in (PRINTED, CONTRACT))
    found = []
    if row.takes_body or "requestBody" in theirs:
        found += differences(
            flat(schema_of(ours["requestBody"]), PRINTED), flat(schema_of(theirs["requestBody"]), CONTRACT), "body"
        )
    if (row.path, row.method.lower()) not in LOOSE:
        status = next(status for status in theirs["responses"] if status.startswith("2"))
        answered = ours["responses"].get(status) or ours["responses"][str(row.statuses[0])]
        found += differences(
            flat(schema_of(answered), PRINTED), flat(schema_of(theirs["responses"][status]), CONTRACT), "answer"
        )
        assert int(status) in row.statuses
    assert [each for each in found if each.partition(":")[0].rpartition(".")[2] not in ALLOWED] == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_operation_takes_the_contracts_parameters(row: Operation[Any, Any]) -> None:
    def named(root: Schema) -> set[tuple[str, str, bool]]:
        given = root["paths"][row.path][row.method.lower()].get("parameters", [])
        return {(one["in"], one["name"], bool(one.get("required"))) for one in given if one["in"] != "header"}

    assert named(PRINTED) == named(CONTRACT)


def test_every_type_of_a_path_id_is_a_uuid() -> None:
    for row in ROWS:
        for one in PRINTED["paths"][row.path][row.method.lower()]["parameters"]:
            if one["in"] == "path" and one["name"] == "id":
                assert one["schema"] == {"type": "string", "format": "uuid"}
