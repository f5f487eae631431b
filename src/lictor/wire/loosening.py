"""Reads what a JSON value was meant to be: `"20"` for a number, `1` for true, a date for a moment.

Only what cannot be read as it stands comes here; a value that means nothing of its type is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import inspect

from lictor.wire.walk import bare, shape, walk

TRUE, FALSE = frozenset({"true", "t", "yes", "y", "on", "1"}), frozenset({"false", "f", "no", "n", "off", "0"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 2e10
"""From this number on a moment is told in milliseconds since 1970, not in seconds."""

WHOLE, NUMBER = re.compile(r"\s*[+-]?\d{1,19}(\.0*)?\s*"), re.compile(r"\s*[+-]?\d+(\.\d*)?([eE][+-]?\d+)?\s*")


def loosened(kind: Any, value: Any) -> Any:
    """Return a value with every part of it that has another form of its type in its proper form."""
    return loosen(shape(kind), value)


def loosen(info: inspect.Type, value: Any) -> Any:
    """Return a value in the form of a type, or as it is."""
    info = bare(info)
    form = FORMS.get(type(info))
    return value if form is None else form(info, value)


def struct(info: Any, value: Any) -> Any:
    """Loosen the fields of an object."""
    if not isinstance(value, dict):
        return value
    kinds = {field.encode_name: field.type for field in info.fields}
    return {name: loosen(kinds[name], item) if name in kinds else item for name, item in value.items()}


def union(info: Any, value: Any) -> Any:
    """Loosen to the first type that fits, if the value fits none as it is."""
    if any(fits(kind, value) for kind in info.types):
        return value
    forms = (loosen(kind, value) for kind in info.types)
    return next((form for form in forms if not list(walk(info, form, []))), value)


def fits(kind: inspect.Type, value: Any) -> bool:
    """Tell whether a value is of a type as it stands; a whole number is without a point."""
    return not list(walk(kind, value, [])) and not (
        isinstance(value, float) and isinstance(bare(kind), inspect.IntType)
    )


def listed(info: Any, value: Any) -> Any:
    """Loosen the items of a list."""
    return [loosen(info.item_type, item) for item in value] if isinstance(value, list) else value


def table(info: Any, value: Any) -> Any:
    """Loosen the values of an object without fields of its own."""
    return {name: loosen(info.value_type, item) for name, item in value.items()} if isinstance(value, dict) else value


def whole(info: Any, value: Any) -> Any:
    """Read a whole number from a text, from one with a point, or from true and false."""
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value.partition(".")[0])
    return int(value) if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()) else value


def number(info: Any, value: Any) -> Any:
    """Read a number from a text or from true and false."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    return float(value) if isinstance(value, bool) else value


def truth(info: Any, value: Any) -> Any:
    """Read true and false from numbers and words."""
    word = value.lower() if isinstance(value, str) else str(int(value)) if value in (0, 1) else ""
    return True if word in TRUE else False if word in FALSE else value


def moment(info: Any, value: Any) -> Any:
    """Read a moment from a date, or from seconds or milliseconds since 1970."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            return midnight(value)
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    seconds = value / 1000 if abs(value) > MILLISECONDS_FROM else value
    try:
        return (EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return value


def midnight(text: str) -> str:
    """Return a date as the moment at which it begins, any other text as it is."""
    try:
        return f"{date.fromisoformat(text).isoformat()}T00:00:00Z"
    except ValueError:
        return text


def identifier(info: Any, value: Any) -> Any:
    """Read an id that is written in braces or as a URN."""
    return value.strip().removeprefix("urn:uuid:").strip("{}") if isinstance(value, str) else value


FORMS: dict[type[inspect.Type], Callable[[Any, Any], Any]] = {
    inspect.StructType: struct,
    inspect.UnionType: union,
    inspect.ListType: listed,
    inspect.DictType: table,
    inspect.IntType: whole,
    inspect.FloatType: number,
    inspect.BoolType: truth,
    inspect.DateTimeType: moment,
    inspect.UUIDType: identifier,
}
