"""What the class of a block says of itself: its slug, its description, and the schema of its fields."""

from __future__ import annotations

import inspect
import re
import types
import unicodedata
from collections.abc import Generator, Iterable, Iterator
from textwrap import dedent
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from lictor.wire.block_fields import PLACE, Fields, checksum

SECTION = re.compile(r"^\s*(args|arguments|attributes|examples?|notes?|raises|returns|warnings?|see also):\s*$", re.I)


class SecretDict(Secret[dict[str, Any]]):
    """A table whose values are all secret."""


def slug_of(name: str) -> str:
    """Return a name in lowercase letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def description_of(text: str | None) -> str | None:
    """Return what a docstring says before its first section, or None."""
    lines: list[str] = []
    for line in inspect.cleandoc(text or "").splitlines():
        if SECTION.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip() or None


def example_of(text: str | None) -> str | None:
    """Return what a docstring has under "Example:" or "Examples:", or None."""
    lines = inspect.cleandoc(text or "").splitlines()
    for at, line in enumerate(lines):
        if re.match(r"^examples?:\s*$", line, re.I):
            section = []
            for below in lines[at + 1 :]:
                if below and not below[0].isspace():
                    break
                section.append(below)
            return dedent("\n".join(section)).strip() or None
    return None


def inner_types(annotation: Any) -> tuple[Any, ...]:
    """Return the types that a union or a container consists of."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return get_args(annotation)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return get_args(annotation)[:1] if issubclass(origin, Generator) else get_args(annotation)
    return ()


def is_block(kind: Any) -> bool:
    """Tell whether a type is that of a block."""
    return isinstance(kind, type) and not get_origin(kind) and hasattr(kind, "get_block_type_slug")


def blocks_in(annotation: Any) -> Iterator[Any]:
    """Yield the classes of blocks that a type names."""
    if is_block(annotation):
        yield annotation
    for inner in inner_types(annotation):
        yield from blocks_in(inner)


def secrets_in(name: str, kind: Any) -> Iterator[str]:
    """Yield where a field has secrets: dotted names, with `*` for each of a table."""
    inner = inner_types(kind)
    if inner:
        for each in inner:
            yield from secrets_in(name, each)
    elif isinstance(kind, type) and not get_origin(kind) and issubclass(kind, BaseModel):
        for below, field in kind.model_fields.items():
            yield from secrets_in(f"{name}.{below}", field.annotation)
    elif kind is SecretDict:
        yield f"{name}.*"
    elif kind in (SecretStr, SecretBytes, Secret) or get_origin(kind) is Secret or is_secret(kind):
        yield name


def is_secret(kind: Any) -> bool:
    """Tell whether a type is pydantic's `Secret` of something."""
    return isinstance(kind, type) and issubclass(kind, Secret)


def complete(schema: Fields, model: Any) -> None:
    """Add to a JSON schema what it says of a block."""
    schema["block_type_slug"] = model.get_block_type_slug()
    description = model.get_description()
    schema.pop("description", None)
    if description:
        schema["description"] = description
    fields = model.model_fields.items()
    schema["secret_fields"] = [each for name, field in fields for each in secrets_in(name, field.annotation)]
    schema["block_schema_references"] = {
        name: references[0] if len(references) == 1 else references
        for name, field in fields
        if (references := [reference_to(block) for block in blocks_in(field.annotation)])
    }


def reference_to(block: Any) -> dict[str, str]:
    """Return how a schema refers to that of a block."""
    return {
        "block_type_slug": block.get_block_type_slug(),
        "block_schema_checksum": checksum(block.model_json_schema()),
    }


def arranged(schema: Fields, model: Any, by_alias: bool) -> Fields:
    """Return pydantic's JSON schema as blocks have it: with `definitions`, and the place of each field."""
    found: Fields = without(schema, "additionalProperties")
    if "$defs" in found:
        found["definitions"] = found.pop("$defs")
    number(found, model, by_alias)
    for name, block in nested(model).items():
        if name in found.get("definitions", {}):
            number(found["definitions"][name], block, by_alias)
    return found


def without(value: Any, name: str) -> Any:
    """Return an object without a name, at any level that is not below a list."""
    if not isinstance(value, dict):
        return value
    return {key: without(each, name) for key, each in value.items() if key != name}


def number(schema: Fields, model: Any, by_alias: bool) -> None:
    """Say at which place each field was declared."""
    properties = schema.get("properties", {})
    for place, (name, field) in enumerate(model.model_fields.items()):
        key = (field.alias or name) if by_alias else name
        if key in properties:
            properties[key]["position"] = place


def nested(model: Any) -> dict[str, Any]:
    """Return the classes of blocks that a class names, and those that these name."""
    found: dict[str, Any] = {}
    waiting = [model]
    while waiting:
        for field in waiting.pop().model_fields.values():
            for block in blocks_in(field.annotation):
                if block.__name__ not in found:
                    found[block.__name__] = block
                    waiting.append(block)
    return found


TEMPLATE = PLACE + "{model}"
