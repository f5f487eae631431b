"""Answers that describe the API: its OpenAPI document, and a page made of it that needs no script."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any

from lictor import __version__
from lictor.kit.json import encode
from lictor.server.dispatch import HANDLERS, Request, answers
from lictor.server.reply import Reply
from lictor.wire.openapi import document
from lictor.wire.operations import documentation as operations

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}td{padding:.2rem .8rem .2rem 0;vertical-align:top}"
    "code{font:14px ui-monospace,monospace}h2{margin-top:2.5rem}h3{margin-bottom:0}"
)
DIGEST = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    b"content-security-policy",
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; frame-ancestors 'none'; base-uri 'none'".encode(),
)
HTML = (b"content-type", b"text/html; charset=utf-8")


@answers(operations.OPENAPI)
async def openapi(request: Request, body: None) -> Reply:
    """Describe the API as an OpenAPI 3.1 document."""
    return Reply(encode(described()))


@answers(operations.DOCS)
async def docs(request: Request, body: None) -> Reply:
    """Describe the API as a page; it loads nothing from elsewhere."""
    others = request.scope["answer_headers"]
    request.scope["answer_headers"] = tuple(header for header in others if header[0] != POLICY[0])
    return Reply(page().encode(), 200, (HTML, POLICY))


@cache
def described() -> dict[str, Any]:
    """Return the document of all operations; what a handler says of itself is the summary."""
    return document(HANDLERS, __version__, {row: handler.__doc__ or "" for row, handler in HANDLERS.items()})


@cache
def page() -> str:
    """Return the page."""
    whole = described()
    title = f"Lictor {__version__}: the API"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>",
        f"<h1>{title}</h1>",
        "<p>The same as an OpenAPI document: <a href=openapi.json>openapi.json</a>.",
        *operations_part(whole["paths"]),
        "<h2>Types</h2>",
        *types_part(whole["components"]["schemas"]),
    ]
    return "\n".join(parts)


def operations_part(paths: dict[str, Any]) -> Iterator[str]:
    """Yield the tables of operations, one a tag."""
    tags: dict[str, list[str]] = {}
    for path, methods in paths.items():
        for method, described in methods.items():
            tags.setdefault(described["tags"][0], []).append(operation_row(method, path, described))
    for tag, rows in sorted(tags.items()):
        yield f"<h2>{escape(tag)}</h2><table>{''.join(rows)}</table>"


def operation_row(method: str, path: str, described: dict[str, Any]) -> str:
    """Return the row of an operation."""
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    takes = f"<br>takes {kind(body)}" if body else ""
    answer = next(iter(described["responses"].values())).get("content", {})
    gives = "".join(f"<br>answers {kind(part['schema'])}" for part in answer.values())
    summary = escape(described.get("summary", ""))
    return f"<tr><td><code>{method.upper()}</code><td><code>{escape(path)}</code><td>{summary}{takes}{gives}"


def types_part(schemas: dict[str, Any]) -> Iterator[str]:
    """Yield the tables of types."""
    for name, schema in sorted(schemas.items()):
        needed = schema.get("required", ())
        rows = [
            f"<tr><td><code>{escape(field)}</code><td>{kind(part)}<td>{'required' if field in needed else ''}"
            for field, part in schema.get("properties", {}).items()
        ]
        values = " ".join(f"<code>{escape(str(value))}</code>" for value in schema.get("enum", ()))
        said = escape(schema.get("description", ""))
        yield f"<h3 id={escape(name)}>{escape(name)}</h3><p>{said} {values}<table>{''.join(rows)}</table>"


def kind(schema: dict[str, Any]) -> str:
    """Return a type in words, with a link where it has a name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href=#{name}>{name}</a>"
    if "anyOf" in schema:
        return " or ".join(kind(part) for part in schema["anyOf"])
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return f"list of {kind(schema['items'])}"
    return escape(str(schema.get("format") or schema.get("type") or "anything"))
