"""What a block schema's fields say: their checksum, which clients and servers compute alike, and their definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

PLACE = "#/definitions/"
Fields = dict[str, Any]


def checksum(fields: Fields) -> str:
    """Return the checksum of a JSON schema: which fields are secret and the definitions of blocks do not count."""
    counted = without_secret_fields(fields)
    definitions = counted.pop("definitions", None)
    if definitions:
        needed = {name: plain for name, plain in definitions.items() if name in plain_names(fields)}
        if needed:
            counted["definitions"] = needed
    elif definitions is not None:
        counted["definitions"] = definitions
    text = json.dumps([[counted], {}], sort_keys=True)
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def without_secret_fields(value: Any) -> Any:
    """Return an object without what it says of secret fields, at any level that is not below a list."""
    if not isinstance(value, dict):
        return value
    return {name: without_secret_fields(each) for name, each in value.items() if name != "secret_fields"}


def plain_names(fields: Fields) -> set[str]:
    """Return the names of the definitions that something refers to and that are no blocks."""
    return {
        name
        for name in referred(fields)
        if (definition := fields["definitions"].get(name)) and definition.get("block_type_slug") is None
    }


def referred(value: Any) -> Iterator[str]:
    """Yield the names of the definitions that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from referred(item)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(PLACE)
        for item in value.values():
            yield from referred(item)


def below(definition: Fields, definitions: Fields) -> Fields:
    """Return the definitions that one needs, and what these need."""
    needed: Fields = {}
    waiting = list(referred(definition))
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed[name] = definitions[name]
            waiting += referred(definitions[name])
    return needed
