"""Walks a JSON value along the type that it should have: what is wrong with it, and what of it is unknown."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

Detail = dict[str, Any]
Place = list[str | int]
Found = Iterator[Detail]

SMALLEST, LARGEST = -(2**63), 2**63 - 1
BOUNDS: tuple[tuple[str, str, str, Callable[[float, float], bool]], ...] = (
    ("ge", "greater_than_equal", "greater than or equal to", operator.ge),
    ("gt", "greater_than", "greater than", operator.gt),
    ("le", "less_than_equal", "less than or equal to", operator.le),
    ("lt", "less_than", "less than", operator.lt),
)


@cache
def shape(kind: Any) -> inspect.Type:
    """Return a type as msgspec sees it."""
    return inspect.type_info(kind)


def problems(kind: Any, value: Any, place: Place) -> list[Detail]:
    """Return everything that is wrong with a value; nothing if it has the type."""
    return list(walk(shape(kind), value, place))


def wrong(code: str, place: Place, message: str, value: Any) -> Detail:
    """Describe one mistake."""
    return {"type": code, "loc": place, "msg": message, "input": value}


def bare(info: inspect.Type) -> inspect.Type:
    """Return a type without what is said about it."""
    return bare(info.type) if isinstance(info, inspect.Metadata) else info


def walk(info: inspect.Type, value: Any, place: Place) -> Found:
    """Yield the mistakes of a value; a type may come with a `check` of its own, where it is kept as text."""
    if isinstance(info, inspect.Metadata) and info.extra and "check" in info.extra:
        yield from info.extra["check"](value, place)
        return
    info = bare(info)
    check = CHECKS.get(type(info))
    if check is not None:
        yield from check(info, value, place)


def check_struct(info: Any, value: Any, place: Place) -> Found:
    """Yield missing, unknown and wrong fields."""
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        yield wrong("model_attributes_type", place, message, value)
        return
    known = {field.encode_name: field for field in info.fields}
    if info.tag_field is not None and value.get(info.tag_field) != info.tag:
        code = "literal_error" if info.tag_field in value else "missing"
        yield wrong(code, [*place, info.tag_field], f"Input should be {info.tag!r}", value)
    for name, field in known.items():
        if name in value:
            yield from walk(field.type, value[name], [*place, name])
        elif field.required:
            yield wrong("missing", [*place, name], "Field required", value)
    if info.forbid_unknown_fields:
        for name in value:
            if name not in known and name != info.tag_field:
                yield wrong("extra_forbidden", [*place, name], "Extra inputs are not permitted", value[name])


def check_union(info: Any, value: Any, place: Place) -> Found:
    """Yield nothing if the value fits one of the types, else the mistakes of the one it comes closest to."""
    kinds = [bare(kind) for kind in info.types]
    tagged = {kind.tag: kind for kind in kinds if isinstance(kind, inspect.StructType) and kind.tag is not None}
    if isinstance(value, dict) and tagged:
        field = next(iter(tagged.values())).tag_field or "type"
        tag = value.get(field)
        kinds = [tagged[tag]] if isinstance(tag, str) and tag in tagged else list(tagged.values())
    found = [list(walk(kind, value, place)) for kind in kinds]
    if all(found):
        real = [mistakes for kind, mistakes in zip(kinds, found, strict=True) if not isinstance(kind, inspect.NoneType)]
        yield from min(real or found, key=len)


def check_integer(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being a whole number within its bounds."""
    if isinstance(value, str):
        yield wrong("int_parsing", place, "Input should be a valid integer", value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        yield wrong("int_type", place, "Input should be a valid integer", value)
    elif value % 1:
        yield wrong("int_from_float", place, "Input should be a valid integer, not a fraction", value)
    elif not SMALLEST <= value <= LARGEST:
        yield wrong("int_parsing_size", place, "Input should fit into 64 bits", value)
    else:
        yield from check_bounds(info, value, place)


def check_number(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being a number within its bounds."""
    if isinstance(value, str):
        yield wrong("float_parsing", place, "Input should be a valid number", value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        yield wrong("float_type", place, "Input should be a valid number", value)
    else:
        yield from check_bounds(info, value, place)


def check_bounds(info: Any, value: float, place: Place) -> Found:
    """Yield the bounds that a number passes."""
    for name, code, words, kept in BOUNDS:
        bound = getattr(info, name)
        if bound is not None and not kept(value, bound):
            yield wrong(code, place, f"Input should be {words} {bound}", value)


def check_text(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being a text of the right length and pattern."""
    if not isinstance(value, str):
        yield wrong("string_type", place, "Input should be a valid string", value)
    elif info.max_length is not None and len(value) > info.max_length:
        yield wrong("string_too_long", place, f"String should have at most {info.max_length} characters", value)
    elif info.min_length is not None and len(value) < info.min_length:
        yield wrong("string_too_short", place, f"String should have at least {info.min_length} characters", value)
    elif info.pattern is not None and re.search(info.pattern, value) is None:
        yield wrong("string_pattern_mismatch", place, f"String should match pattern '{info.pattern}'", value)


def check_boolean(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being true or false."""
    if not isinstance(value, bool):
        yield wrong(
            "bool_parsing" if isinstance(value, str | int) else "bool_type",
            place,
            "Input should be a valid boolean",
            value,
        )


def check_null(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being null."""
    if value is not None:
        yield wrong("none_required", place, "Input should be null", value)


def check_by_reading(kind: Any, code: str, message: str, other: str = "") -> Callable[[Any, Any, Place], Found]:
    """Return a check that tries to read a text as a type; `other` is the code of what is no text."""
    other = other or code

    def check(info: Any, value: Any, place: Place) -> Found:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            yield wrong(code if isinstance(value, str) else other, place, message, value)

    return check


def check_choice(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being one of a few."""
    choices = [member.value for member in info.cls] if isinstance(info, inspect.EnumType) else list(info.values)
    if not any(type(choice) is type(value) and choice == value for choice in choices):
        listed = ", ".join(repr(choice) for choice in choices)
        code = "enum" if isinstance(info, inspect.EnumType) else "literal_error"
        yield wrong(code, place, f"Input should be one of {listed}", value)


def check_list(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being a list, and the mistakes of its items."""
    if not isinstance(value, list):
        yield wrong("list_type", place, "Input should be a valid list", value)
        return
    if info.max_length is not None and len(value) > info.max_length:
        yield wrong("too_long", place, f"List should have at most {info.max_length} items", value)
    if info.min_length is not None and len(value) < info.min_length:
        yield wrong("too_short", place, f"List should have at least {info.min_length} items", value)
    for at, item in enumerate(value):
        yield from walk(info.item_type, item, [*place, at])


def check_pair(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being a list of so many items, each of its type."""
    if not isinstance(value, list) or len(value) != len(info.item_types):
        yield wrong("tuple_type", place, f"Input should be a list of {len(info.item_types)} items", value)
        return
    for at, (kind, item) in enumerate(zip(info.item_types, value, strict=True)):
        yield from walk(kind, item, [*place, at])


def check_table(info: Any, value: Any, place: Place) -> Found:
    """Yield what keeps a value from being an object, and the mistakes of its values."""
    if not isinstance(value, dict):
        yield wrong("dict_type", place, "Input should be a valid dictionary", value)
        return
    for name, item in value.items():
        yield from walk(info.value_type, item, [*place, name])


CHECKS: dict[type[inspect.Type], Callable[[Any, Any, Place], Found]] = {
    inspect.StructType: check_struct,
    inspect.UnionType: check_union,
    inspect.IntType: check_integer,
    inspect.FloatType: check_number,
    inspect.StrType: check_text,
    inspect.BoolType: check_boolean,
    inspect.NoneType: check_null,
    inspect.DateTimeType: check_by_reading(datetime, "value_error", "Input should be a valid datetime"),
    inspect.UUIDType: check_by_reading(UUID, "uuid_parsing", "Input should be a valid UUID", "uuid_type"),
    inspect.EnumType: check_choice,
    inspect.LiteralType: check_choice,
    inspect.ListType: check_list,
    inspect.TupleType: check_pair,
    inspect.DictType: check_table,
}


def without_unknown(kind: Any, value: Any) -> Any:
    """Return a value without the fields that its type does not know, at every level."""
    return pruned(shape(kind), value)


def pruned(info: Any, value: Any) -> Any:
    """Return a value without unknown fields."""
    info = bare(info)
    match info:
        case inspect.StructType() if isinstance(value, dict):
            known = {field.encode_name: field.type for field in info.fields}
            kept = {name: pruned(known[name], item) for name, item in value.items() if name in known}
            tag = info.tag_field
            return kept | {tag: value[tag]} if tag is not None and tag in value else kept
        case inspect.ListType() if isinstance(value, list):
            return [pruned(info.item_type, item) for item in value]
        case inspect.DictType() if isinstance(value, dict):
            return {name: pruned(info.value_type, item) for name, item in value.items()}
        case inspect.UnionType():
            fitting = next((kind for kind in info.types if not list(walk(kind, pruned(kind, value), []))), None)
            return value if fitting is None else pruned(fitting, value)
    return value
