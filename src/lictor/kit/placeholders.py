"""Values that say how they are made: objects with `__prefect_kind`, as forms send them in place of plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from lictor.kit.json import decode_any
from lictor.kit.json_schema import Path, Problem

KIND = "__prefect_kind"
LEFT_OUT = object()
"""Stands for a value that was not given: it goes from what holds it."""


class Filled(NamedTuple):
    """Plain values, what could not be made of them (null stands there), and where templates await their rendering."""

    values: Any
    problems: list[Problem]
    templates: set[Path]


def filled(values: dict[str, Any]) -> Filled:
    """Return values with everything made that says how."""
    made = Filled({}, [], set())
    plain = fill(values, (), made)
    return made._replace(values={} if plain is LEFT_OUT else plain)


def fill(value: Any, path: Path, made: Filled) -> Any:
    """Return what stands in a value's place."""
    if isinstance(value, list):
        filled_items = [fill(item, (*path, at), made) for at, item in enumerate(value)]
        return [item for item in filled_items if item is not LEFT_OUT]
    if not isinstance(value, dict):
        return value
    if KIND in value:
        kind = value[KIND]
        maker = KINDS.get(kind) if isinstance(kind, str) else None
        return value.get("value") if maker is None else maker(value, path, made)
    items = {name: fill(item, (*path, name), made) for name, item in value.items()}
    return {name: item for name, item in items.items() if item is not LEFT_OUT}


def unmade(path: Path, made: Filled, reason: str) -> None:
    """Note that something could not be made."""
    made.problems.append(Problem(path, reason))


def from_plain(said: dict[str, Any], path: Path, made: Filled) -> Any:
    """Return a value that is given as it is."""
    if "value" in said:
        return fill(said["value"], path, made)
    return unmade(path, made, "The key 'value' is missing.")


def from_json(said: dict[str, Any], path: Path, made: Filled) -> Any:
    """Return a value that is given as JSON text."""
    if "value" not in said:
        return LEFT_OUT
    value = said["value"]
    text = fill(value, path, made) if isinstance(value, dict) else value
    if not isinstance(text, str):
        return text
    try:
        return decode_any(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return unmade(path, made, f"Invalid JSON: {error}")


def from_template(said: dict[str, Any], path: Path, made: Filled) -> Any:
    """Note a template: what it will give is not known yet."""
    if "template" not in said:
        return unmade(path, made, "The key 'template' is missing.")
    fill(said["template"], path, made)
    made.templates.add(path)
    return None


def from_variable(said: dict[str, Any], path: Path, made: Filled) -> Any:
    """Return the value of a variable: none exist yet."""
    if "variable_name" not in said:
        return LEFT_OUT
    name = fill(said["variable_name"], path, made)
    return unmade(path, made, f"Variable {name!r} not found in workspace.")


KINDS: dict[str, Callable[[dict[str, Any], Path, Filled], Any]] = {
    "none": from_plain,
    "json": from_json,
    "jinja": from_template,
    "workspace_variable": from_variable,
}
"""How each kind is made; a value of another kind is taken as it is."""
