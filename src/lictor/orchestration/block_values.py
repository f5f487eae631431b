"""The values of block documents: which are secret, what masks them, and what refers to other documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from lictor.orchestration.refusal import Unacceptable

MASK = "********"
ANY = "*"
REFERENCE = "$ref"
ABSENT = object()
Values = dict[str, Any]


def parted(values: Values) -> tuple[Values, list[tuple[str, UUID]]]:
    """Return values without their references to other documents, and these."""
    references = []
    for name, value in values.items():
        if isinstance(value, dict) and REFERENCE in value:
            references.append((name, referred(name, value[REFERENCE])))
    named = {name for name, _ in references}
    return {name: value for name, value in values.items() if name not in named}, references


def referred(name: str, reference: Any) -> UUID:
    """Return the id of the document that a value refers to."""
    said = reference.get("block_document_id") if isinstance(reference, dict) else None
    try:
        return UUID(str(said))
    except ValueError:
        raise Unacceptable(
            f'data.{name}: a reference is {{"$ref": {{"block_document_id": "<id of a block document>"}}}}.'
        ) from None


def paths(fields: Values) -> list[list[str]]:
    """Return where a schema's secrets are."""
    said = fields.get("secret_fields")
    return [path.split(".") for path in said if isinstance(path, str)] if isinstance(said, list) else []


def masked(values: Values, secret: Iterable[list[str]]) -> Values:
    """Return values with a mask in place of every secret."""
    for path in secret:
        values = at(values, values, path, lambda value, _, named: covered(value, named))
    return values


def restored(values: Values, before: Values, secret: Iterable[list[str]]) -> Values:
    """Return values with the secrets of before where only their mask was given."""
    for path in secret:
        values = at(values, before, path, lambda value, old, _: uncovered(value, old))
    return values


def at(value: Any, other: Any, path: list[str], change: Any) -> Any:
    """Return a value with what is at a path changed; `other` has the same form and is walked along.

    A list's items and the values of a table are looked into as if they stood in its place.
    """
    if not path or path[0] == ANY:
        return change(value, other, bool(path))
    if isinstance(value, list):
        others = other if isinstance(other, list) and len(other) == len(value) else [ABSENT] * len(value)
        return [at(item, old, path, change) if nested(item) else item for item, old in zip(value, others, strict=True)]
    if not isinstance(value, dict):
        return value
    name, table = path[0], other if isinstance(other, dict) else {}
    if name in value:
        return {**value, name: at(value[name], table.get(name, ABSENT), path[1:], change)}
    return {
        key: at(item, table.get(key, ABSENT), path, change) if nested(item) else item for key, item in value.items()
    }


def nested(value: Any) -> bool:
    """Tell whether a value holds others."""
    return isinstance(value, dict | list)


def covered(value: Any, named: bool) -> Any:
    """Return a mask for a secret, for each value of a table; null stays unless it is one of those."""
    if isinstance(value, dict) and value:
        return {name: covered(item, True) for name, item in value.items()}
    return None if value is None and not named else MASK


def uncovered(value: Any, before: Any) -> Any:
    """Return a secret, or the one before where a mask was given."""
    if isinstance(value, dict) and value:
        table = before if isinstance(before, dict) else {}
        return {name: uncovered(item, table.get(name, ABSENT)) for name, item in value.items()}
    return before if value == MASK and before is not ABSENT else value
