"""Values that say how they are made: objects with `__prefect_kind`, as forms send them in place of plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from lictor.kit.json import decode_any
from lictor.kit.json_schema import Path, Problem
from lictor.kit.template import InvalidTemplate, Work, check, rendered

KIND = "__prefect_kind"
MISSING = object()
"""Stands for the value of a variable that is not there."""
LEFT_OUT = object()
"""Stands for a value that was not given: it goes from what holds it."""
UNMADE = object()
"""Stands for a value that cannot be made, or not yet: null takes its place."""


class Filled(NamedTuple):
    """Plain values, what could not be made of them (null stands there), and what else has to be known first."""

    values: Any
    problems: list[Problem]
    templates: set[Path]
    """Where templates await their rendering."""
    wanted: set[str]
    """The names of variables that are not known."""


class Making(NamedTuple):
    """What values are made with, and what becomes of them."""

    made: Filled
    variables: Mapping[str, Any]
    work: Work | None


def filled(values: dict[str, Any], variables: Mapping[str, Any], *, render: bool) -> Filled:
    """Return values with everything made that says how.

    `variables` has what is known of them, and `MISSING` for those that are not there. Without `render` templates are
    looked at, and stay.
    """
    making = Making(Filled({}, [], set(), set()), variables, Work() if render else None)
    plain = fill(values, (), making)
    return making.made._replace(values={} if plain is LEFT_OUT else known(plain))


def fill(value: Any, path: Path, making: Making) -> Any:
    """Return what stands in a value's place."""
    if isinstance(value, list):
        filled_items = [fill(item, (*path, at), making) for at, item in enumerate(value)]
        return [known(item) for item in filled_items if item is not LEFT_OUT]
    if not isinstance(value, dict):
        return value
    if KIND in value:
        kind = value[KIND]
        maker = KINDS.get(kind) if isinstance(kind, str) else None
        return value.get("value") if maker is None else maker(value, path, making)
    items = {name: fill(item, (*path, name), making) for name, item in value.items()}
    return {name: known(item) for name, item in items.items() if item is not LEFT_OUT}


def known(value: Any) -> Any:
    """Return a value, null for one that could not be made."""
    return None if value is UNMADE else value


def unmade(path: Path, making: Making, reason: str) -> Any:
    """Note that something could not be made."""
    making.made.problems.append(Problem(path, reason))
    return UNMADE


def part(said: dict[str, Any], name: str, path: Path, making: Making) -> Any:
    """Return what a value is made from, which may itself say how it is made."""
    return fill(said[name], path, making) if isinstance(said[name], dict) else said[name]


def from_plain(said: dict[str, Any], path: Path, making: Making) -> Any:
    """Return a value that is given as it is."""
    if "value" in said:
        return fill(said["value"], path, making)
    return unmade(path, making, "The key 'value' is missing.")


def from_json(said: dict[str, Any], path: Path, making: Making) -> Any:
    """Return a value that is given as JSON text."""
    if "value" not in said:
        return LEFT_OUT
    text = part(said, "value", path, making)
    if not isinstance(text, str):
        return text
    try:
        return decode_any(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return unmade(path, making, f"Invalid JSON: {error}")


def from_template(said: dict[str, Any], path: Path, making: Making) -> Any:
    """Return what a template gives; note it if it is not to be rendered."""
    if "template" not in said:
        return unmade(path, making, "The key 'template' is missing.")
    text = part(said, "template", path, making)
    if text is LEFT_OUT or text is UNMADE:
        return text
    if not isinstance(text, str):
        return unmade(path, making, "Invalid jinja: a template is a text.")
    try:
        if making.work is not None:
            return rendered(text, {}, making.work)
        check(text)
    except InvalidTemplate as error:
        return unmade(path, making, f"Invalid jinja: {error}")
    making.made.templates.add(path)
    return UNMADE


def from_variable(said: dict[str, Any], path: Path, making: Making) -> Any:
    """Return the value of a variable; note its name if it is not known."""
    if "variable_name" not in said:
        return LEFT_OUT
    name = part(said, "variable_name", path, making)
    if name is LEFT_OUT or name is UNMADE:
        return name
    if not isinstance(name, str) or "\0" in name:
        return unmade(path, making, "There is no variable without a proper name.")
    if name not in making.variables:
        making.made.wanted.add(name)
        return UNMADE
    value = making.variables[name]
    return unmade(path, making, f"Variable {name!r} not found in workspace.") if value is MISSING else value


KINDS: dict[str, Callable[[dict[str, Any], Path, Making], Any]] = {
    "none": from_plain,
    "json": from_json,
    "jinja": from_template,
    "workspace_variable": from_variable,
}
"""How each kind is made; a value of another kind is taken as it is."""
