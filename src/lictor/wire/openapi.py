"""Prints the OpenAPI document from the table of operations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lictor.kit.ids import is_id
from lictor.wire.operation import Operation

Document = dict[str, Any]
AnyOperation = Operation[Any, Any]

REFERENCE = "#/components/schemas/{name}"
PARAMETER = re.compile(r"\{(\w+)\}")


class Problem(msgspec.Struct, kw_only=True):
    """One reason why a request is refused."""

    loc: list[str | int]
    msg: str
    type: str
    input: Any = None


class InvalidRequestAnswer(msgspec.Struct, kw_only=True):
    """The answer to a request that cannot be understood."""

    exception_message: str
    exception_detail: list[Problem]
    request_body: Any = None


def document(
    operations: Iterable[AnyOperation], version: str, summaries: Mapping[AnyOperation, str] | None = None
) -> Document:
    """Return the OpenAPI 3.1 document of a table; `summaries` says a sentence of some rows."""
    rows = tuple(operations)
    kinds = list(dict.fromkeys([kind for row in rows for kind in types_of(row)]))
    schemas, components = msgspec.json.schema_components(
        [*kinds, InvalidRequestAnswer], schema_hook=free, ref_template=REFERENCE
    )
    known = dict(zip(kinds, schemas, strict=False))
    paths: dict[str, Any] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = described(row, known, schemas[-1])
        if summaries and row in summaries:
            paths[row.path][row.method.lower()]["summary"] = summaries[row]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lictor", "version": version},
        "paths": paths,
        "components": {"schemas": components},
    }


def free(kind: Any) -> Document:
    """Return the schema of JSON that is kept as text: anything."""
    if kind is msgspec.Raw:
        return {}
    raise NotImplementedError


def types_of(row: AnyOperation) -> list[Any]:
    """Return the types that a row carries."""
    return [kind for kind in (row.body, row.result, row.query) if kind not in (None, type(None))]


def described(row: AnyOperation, known: dict[Any, Document], refusal: Document) -> Document:
    """Return a row's part of the document."""
    answer = {"description": "", "content": {row.media: {"schema": known[row.result]}}} if row.result in known else None
    found: Document = {
        "tags": [row.path.strip("/").partition("/")[0] or "root"],
        "parameters": parameters(row, known),
        "responses": {str(status): answer or {"description": ""} for status in row.statuses},
        "x-lictor-need": row.need,
    }
    if row.takes_body:
        sent = {"content": {"application/json": {"schema": known[row.body]}}}
        found["requestBody"] = {**({"required": True} if row.needs_body else {}), **sent}
    if row.takes_body or row.query is not None:
        found["responses"]["422"] = {"description": "", "content": {"application/json": {"schema": refusal}}}
    return found


def parameters(row: AnyOperation, known: dict[Any, Document]) -> list[Document]:
    """Return the parameters of a row's path and query."""
    found = [
        {"name": name, "in": "path", "required": True, "schema": path_schema(name)}
        for name in PARAMETER.findall(row.path)
    ]
    if row.query is not None:
        schema = msgspec.json.schema(row.query)
        body = schema["$defs"][schema["$ref"].rpartition("/")[2]]
        found += [
            {"name": name, "in": "query", "required": name in body.get("required", ()), "schema": part}
            for name, part in body["properties"].items()
        ]
    return found


def path_schema(name: str) -> Document:
    """Return the schema of a path's parameter: ids are UUIDs."""
    return {"type": "string", "format": "uuid"} if is_id(name) else {"type": "string"}
