"""Values on the command line: JSON, or else texts as they stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

OPENING = ("{", "[", '"')
"""What begins so is meant to be JSON."""


def value_of(text: str) -> Any:
    """Return a value that is written as JSON, or the text as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def object_of(text: str, option: str) -> dict[str, Any]:
    """Return the object that an option gives as JSON; - reads it from standard input."""
    try:
        found = json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        raise click.ClickException(f"{option} is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise click.ClickException(f'{option} is no object: write {{"NAME": VALUE}}.')
    return found


def pairs_of(texts: Sequence[str], option: str) -> dict[str, Any]:
    """Return the values by name that an option gives as NAME=VALUE, several times."""
    found = {}
    for text in texts:
        name, equals, said = text.partition("=")
        if not equals or not name:
            raise click.ClickException(f"{option} '{text}' gives no value: write {option} NAME=VALUE.")
        value = value_of(said)
        if value == said and said.startswith(OPENING):
            raise click.ClickException(f"{option} '{text}': what follows = begins as JSON does, but is none.")
        found[name] = value
    return found


def kind_of(said: dict[str, Any]) -> str:
    """Return what values a JSON schema takes, in brief."""
    if "enum" in said:
        return " | ".join(map(str, said["enum"]))
    several = said.get("anyOf") or said.get("allOf")
    if several:
        return " | ".join(dict.fromkeys(kind_of(each) for each in several))
    return str(said.get("type") or said.get("$ref", "anything").rpartition("/")[2])
