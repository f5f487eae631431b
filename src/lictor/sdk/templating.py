"""Placeholders in configuration: `{{ name }}`, and those of variables, blocks and the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lictor.client.errors import ObjectNotFound
from lictor.kit.braces import PLACEHOLDER
from lictor.sdk.api.block_type import read_block_document_by_name
from lictor.sdk.api.method import Steps
from lictor.sdk.api.variable import read_variable_by_name

VARIABLE, BLOCK, ENVIRONMENT = "prefect.variables.", "prefect.blocks.", "$"
MISSING = object()
"""Stands for a value that nobody has given; what it is the whole of is left out."""
BY_VALUE = frozenset({"value", "__prefect_block_type_slug"})
"""Blocks that have these fields alone, such as secrets, stand for their value."""

Find = Callable[[str], Any]


def fill(template: Any, find: Find, instead: str | None = None) -> Any:
    """Return a template with its placeholders filled in; `find` gives the value of a name, or MISSING.

    A text that is one placeholder becomes the value, whatever its type; in longer texts values stand as text, and for a
    name without a value stands `instead`, by default the placeholder as it is.
    """
    if isinstance(template, str):
        whole = PLACEHOLDER.fullmatch(template.strip())
        if whole is not None:
            return find(whole[1])
        return PLACEHOLDER.sub(
            lambda found: in_text(find(found[1]), found[0] if instead is None else instead), template
        )
    if isinstance(template, Mapping):
        items = {name: fill(value, find, instead) for name, value in template.items()}
        return {name: value for name, value in items.items() if value is not MISSING}
    if isinstance(template, list):
        return [value for each in template if (value := fill(each, find, instead)) is not MISSING]
    return template


def in_text(value: Any, instead: str) -> str:
    """Return a value as it stands in a longer text."""
    return instead if value is MISSING else str(value)


def at(values: Any, path: str) -> Any:
    """Return the part of values that a path names, such as `a.b[0].c`, or MISSING."""
    for each in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(values, Mapping) and each in values:
            values = values[each]
        elif isinstance(values, list) and each.isdecimal() and int(each) < len(values):
            values = values[int(each)]
        else:
            return MISSING
    return values


def placeholder(name: str) -> str:
    """Return the placeholder of a name."""
    return f"{{{{ {name} }}}}"


def names_in(template: Any) -> set[str]:
    """Return the names of all placeholders."""
    if isinstance(template, str):
        return set(PLACEHOLDER.findall(template))
    if isinstance(template, Mapping):
        template = list(template.values())
    return {name for each in template for name in names_in(each)} if isinstance(template, list) else set()


def resolve(template: Any) -> Steps[Any]:
    """Return a template with its placeholders of variables, blocks and the environment filled in; others stay.

    Raises ValueError for a block, a variable, or a part of a block that is not there.
    """
    values = yield from values_of(names_in(template))
    return fill(template, lambda name: values.get(name, placeholder(name)))


def values_of(names: Iterable[str]) -> Steps[dict[str, Any]]:
    """Return the values of those names that are variables, blocks or of the environment; raise as `resolve`."""
    values: dict[str, Any] = {}
    for name in sorted(names):
        if name.startswith(VARIABLE):
            values[name] = yield from variable(name.removeprefix(VARIABLE))
        elif name.startswith(BLOCK):
            values[name] = yield from part_of_block(name.removeprefix(BLOCK))
        elif name.startswith(ENVIRONMENT):
            values[name] = os.environ.get(name.removeprefix(ENVIRONMENT), "")
    return values


def variable(name: str) -> Steps[Any]:
    """Return the value of a variable."""
    found = yield from read_variable_by_name(name)
    if found is None:
        raise ValueError(f"There is no variable '{name}'.")
    return found.value


def part_of_block(path: str) -> Steps[Any]:
    """Return a block's value, or what its further names say of its fields."""
    kind, _, rest = path.partition(".")
    name, _, further = rest.partition(".")
    try:
        document = yield read_block_document_by_name(name, kind, include_secrets=True)
    except ObjectNotFound:
        raise ValueError(f"There is no block '{kind}/{name}'.") from None
    value: Any = document.data
    if not further and value.keys() <= BY_VALUE:
        return value.get("value")
    value = at(value, further) if further else value
    if value is MISSING:
        raise ValueError(f"Block '{kind}/{name}' has no '{further}'.")
    return value
